package holdfast.load;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/// One run against a broker from the first connection to the report. Conducted by the thread that
/// calls [#run]; the work is done on event loops.
public final class LoadRun {
  private static final long SECOND_NS = 1_000_000_000;
  private static final long LOOK_NS = 20_000_000;

  /// Whoever drains gives up when nothing has come for so long.
  private static final long DRAIN_PATIENCE_NS = 10 * SECOND_NS;

  private static final long ANSWER_SECONDS = 30;

  private final LoadPlan plan;
  private final Consumer<LoadReport.Second> watcher;
  private final Failures failures = new Failures();
  private final Waits waits = new Waits(failures);
  private final List<LoadReport.Second> perSecond = new ArrayList<>();
  private final Topology topology;
  private final Connections connections;
  private final Crew crew;

  private Tally first = new Tally();
  private Tally last = new Tally();

  /// While it is measured, what had been used before.
  private double cpuSeconds;

  private boolean isDrained;
  private int secondNumber;
  private Tally before = new Tally();

  private LoadRun(LoadPlan plan, Consumer<LoadReport.Second> watcher) throws IOException {
    this.plan = plan;
    this.watcher = watcher;
    topology = new Topology(plan);
    int own = topology.hasLarge() ? 1 : 0;
    connections = new Connections(plan.broker(), plan.threads(), own, failures);
    int run = ThreadLocalRandom.current().nextInt(1, HotFrames.RUNS);
    crew = new Crew(plan, topology, connections, waits, run);
  }

  /// Does what the plan says and returns what came of it, failures of the broker included.
  ///
  /// @param watcher told every second, from this thread
  public static LoadReport run(LoadPlan plan, Consumer<LoadReport.Second> watcher)
      throws IOException, InterruptedException {
    LoadRun run = new LoadRun(plan, watcher);
    try {
      return run.conduct();
    } finally {
      run.connections.close();
    }
  }

  private LoadReport conduct() throws InterruptedException {
    Tally end = new Tally();
    try {
      crew.declare();
      measure();
      crew.settleRests();
      end = total();
    } catch (Waits.Failed failed) {
      // What happened stands in the failures; what was counted until then is still worth a look.
      end = countedSoFar();
      if (first.atNs > 0 && last.atNs == 0) {
        last = end;
        cpuSeconds = cpuSecondsSoFar() - cpuSeconds;
      }
    }
    crew.close();
    try {
      crew.remove();
    } catch (Waits.Failed failed) {
      // A broker that has failed keeps its queues; why it failed is reported.
      isDrained = false;
    }
    return report(end);
  }

  private Tally countedSoFar() throws InterruptedException {
    CompletableFuture<Tally> total = askTotal();
    return Waits.isDone(total, ANSWER_SECONDS) ? total.join() : new Tally();
  }

  /// Connects, and measures between two points in time. A number of messages is measured from the
  /// first one on: where nobody publishes that comes as soon as there are consumers.
  private void measure() throws InterruptedException, Waits.Failed {
    LoadPlan.Span span = plan.span();
    boolean isCounted = span.count() > 0;
    if (isCounted && !plan.isProducing()) {
      begin();
      crew.connect();
    } else {
      crew.connect();
      if (isCounted) {
        begin();
      }
    }
    crew.start();
    if (isCounted) {
      watchCount();
      stopProducing();
      end();
    } else {
      before = total();
      secondNumber = -(int) Math.ceil(span.warmup());
      watch(before.atNs + (long) (span.warmup() * SECOND_NS));
      begin();
      watch(first.atNs + (long) (span.seconds() * SECOND_NS));
      end();
      stopProducing();
    }
  }

  private void begin() throws InterruptedException, Waits.Failed {
    crew.measuring(true);
    cpuSeconds = cpuSecondsSoFar();
    first = total();
    before = first;
    secondNumber = 0;
    perSecond.clear();
  }

  private void end() throws InterruptedException, Waits.Failed {
    last = total();
    crew.measuring(false);
    cpuSeconds = cpuSecondsSoFar() - cpuSeconds;
  }

  private void stopProducing() throws InterruptedException, Waits.Failed {
    crew.stopProducers();
    isDrained = plan.span().drain() && drain();
  }

  /// Tells the watcher of every second until then.
  private void watch(long endNs) throws InterruptedException, Waits.Failed {
    for (long next = System.nanoTime() + SECOND_NS;
        next <= endNs + SECOND_NS / 10;
        next += SECOND_NS) {
      waits.until(Math.min(next, endNs));
      tellSecond(total());
    }
    waits.until(endNs);
  }

  /// Waits until as many messages as are to be counted have been published and confirmed, or where
  /// nobody publishes received.
  private void watchCount() throws InterruptedException, Waits.Failed {
    long nextSecondNs = System.nanoTime() + SECOND_NS;
    while (true) {
      Tally now = total();
      if (now.atNs >= nextSecondNs) {
        tellSecond(now);
        nextSecondNs += SECOND_NS;
      }
      long done =
          !plan.isProducing()
              ? now.small.received
              : plan.producing().unconfirmed() > 0
                  ? now.small.confirmed + now.small.nacked
                  : now.small.published;
      if (done >= plan.span().count()) {
        return;
      }
      waits.until(System.nanoTime() + LOOK_NS);
    }
  }

