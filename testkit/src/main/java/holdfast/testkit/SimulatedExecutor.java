package holdfast.testkit;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;

/// A background thread that a test turns by hand: tasks wait, in their order, until they are run.
public final class SimulatedExecutor implements Executor {
  private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();

  @Override
  public synchronized void execute(Runnable task) {
    tasks.add(task);
  }

  /// Runs the oldest task on the caller's thread; false if there is none.
  public boolean runOne() {
    Runnable task;
    synchronized (this) {
      task = tasks.poll();
    }
    if (task == null) {
      return false;
    }
    task.run();
    return true;
  }

  /// Runs everything, what the tasks themselves hand in included.
  public void runAll() {
    boolean more = true;
    while (more) {
      more = runOne();
    }
  }
}
