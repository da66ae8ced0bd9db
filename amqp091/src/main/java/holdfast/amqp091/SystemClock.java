package holdfast.amqp091;

/// The one place where this module reads the time.
final class SystemClock {
  private SystemClock() {}

  /// Milliseconds since the epoch, for people and messages.
  static long nowMs() {
    return System.currentTimeMillis();
  }

  /// Milliseconds of a clock that nobody sets, for time-outs.
  static long ticksMs() {
    return System.nanoTime() / 1_000_000;
  }
}
