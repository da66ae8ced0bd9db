package holdfast.server;

import holdfast.store.CommitTimes;
import holdfast.store.TimeModel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The figures of `holdfast bench disk` as a page for a person and as a document for a program.
final class DiskReport {
  private DiskReport() {}

  static String text(DiskFigures figures, List<DiskPolicy> policies, @Nullable DiskChoice choice) {
    TimeModel model = figures.durable();
    StringBuilder page = new StringBuilder();
    page.append("Disk of ").append(figures.directory()).append(": ").append(figures.how());
    page.append(
        "\n\nA commit of S bytes takes S/R + W + F, and whoever waits hears of it H later:\n");
    letter(page, "R", plain(model.transferBytesPerSecond() / 1e6) + " MB/s", "transfer");
    letter(page, "W", DiskFigures.us(model.writeNs()) + " us", "write: " + writeMeaning(figures));
    letter(page, "F", DiskFigures.us(model.syncNs()) + " us", "sync: onto stable storage");
    letter(
        page, "H", DiskFigures.us(model.handOverNs()) + " us", "hand-over to the writer and back");
    letter(page, "P", DiskFigures.us(figures.work().recordNs()) + " us", "processor, a record");
    letter(page, "", plain(figures.work().byteNs()) + " ns", "processor, a byte of it");
    page.append("A commit of 4 KiB: ").append(DiskFigures.us(model.commitNs(4096)));
    page.append(" us. Half of the time is transfer at ");
    page.append(plain(model.halfTransferBytes() / 1024)).append(" KiB.\n");
    page.append("From turn to turn W + F swung by a factor of ");
    page.append(plain(figures.swing())).append(" (1.5 and less: the disk was quiet).\n");
    CommitTimes.Live live = figures.live();
    if (live != null) {
      TimeModel seen = live.model();
      page.append("The writes of the store itself: R ");
      page.append(plain(seen.transferBytesPerSecond() / 1e6)).append(" MB/s, W + F ");
      page.append(DiskFigures.us(seen.writeNs() + seen.syncNs())).append(" us; half of ");
      page.append(plain((double) live.samples())).append(" are within ");
      page.append(Math.round(100 * live.error())).append("% of that, R squared of all is ");
      page.append(plain(live.rSquared())).append(".\n");
    }
    page.append("Into the page cache only: ");
    page.append(plain(figures.cached().transferBytesPerSecond() / 1e6)).append(" MB/s, ");
    page.append(DiskFigures.us(figures.cached().writeNs())).append(" us a write.\n");
    for (DiskPolicy policy : policies) {
      page.append("\nPolicy ").append(policy.name()).append(": a confirm means that ");
      page.append(policy.promise())
          .append(".\nTimes in us until a confirm; rates in records/s.\n\n");
      page.append(Table.ofRows(rows(figures, policy.name())));
      page.append("\nHalf of the predicted times are within ");
      page.append(Math.round(100 * figures.typicalError(policy.name()))).append("%.\n");
    }
    page.append(figures.skipped()).append('\n');
    if (choice != null) {
      String name = choice.cell().map(cell -> "policy " + cell.policy()).orElse("none");
      page.append("\nChoice: ").append(name).append(": ").append(choice.reason()).append('\n');
    }
    return page.toString();
  }

  private static void letter(StringBuilder page, String letter, String value, String meaning) {
    page.append("  %-2s %14s   %s%n".formatted(letter, value, meaning));
  }

  private static String writeMeaning(DiskFigures figures) {
    return figures.isSplit()
        ? "given to the device, past the page cache"
        : "into the page cache; here only W + F means something";
  }

  private static List<Map<String, Object>> rows(DiskFigures figures, String policy) {
    return figures.cells().stream()
        .filter(cell -> cell.policy().equals(policy))
        .map(cell -> {
          Map<String, Object> row = new LinkedHashMap<>();
          row.put("record", DiskFigures.size(cell.bodyBytes()));
          row.put("outstanding", cell.outstanding());
          row.put("predicted", Math.round(cell.predictedNs() / 1e3));
          row.put("p50", Math.round(cell.seen().p50Ns() / 1e3));
          row.put("p99", Math.round(cell.seen().p99Ns() / 1e3));
          row.put("off", DiskFigures.percent(cell.latencyError()));
          row.put("predicted/s", Math.round(cell.predictedRate()));
          row.put("measured/s", Math.round(cell.seen().ratePerSecond()));
          row.put("rate off", DiskFigures.percent(cell.rateError()));
          return row;
        })
        .toList();
  }

  static Map<String, Object> document(DiskFigures figures, @Nullable DiskChoice choice) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("directory", figures.directory());
    document.put("durability", figures.how());
    String warning = figures.warning();
    document.put("warnings", warning == null ? List.of() : List.of(warning));
    document.put("swing", round(figures.swing()));
    document.put("model", model(figures.durable()));
    CommitTimes.Live live = figures.live();
    if (live != null) {
      Map<String, Object> seen = model(live.model());
      seen.put("samples", live.samples());
      seen.put("error", round(live.error()));
      seen.put("r_squared", round(live.rSquared()));
      document.put("model_of_store_writes", seen);
    }
    document.put("model_page_cache", model(figures.cached()));
    document.put("write_and_sync_told_apart", figures.isSplit());
    document.put("processor_record_us", round(figures.work().recordNs() / 1e3));
    document.put("processor_byte_ns", round(figures.work().byteNs()));
    document.put("cells", figures.cells().stream().map(DiskReport::cell).toList());
    document.put("skipped", figures.skipped());
    if (choice != null) {
      Map<String, Object> chosen = new LinkedHashMap<>();
      choice
          .cell()
          .ifPresent(cell -> {
            chosen.put("policy", cell.policy());
            chosen.put("outstanding", cell.outstanding());
          });
      chosen.put("reason", choice.reason());
      document.put("choice", chosen);
    }
    return document;
  }

  private static Map<String, Object> model(TimeModel model) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("transfer_bytes_per_second", Math.round(model.transferBytesPerSecond()));
    map.put("write_us", round(model.writeNs() / 1e3));
    map.put("sync_us", round(model.syncNs() / 1e3));
    map.put("hand_over_us", round(model.handOverNs() / 1e3));
    map.put("half_transfer_bytes", Math.round(model.halfTransferBytes()));
    return map;
  }

  private static Map<String, Object> cell(DiskFigures.Cell cell) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("policy", cell.policy());
    map.put("record_bytes", cell.bodyBytes());
    map.put("outstanding", cell.outstanding());
    map.put("predicted_us", round(cell.predictedNs() / 1e3));
    map.put("measured_p50_us", round(cell.seen().p50Ns() / 1e3));
    map.put("measured_p99_us", round(cell.seen().p99Ns() / 1e3));
    map.put("latency_error", round(cell.latencyError()));
    map.put("predicted_per_second", Math.round(cell.predictedRate()));
    map.put("measured_per_second", Math.round(cell.seen().ratePerSecond()));
    map.put("rate_error", round(cell.rateError()));
    return map;
  }

  /// To three places.
  private static double round(double value) {
    return Math.round(value * 1e3) / 1e3;
  }

  private static String plain(double value) {
    return DiskFigures.plain(value);
  }
}
