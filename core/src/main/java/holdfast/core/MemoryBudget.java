package holdfast.core;

import java.util.concurrent.atomic.AtomicLong;

/// The one bound on what clients can make this process hold: messages in memory, messages on their
/// way in, deliveries on their way out. Any thread adds and subtracts; the gate judges.
///
/// It has two marks. Above the lower one, messages that are on disk as well are let go of. The
/// upper one can only be passed by what has no other place to be: above it publishers block.
public final class MemoryBudget {
  private final AtomicLong used = new AtomicLong();
  private final long high;
  private final long cacheHigh;

  /// @param high bytes above which publishers block
  /// @param cacheHigh bytes above which what is on disk is not kept in memory
  public MemoryBudget(long high, long cacheHigh) {
    if (cacheHigh > high) {
      throw new IllegalArgumentException(
          "messages that are on disk may not be kept up to "
              + cacheHigh
              + " bytes while publishers block above "
              + high);
    }
    this.high = high;
    this.cacheHigh = cacheHigh;
  }

  public void add(long bytes) {
    used.addAndGet(bytes);
  }

  public long used() {
    return used.get();
  }

  public long high() {
    return high;
  }

  boolean isExceeded() {
    return used.get() > high;
  }

  boolean isRelieved() {
    return used.get() <= high * Limits.MEMORY_RESUME;
  }

  /// Whether what is on disk may be kept in memory as well.
  boolean hasCacheRoom() {
    return used.get() < cacheHigh;
  }

  /// Whether some of it must go.
  boolean isCacheExceeded() {
    return used.get() > cacheHigh;
  }

  /// Bytes that may still be filled with what is on disk as well; below 0 if there are too many.
  long cacheRoom() {
    return cacheHigh - used.get();
  }
}
