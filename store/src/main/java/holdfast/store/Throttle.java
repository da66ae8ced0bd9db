package holdfast.store;

import java.util.concurrent.locks.LockSupport;

/// Holds the journal's writer back while something that follows the journal cannot keep up, and
/// with it everybody who needs room there. Set by any thread; only the writer's rests.
final class Throttle {
  /// For each byte written: 20 MB/s at the slowest. By bytes and not by writes, so that who writes
  /// little is held back little.
  private static final double REST_NANOS_MAX = 50;

  private volatile double overload;

  /// How far behind the follower is: 0 not at all, 1 or more for the longest rest.
  void set(double overload) {
    this.overload = Math.clamp(overload, 0.0, 1.0);
  }

  boolean isOn() {
    return overload > 0;
  }

  /// Rests for what is due after a write, less if the throttle is released meanwhile.
  void rest(long bytes) {
    long begun = System.nanoTime();
    for (long left = nanos(bytes); left > 0; left = begun + nanos(bytes) - System.nanoTime()) {
      LockSupport.parkNanos(Math.min(left, 10_000_000));
    }
  }

  private long nanos(long bytes) {
    return (long) (overload * REST_NANOS_MAX * bytes);
  }
}
