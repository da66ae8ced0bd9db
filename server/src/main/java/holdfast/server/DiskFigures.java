package holdfast.server;

import holdfast.store.Calibration;
import holdfast.store.CommitTimes;
import holdfast.store.TimeModel;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// All that a run of `holdfast bench disk` found out.
///
/// @param how how writes are made durable there, and on which file system
/// @param warning why the figures may mean nothing, or null
/// @param swing the largest `W + F` of any turn as a multiple of the smallest: 1 is a quiet disk
/// @param live what the writes of the store itself showed, or null if they were too few
/// @param isSplit whether `W` was told from `F` at the device
/// @param skipped what was left out, and why
record DiskFigures(
    String directory,
    String how,
    @Nullable String warning,
    double swing,
    CommitTimes.@Nullable Live live,
    TimeModel durable,
    TimeModel cached,
    boolean isSplit,
    DiskWork work,
    List<Cell> cells,
    String skipped) {

  /// One size and one number of outstanding records under one policy. Times in nanoseconds.
  record Cell(
      String policy, int bodyBytes, int outstanding, double predictedNs, DiskLoad.Measured seen) {
    double predictedRate() {
      return outstanding * 1e9 / predictedNs;
    }

    /// How much longer a confirm took than predicted, as a share; negative where it was shorter.
    double latencyError() {
      return seen.p50Ns() / predictedNs - 1;
    }

    /// How many more records a second there were than predicted, as a share.
    double rateError() {
      return seen.ratePerSecond() / predictedRate() - 1;
    }
  }

  DiskFigures withCells(List<Cell> others) {
    return new DiskFigures(
        directory,
        how,
        warning,
        swing,
        live,
        durable,
        cached,
        isSplit,
        work,
        List.copyOf(others),
        skipped);
  }

  /// Half of the cells of a policy are nearer to the prediction than this, by the time of a
  /// confirm.
  double typicalError(String policy) {
    double[] errors =
        cells.stream()
            .filter(cell -> cell.policy.equals(policy))
            .mapToDouble(cell -> Math.abs(cell.latencyError()))
            .sorted()
            .toArray();
    return errors.length == 0 ? Double.NaN : errors[errors.length / 2];
  }

  static double swing(List<Calibration.Found> found) {
    double[] fixed =
        found.stream().mapToDouble(f -> f.durable().writeNs() + f.durable().syncNs()).toArray();
    Arrays.sort(fixed);
    return fixed[fixed.length - 1] / Math.max(1, fixed[0]);
  }

  /// The letters' middle over several calibrations, each letter for itself.
  static Calibration.Found middle(List<Calibration.Found> found) {
    return new Calibration.Found(
        middleModel(found.stream().map(Calibration.Found::durable).toList()),
        middleModel(found.stream().map(Calibration.Found::cached).toList()),
        found.getFirst().isSplit());
  }

  private static TimeModel middleModel(List<TimeModel> models) {
    return new TimeModel(
        middle(models.stream().mapToDouble(TimeModel::transferBytesPerSecond).toArray()),
        middle(models.stream().mapToDouble(TimeModel::writeNs).toArray()),
        middle(models.stream().mapToDouble(TimeModel::syncNs).toArray()),
        middle(models.stream().mapToDouble(TimeModel::handOverNs).toArray()));
  }

  static double middle(double... values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  // --- figures as text ---

  static String size(long bytes) {
    if (bytes >= 1 << 20 && bytes % (1 << 20) == 0) {
      return (bytes >> 20) + " MiB";
    }
    return bytes >= 1 << 10 && bytes % (1 << 10) == 0 ? (bytes >> 10) + " KiB" : bytes + " B";
  }

  /// Microseconds, with three figures.
  static String us(double ns) {
    return plain(ns / 1e3);
  }

  /// With three figures, large numbers in whole ones.
  static String plain(double value) {
    double size = Math.abs(value);
    int digits = size >= 100 || value == Math.rint(value) ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
    return String.format(Locale.ROOT, "%,." + digits + "f", value);
  }

  static String percent(double share) {
    return String.format(Locale.ROOT, "%+.0f%%", 100 * share);
  }
}
