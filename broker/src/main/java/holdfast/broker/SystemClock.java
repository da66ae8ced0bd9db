package holdfast.broker;

/// The one place where this module reads the time.
final class SystemClock {
  private SystemClock() {}

  /// Milliseconds since the epoch.
  static long nowMs() {
    return System.currentTimeMillis();
  }
}
