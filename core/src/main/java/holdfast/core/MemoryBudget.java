package holdfast.core;

import java.util.concurrent.atomic.AtomicLong;

/// The one bound on what clients can make this process hold: stored messages, messages on their way
/// in, deliveries on their way out. Any thread adds and subtracts; the gate judges.
public final class MemoryBudget {
  private final AtomicLong used = new AtomicLong();
  private final long high;

  public MemoryBudget(long high) {
    this.high = high;
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
}
