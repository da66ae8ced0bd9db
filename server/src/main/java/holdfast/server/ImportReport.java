package holdfast.server;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What became of definitions that were to be taken. Not for several threads.
final class ImportReport {
  /// So many are named; all are counted.
  static final int NAMED_MAX = 1_000;

  /// What can become of one.
  enum Fate {
    /// It is there now, durable.
    TAKEN,
    /// It was there, the same.
    SAME,
    /// Something else of this name is there, and stays.
    KEPT,
    /// It has no meaning here and is not missed.
    SKIPPED,
    /// It cannot be taken.
    REFUSED
  }

  /// One that was not simply taken.
  record Line(Fate fate, String section, String name, String reason) {}

  private final Map<Fate, Long> counts = new LinkedHashMap<>();
  private final List<Line> lines = new ArrayList<>();

  ImportReport() {
    for (Fate fate : Fate.values()) {
      counts.put(fate, 0L);
    }
  }

  void add(Fate fate, String section, String name, String reason) {
    counts.merge(fate, 1L, Long::sum);
    if (fate != Fate.TAKEN && fate != Fate.SAME && lines.size() < NAMED_MAX) {
      lines.add(new Line(fate, section, name, reason));
    }
  }

  /// Adds what another part of the same import came to.
  void add(ImportReport part) {
    part.counts.forEach((fate, count) -> counts.merge(fate, count, Long::sum));
    for (Line line : part.lines) {
      if (lines.size() < NAMED_MAX) {
        lines.add(line);
      }
    }
  }

  long count(Fate fate) {
    return counts.getOrDefault(fate, 0L);
  }

  long total() {
    return counts.values().stream().mapToLong(n -> n).sum();
  }

  List<Line> lines() {
    return lines;
  }

  Map<String, @Nullable Object> json() {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    counts.forEach((fate, count) -> json.put(key(fate), count));
    json.put(
        "lines",
        lines.stream()
            .map(line -> {
              Map<String, @Nullable Object> row = new LinkedHashMap<>();
              row.put("fate", key(line.fate()));
              row.put("section", line.section());
              row.put("name", line.name());
              row.put("reason", line.reason());
              return row;
            })
            .toList());
    return json;
  }

  /// Back from what [#json] wrote.
  static ImportReport of(Asked json) throws OperationRefused {
    ImportReport report = new ImportReport();
    for (Fate fate : Fate.values()) {
      report.counts.put(fate, json.number(key(fate), 0));
    }
    for (Object each : json.list("lines")) {
      Asked line = Asked.of(each);
      Fate fate = Fate.valueOf(line.text("fate").toUpperCase(java.util.Locale.ROOT));
      report.lines.add(
          new Line(fate, line.text("section"), line.text("name"), line.text("reason")));
    }
    return report;
  }

  private static String key(Fate fate) {
    return fate.name().toLowerCase(java.util.Locale.ROOT);
  }

  /// For a person: what was counted, in one line.
  String summary() {
    return ("%s taken, %s the same already, %s kept as it is here, %s without meaning here, %s"
            + " refused")
        .formatted(
            number(Fate.TAKEN),
            number(Fate.SAME),
            number(Fate.KEPT),
            number(Fate.SKIPPED),
            number(Fate.REFUSED));
  }

  private long number(Fate fate) {
    return count(fate);
  }
}
