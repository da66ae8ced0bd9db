package holdfast.store;

/// Waiting that has to come to its end: whoever is interrupted while it closes a store closes it
/// all the same, and is interrupted afterwards.
public final class Uninterrupted {
  /// Something to wait for.
  @FunctionalInterface
  public interface Wait {
    void run() throws InterruptedException;
  }

  private Uninterrupted() {}

  /// Waits to the end; begins again, with its whole time, after each interrupt.
  public static void await(Wait wait) {
    boolean interrupted = false;
    boolean done = false;
    while (!done) {
      try {
        wait.run();
        done = true;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
