package holdfast.store;

/// Where the journal's writer sleeps: woken only when it does sleep, and only once. Waits on the
/// journal's lock and is guarded by it.
final class WriterBell {
  private final Object lock;
  private boolean waiting;
  private boolean timed;

  WriterBell(Object lock) {
    this.lock = lock;
  }

  /// Whether the writer sleeps and nobody has woken it.
  boolean isWaiting() {
    return waiting;
  }

  /// Whether it will wake by itself, to look whether the journal is idle.
  boolean isTimed() {
    return timed;
  }

  void ring() {
    if (waiting) {
      waiting = false;
      lock.notifyAll();
    }
  }

  /// Sleeps until the bell rings.
  void await() throws InterruptedException {
    waiting = true;
    while (waiting) {
      lock.wait();
    }
  }

  /// Sleeps until the bell rings: true, or the time has passed: false.
  boolean awaitNanos(long nanos) throws InterruptedException {
    long deadline = System.nanoTime() + nanos;
    waiting = true;
    timed = true;
    for (long left = nanos; waiting && left > 0; left = deadline - System.nanoTime()) {
      lock.wait(Math.max(1, left / 1_000_000));
    }
    boolean rung = !waiting;
    waiting = false;
    timed = false;
    return rung;
  }
}