  /// True when everything published has been confirmed and received; false when for too long
  /// nothing more came.
  private boolean drain() throws InterruptedException, Waits.Failed {
    long progress = -1;
    long progressNs = System.nanoTime();
    while (true) {
      crew.settleRests();
      Tally now = total();
      long open = open(now.small) + open(now.large);
      if (open == 0) {
        return true;
      }
      long seen = now.small.received + now.large.received + now.small.confirmed;
      if (seen != progress) {
        progress = seen;
        progressNs = System.nanoTime();
      } else if (System.nanoTime() - progressNs > DRAIN_PATIENCE_NS) {
        return true;
      }
      waits.until(System.nanoTime() + LOOK_NS);
    }
  }

  private long open(Lane lane) {
    long unconfirmed = lane.published - lane.confirmed - lane.nacked;
    return (plan.producing().unconfirmed() > 0 ? unconfirmed : 0)
        + (plan.isConsuming() ? lane.expected - lane.distinct : 0);
  }

  private void tellSecond(Tally now) {
    secondNumber++;
    LoadReport.Second second =
        new LoadReport.Second(
            secondNumber,
            now.small.published - before.small.published,
            now.small.confirmed - before.small.confirmed,
            now.small.received - before.small.received,
            now.small.confirms.since(before.small.confirms).percentile(0.99) / 1e3);
    before = now;
    perSecond.add(second);
    watcher.accept(second);
  }

  private Tally total() throws InterruptedException, Waits.Failed {
    CompletableFuture<Tally> total = askTotal();
    waits.one(total, ANSWER_SECONDS, "an event loop's answer");
    return total.join();
  }

  private CompletableFuture<Tally> askTotal() {
    List<CompletableFuture<Tally>> asked =
        connections.loops().stream().map(loop -> loop.ask(loop::snapshot)).toList();
    return CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new))
        .thenApply(done -> {
          Tally sum = asked.getFirst().join();
          asked.stream().skip(1).forEach(other -> sum.add(other.join()));
          return sum;
        });
  }

  private static double cpuSecondsSoFar() {
    Duration used = ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
    return used.toNanos() / 1e9;
  }

  // -- what came of it --

  private LoadReport report(Tally end) {
    double seconds = Math.max(0, last.atNs - first.atNs) / 1e9;
    long missing =
        !plan.isConsuming()
            ? 0
            : !plan.isProducing()
                ? crew.gaps()
                : isDrained
                    ? end.small.expected
                        - end.small.distinct
                        + end.large.expected
                        - end.large.distinct
                    : 0;
    long nacked = end.small.nacked + end.large.nacked;
    long duplicates = end.small.duplicates + end.large.duplicates;
    long disordered = end.small.disordered + end.large.disordered;
    List<String> violations = new ArrayList<>();
    violated(violations, missing, "published and never delivered");
    violated(violations, duplicates, "delivered twice and not flagged as redelivered");
    violated(violations, disordered, "delivered behind a later one of the same producer and queue");
    violated(violations, nacked, "refused (basic.nack)");
    violated(violations, end.returned, "returned as unroutable");
    violated(violations, end.foreign, "delivered that this run has not published");
    return new LoadReport(
        end.small.published,
        end.small.confirmed,
        end.small.received,
        end.returned,
        nacked,
        duplicates,
        missing,
        disordered,
        end.foreign,
        end.blockedNs / 1e9,
        seconds,
        rate(last.small.published - first.small.published, seconds),
        rate(last.small.confirmed - first.small.confirmed, seconds),
        rate(last.small.received - first.small.received, seconds),
        LoadReport.Latency.of(last.small.confirms),
        LoadReport.Latency.of(last.small.deliveries),
        topology.hasLarge()
            ? Optional.of(beside(first.large, last.large, end.large, seconds))
            : Optional.empty(),
        topology.hasSlow()
            ? Optional.of(beside(first.slow, last.slow, end.slow, seconds))
            : Optional.empty(),
        List.copyOf(perSecond),
        cpuSeconds,
        violations,
        !failures.isUnreachable(),
        failures.texts());
  }

  private static LoadReport.Beside beside(Lane from, Lane to, Lane end, double seconds) {
    return new LoadReport.Beside(
        end.published,
        end.received,
        rate(to.received - from.received, seconds),
        LoadReport.Latency.of(to.confirms),
        LoadReport.Latency.of(to.deliveries));
  }

  private static double rate(long count, double seconds) {
    return seconds > 0 ? count / seconds : 0;
  }

  private static void violated(List<String> violations, long count, String what) {
    if (count > 0) {
      violations.add(count + " messages " + what);
    }
  }
}
