package holdfast.server;

import holdfast.load.LoadReport;
import holdfast.load.LoadReport.Beside;
import holdfast.load.LoadReport.Latency;
import holdfast.load.LoadRun;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `holdfast bench amqp`: runs the load and shows what came of it, a line a second on standard
/// error, a table on standard output, and all of it as JSON.
final class LoadBench {
  private final PrintStream out;
  private final PrintStream err;

  LoadBench(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  ExitStatus run(Command.BenchAmqp command) throws InterruptedException {
    try {
      LoadReport report =
          LoadRun.run(
              command.plan(),
              second -> {
                if (!command.isQuiet()) {
                  err.println(line(second));
                }
              });
      if (command.json().isPresent()) {
        Files.writeString(
            command.json().get(), Json.write(document(report, command.arguments())) + "\n");
      }
      if (report.seconds() > 0) {
        out.print(text(report));
        out.flush();
      }
      report.failures().forEach(text -> err.println("holdfast: " + text));
      return status(report);
    } catch (IOException e) {
      err.println("holdfast: " + e);
      return ExitStatus.USAGE;
    }
  }

  private static ExitStatus status(LoadReport report) {
    if (!report.isReachable()) {
      return ExitStatus.NO_BROKER;
    }
    if (!report.failures().isEmpty()) {
      return ExitStatus.REFUSED;
    }
    return report.violations().isEmpty() ? ExitStatus.CLEAN : ExitStatus.VIOLATED;
  }

  private static String line(LoadReport.Second second) {
    return String.format(
        Locale.ROOT,
        "%5s  sent %,9d/s  confirmed %,9d/s  received %,9d/s%s",
        second.number() > 0 ? second.number() + " s" : "warm",
        second.published(),
        second.confirmed(),
        second.received(),
        second.confirmP99Us() > 0
            ? String.format(Locale.ROOT, "  confirm p99 %,.0f us", second.confirmP99Us())
            : "");
  }

  private static String text(LoadReport report) {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "measured %.1f s: published %,.0f/s, confirmed %,.0f/s, received %,.0f/s%n",
            report.seconds(),
            report.publishedPerSecond(),
            report.confirmedPerSecond(),
            report.receivedPerSecond()));
    double messages =
        Math.max(report.publishedPerSecond(), report.receivedPerSecond()) * report.seconds();
    text.append(
        String.format(
            Locale.ROOT,
            "the generator took %.2f s of CPU, %.2f us a message%n",
            report.cpuSeconds(),
            messages > 0 ? report.cpuSeconds() * 1e6 / messages : 0));
    if (report.blockedSeconds() > 0) {
      text.append(
          String.format(
              Locale.ROOT, "the broker blocked us for %.1f s%n", report.blockedSeconds()));
    }
    List<Map<String, Object>> rows = new ArrayList<>();
    addRow(rows, "confirm", report.confirm());
    addRow(rows, "delivery", report.delivery());
    report
        .large()
        .ifPresent(large -> {
          addRow(rows, "large confirm", large.confirm());
          addRow(rows, "large delivery", large.delivery());
        });
    if (!rows.isEmpty()) {
      text.append('\n').append(Table.ofRows(rows));
    }
    text.append(
        String.format(
            Locale.ROOT,
            "%nin all: published %,d, confirmed %,d, received %,d%n",
            report.published(),
            report.confirmed(),
            report.received()));
    report
        .violations()
        .forEach(violation -> text.append("VIOLATED: ").append(violation).append('\n'));
    return text.toString();
  }

  private static void addRow(List<Map<String, Object>> rows, String what, Latency latency) {
    if (latency.samples() == 0) {
      return;
    }
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("us", what);
    row.put("p50", rounded(latency.p50()));
    row.put("p90", rounded(latency.p90()));
    row.put("p99", rounded(latency.p99()));
    row.put("p99.9", rounded(latency.p999()));
    row.put("max", rounded(latency.max()));
    row.put("samples", latency.samples());
    rows.add(row);
  }

  private static long rounded(double us) {
    return Math.round(us);
  }

  // -- as JSON --

  private static Map<String, Object> document(LoadReport report, List<String> arguments) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("published", report.published());
    all.put("confirmed", report.confirmed());
    all.put("received", report.received());
    all.put("returned", report.returned());
    all.put("nacked", report.nacked());
    all.put("duplicates", report.duplicates());
    all.put("missing", report.missing());
    all.put("disordered", report.disordered());
    all.put("foreign", report.foreign());
    all.put("blocked_seconds", report.blockedSeconds());
    all.put("seconds", report.seconds());
    all.put("published_per_s", report.publishedPerSecond());
    all.put("confirmed_per_s", report.confirmedPerSecond());
    all.put("received_per_s", report.receivedPerSecond());
    all.put("confirm_us", latency(report.confirm()));
    all.put("delivery_us", latency(report.delivery()));
    all.put("large", beside(report.large().orElse(null)));
    all.put("slow", beside(report.slow().orElse(null)));
    all.put("per_second", report.perSecond().stream().map(LoadBench::second).toList());
    all.put("cpu_seconds", report.cpuSeconds());
    all.put("violations", report.violations());
    all.put("failures", report.failures());
    all.put("arguments", arguments);
    return all;
  }

  private static Map<String, Object> second(LoadReport.Second second) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("published", second.published());
    all.put("confirmed", second.confirmed());
    all.put("received", second.received());
    return all;
  }

  private static Map<String, Object> latency(Latency latency) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("samples", latency.samples());
    all.put("p50", latency.p50());
    all.put("p90", latency.p90());
    all.put("p99", latency.p99());
    all.put("p999", latency.p999());
    all.put("max", latency.max());
    return all;
  }

  private static @Nullable Map<String, Object> beside(@Nullable Beside beside) {
    if (beside == null) {
      return null;
    }
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("published", beside.published());
    all.put("received", beside.received());
    all.put("received_per_s", beside.receivedPerSecond());
    all.put("confirm_us", latency(beside.confirm()));
    all.put("delivery_us", latency(beside.delivery()));
    return all;
  }
}
