package holdfast.store;

import java.util.Arrays;

/// Ranks of measured times. The low ones are what a device can do; the middle and the high ones are
/// what it does beside its neighbours.
final class Percentiles {
  /// The rank that models are made from: low enough to leave the tail out, high enough that one
  /// lucky sample does not decide.
  static final double MODEL = 0.25;

  private Percentiles() {}

  /// The value below which a share of the samples lies, between the two nearest of them.
  static double of(long[] sorted, int count, double share) {
    if (count < 1) {
      throw new IllegalArgumentException("no sample has no percentile");
    }
    double rank = share * (count - 1);
    int below = (int) rank;
    int above = Math.min(below + 1, count - 1);
    return sorted[below] + (rank - below) * (sorted[above] - sorted[below]);
  }

  /// The same for samples in any order, which are sorted by it.
  static double sorting(long[] samples, int count, double share) {
    Arrays.sort(samples, 0, count);
    return of(samples, count, share);
  }
}
