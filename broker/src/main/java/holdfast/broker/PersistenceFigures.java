package holdfast.broker;

import holdfast.store.Calibration;
import holdfast.store.CommitTimes;
import holdfast.store.Store;
import holdfast.store.TimeModel;
import java.util.LinkedHashMap;
import java.util.Map;

/// What a store's commits take, for a person who looks: the letters of the [time model][TimeModel]
/// and the times that were seen. Any thread.
final class PersistenceFigures {
  private PersistenceFigures() {}

  /// `time_model`, from live commits if there were enough, else from the calibration; and `commits`
  /// by size. Either is left out while nothing is known.
  static Map<String, Object> of(Store store) {
    Map<String, Object> figures = new LinkedHashMap<>();
    Calibration.Found found = store.calibration();
    TimeModel before = found == null ? null : found.durable();
    CommitTimes.Live live = store.commitTimes().live(before);
    if (live != null) {
      Map<String, Object> model = letters(live.model());
      model.put("from", live.isSlopeSeen() ? "live commits" : "live commits, R from calibration");
      model.put("samples", live.samples());
      model.put("error_percent", Math.round(100 * live.error()));
      figures.put("time_model", model);
    } else if (before != null) {
      Map<String, Object> model = letters(before);
      model.put("from", "calibration at start");
      figures.put("time_model", model);
    }
    Map<String, Object> commits = new LinkedHashMap<>();
    for (CommitTimes.Seen seen : store.commitTimes().seen()) {
      Map<String, Object> times = new LinkedHashMap<>();
      times.put("count", seen.count());
      times.put("p50_us", microseconds(seen.p50Ns()));
      times.put("p99_us", microseconds(seen.p99Ns()));
      commits.put(range(seen.bytesMax()), times);
    }
    if (!commits.isEmpty()) {
      figures.put("commits", commits);
    }
    return figures;
  }

  private static Map<String, Object> letters(TimeModel model) {
    Map<String, Object> letters = new LinkedHashMap<>();
    letters.put("transfer_bytes_per_second", Math.round(model.transferBytesPerSecond()));
    letters.put("write_us", microseconds(model.writeNs()));
    letters.put("sync_us", microseconds(model.syncNs()));
    letters.put("hand_over_us", microseconds(model.handOverNs()));
    letters.put("half_transfer_bytes", Math.round(model.halfTransferBytes()));
    return letters;
  }

  private static String range(long bytesMax) {
    if (bytesMax == Long.MAX_VALUE) {
      return "larger";
    }
    return bytesMax >= 1 << 20
        ? "to_" + (bytesMax >> 20) + "_mib"
        : "to_" + (bytesMax >> 10) + "_kib";
  }

  /// To a tenth.
  private static double microseconds(double ns) {
    return Math.round(ns / 100) / 10.0;
  }
}
