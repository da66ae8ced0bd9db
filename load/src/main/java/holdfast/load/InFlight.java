package holdfast.load;

import org.jspecify.annotations.Nullable;

/// The publishes of one channel that are not yet confirmed, and when each was due or written. Owned
/// by the loop of its connection.
///
/// Delivery tags count from 1. A ring holds the times from the lowest unconfirmed tag on: brokers
/// confirm single tags out of order, so the ring is wider than the window.
final class InFlight {
  private static final long SETTLED = Long.MIN_VALUE;
  private static final int SPREAD = 4;

  private final int window;
  private final long[] times;
  private final int mask;
  private long lowest = 1;
  private long next = 1;
  private int unconfirmed;

  InFlight(int window) {
    this.window = window;
    times = new long[Math.max(64, Integer.highestOneBit(window) * 2 * SPREAD)];
    mask = times.length - 1;
  }

  int room() {
    return (int) Math.min(window - unconfirmed, times.length - (next - lowest));
  }

  int unconfirmed() {
    return unconfirmed;
  }

  void sent(long timeNs) {
    assert room() > 0;
    times[(int) next & mask] = timeNs;
    next++;
    unconfirmed++;
  }

  /// Settles a tag, or all up to it (tag 0: all there are); how many that were. Their times go into
  /// `latencies`, if there is one.
  int settle(long tag, boolean multiple, long nowNs, @Nullable LatencyHistogram latencies) {
    long last = tag == 0 && multiple ? next - 1 : tag;
    if (last >= next || last < lowest) {
      if (multiple && last < lowest && last >= 0) {
        return 0;
      }
      throw new BrokenStream(
          "the broker confirmed tag " + tag + " of " + lowest + " to " + (next - 1));
    }
    int settled = 0;
    for (long each = multiple ? lowest : last; each <= last; each++) {
      int at = (int) each & mask;
      long time = times[at];
      if (time != SETTLED) {
        times[at] = SETTLED;
        settled++;
        if (latencies != null) {
          latencies.record(nowNs - time);
        }
      } else if (!multiple) {
        throw new BrokenStream("the broker confirmed tag " + tag + " twice");
      }
    }
    unconfirmed -= settled;
    while (lowest < next && times[(int) lowest & mask] == SETTLED) {
      lowest++;
    }
    return settled;
  }
}
