package holdfast.testkit;

import java.time.Instant;
import java.time.InstantSource;

/// A clock that stands still until a test moves it: the wall clock and the one that only runs
/// forward, which a test can move apart. Any thread.
public final class SimulatedClock implements InstantSource {
  private long nanos;
  private long wallMs;

  public SimulatedClock(long wallMs) {
    this.wallMs = wallMs;
  }

  @Override
  public synchronized Instant instant() {
    return Instant.ofEpochMilli(wallMs + nanos / 1_000_000);
  }

  @Override
  public synchronized long millis() {
    return wallMs + nanos / 1_000_000;
  }

  /// As [System#nanoTime], starting from 0.
  public synchronized long nanoTime() {
    return nanos;
  }

  /// Lets time pass, on both clocks.
  public synchronized void advanceMs(long ms) {
    if (ms < 0) {
      throw new IllegalArgumentException("time does not run backwards; see jumpMs");
    }
    nanos += ms * 1_000_000;
  }

  /// Moves the wall clock alone, as an administrator or a time server does.
  public synchronized void jumpMs(long ms) {
    wallMs += ms;
  }
}
