package holdfast.server;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Which sync policy does what the user asked for: the one that promises most among those that were
/// measured to reach the rate within the latency.
///
/// @param cell the fewest outstanding records with which it does
record DiskChoice(Optional<DiskFigures.Cell> cell, String reason) {

  /// @param policies in the order of what they promise, the most first
  static DiskChoice of(
      DiskBenchArguments wish, List<DiskPolicy> policies, List<DiskFigures.Cell> cells) {
    int bytes =
        cells.stream()
            .mapToInt(DiskFigures.Cell::bodyBytes)
            .filter(size -> size >= wish.recordBytes())
            .min()
            .orElse(DiskBenchArguments.RECORD_BYTES_MAX);
    List<DiskFigures.Cell> ofSize =
        cells.stream().filter(cell -> cell.bodyBytes() == bytes).toList();
    for (DiskPolicy policy : policies) {
      Optional<DiskFigures.Cell> fits =
          ofSize.stream()
              .filter(cell -> cell.policy().equals(policy.name()) && suits(wish, cell))
              .min(Comparator.comparingInt(DiskFigures.Cell::outstanding));
      if (fits.isPresent()) {
        return new DiskChoice(
            fits, "a confirm means: " + policy.promise() + "; " + told(fits.get()));
      }
    }
    Comparator<DiskFigures.Cell> nearest = Comparator.comparingDouble(cell -> missing(wish, cell));
    return new DiskChoice(
        Optional.empty(),
        "no policy does that here; the nearest is "
            + ofSize.stream()
                .min(nearest)
                .map(cell -> cell.policy() + ": " + told(cell))
                .orElse("not known: nothing was measured"));
  }

  private static boolean suits(DiskBenchArguments wish, DiskFigures.Cell cell) {
    return missing(wish, cell) <= 1;
  }

  /// By how many times the wish is missed, at the worse end; up to 1 it is met.
  private static double missing(DiskBenchArguments wish, DiskFigures.Cell cell) {
    double late = cell.seen().p99Ns() / 1e6 / wish.latencyMsMax().orElse(Double.MAX_VALUE);
    double slow = wish.ratePerSecondMin().orElse(0) / cell.seen().ratePerSecond();
    return Math.max(late, slow);
  }

  private static String told(DiskFigures.Cell cell) {
    return "%s of %s outstanding make %s a second, half confirmed in %s ms, 99 of 100 in %s ms"
        .formatted(
            DiskFigures.plain(cell.outstanding()),
            DiskFigures.size(cell.bodyBytes()),
            DiskFigures.plain(cell.seen().ratePerSecond()),
            DiskFigures.plain(cell.seen().p50Ns() / 1e6),
            DiskFigures.plain(cell.seen().p99Ns() / 1e6));
  }
}
