package holdfast.store;

import java.util.concurrent.locks.LockSupport;

/// Holds background work on the device to a share of the time, whatever the device's speed: after
/// each piece it rests a multiple of what the piece took. For one thread.
final class Pace {
  private static final long REST_NS_MAX = 20_000_000;

  private final int rests;
  private long beganNs;

  /// @param rests how many times as long as the work the rest after it is
  Pace(int rests) {
    this.rests = rests;
  }

  void begin() {
    beganNs = System.nanoTime();
  }

  void rest() {
    long tookNs = System.nanoTime() - beganNs;
    LockSupport.parkNanos(Math.min(REST_NS_MAX, tookNs * rests));
  }
}
