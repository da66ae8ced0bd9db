package holdfast.load;

import java.util.List;
import java.util.Optional;

/// What a run has seen. Counts are those of the whole run, warming up and draining included; rates,
/// latencies and `cpuSeconds` are those of the measured time alone, which is `seconds` long.
///
/// @param missing published, and not received when everything had had its time; 0 if not drained
/// @param foreign received, and not published by this run
/// @param cpuSeconds the generator's own
/// @param violations what a broker must not do and this one did, a sentence each
/// @param isReachable whether there was a broker
/// @param failures what ended the run before its time
public record LoadReport(
    long published,
    long confirmed,
    long received,
    long returned,
    long nacked,
    long duplicates,
    long missing,
    long disordered,
    long foreign,
    double blockedSeconds,
    double seconds,
    double publishedPerSecond,
    double confirmedPerSecond,
    double receivedPerSecond,
    Latency confirm,
    Latency delivery,
    Optional<Beside> large,
    Optional<Beside> slow,
    List<Second> perSecond,
    double cpuSeconds,
    List<String> violations,
    boolean isReachable,
    List<String> failures) {

  /// In microseconds.
  public record Latency(long samples, double p50, double p90, double p99, double p999, double max) {
    static Latency of(LatencyHistogram histogram) {
      return new Latency(
          histogram.count(),
          histogram.percentile(0.5) / 1e3,
          histogram.percentile(0.9) / 1e3,
          histogram.percentile(0.99) / 1e3,
          histogram.percentile(0.999) / 1e3,
          histogram.max() / 1e3);
    }
  }

  /// Messages that are counted apart.
  public record Beside(
      long published, long received, double receivedPerSecond, Latency confirm, Latency delivery) {}

  /// @param number of the second, from 1; those of warming up are negative or 0
  /// @param confirmP99Us of the confirms of this second; 0 if there are none
  public record Second(
      int number, long published, long confirmed, long received, double confirmP99Us) {}

  /// Whether everything went as it must.
  public boolean isClean() {
    return violations.isEmpty() && failures.isEmpty();
  }
}
