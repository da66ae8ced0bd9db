package holdfast.load;

import java.util.Arrays;

/// Counts durations in cells that grow with the duration: 128 of them each time it doubles, so a
/// percentile is off by less than 0.4 percent. Owned by one thread.
///
/// ```
/// cell:      0 .. 255  | 256 .. 383    | 384 .. 511    | ...
/// holds ns:  one each  | 2 each: 256.. | 4 each: 512.. |
/// ```
final class LatencyHistogram {
  private static final int CELL_BITS = 7;

  /// Eighteen minutes; whatever took longer counts as that.
  private static final long VALUE_MAX = (1L << 40) - 1;

  private static final int CELLS = cell(VALUE_MAX) + 1;

  private final long[] counts = new long[CELLS];
  private long count;
  private long max;

  private static int cell(long value) {
    int shift = Math.max(0, 63 - CELL_BITS - Long.numberOfLeadingZeros(value));
    return (shift << CELL_BITS) + (int) (value >>> shift);
  }

  /// The middle of what a cell holds.
  private static long value(int cell) {
    int shift = Math.max(0, (cell >> CELL_BITS) - 1);
    return ((long) (cell - (shift << CELL_BITS)) << shift) + ((1L << shift) >> 1);
  }

  void record(long ns) {
    record(ns, 1);
  }

  void record(long ns, long times) {
    long value = Math.clamp(ns, 0, VALUE_MAX);
    counts[cell(value)] += times;
    count += times;
    if (value > max) {
      max = value;
    }
  }

  long count() {
    return count;
  }

  /// Exact, and 0 if there is none.
  long max() {
    return max;
  }

  /// The duration within which `fraction` of all are, in ns; 0 if there is none.
  long percentile(double fraction) {
    long rank = Math.max(1, (long) Math.ceil(fraction * count));
    long seen = 0;
    for (int cell = 0; cell < CELLS; cell++) {
      seen += counts[cell];
      if (seen >= rank) {
        return Math.min(value(cell), max);
      }
    }
    return max;
  }

  void add(LatencyHistogram other) {
    for (int cell = 0; cell < CELLS; cell++) {
      counts[cell] += other.counts[cell];
    }
    count += other.count;
    max = Math.max(max, other.max);
  }

  /// What came since `earlier` was copied from this one. The maximum stays that of the whole.
  LatencyHistogram since(LatencyHistogram earlier) {
    LatencyHistogram since = copy();
    for (int cell = 0; cell < CELLS; cell++) {
      since.counts[cell] -= earlier.counts[cell];
    }
    since.count -= earlier.count;
    return since;
  }

  LatencyHistogram copy() {
    LatencyHistogram copy = new LatencyHistogram();
    System.arraycopy(counts, 0, copy.counts, 0, CELLS);
    copy.count = count;
    copy.max = max;
    return copy;
  }

  void clear() {
    Arrays.fill(counts, 0);
    count = 0;
    max = 0;
  }
}
