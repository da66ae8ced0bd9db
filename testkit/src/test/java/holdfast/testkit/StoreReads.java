package holdfast.testkit;

import holdfast.store.FetchedEntry;
import holdfast.store.Log;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Reads in the middle of work: planned now, read at once or later as the dice say, and compared
/// with the model when they are handed over. What was live when a read was planned must be there,
/// byte for byte and without a gap, whatever has been settled, moved or given back since.
final class StoreReads {
  private final StoreHarness harness;
  private final SimulatedExecutor waiting = new SimulatedExecutor();

  StoreReads(StoreHarness harness) {
    this.harness = harness;
  }

  /// The reader's executor.
  void execute(Runnable task) {
    if (harness.readsAtOnce || !harness.readsLater && harness.dice.nextInt(3) == 0) {
      task.run();
    } else {
      waiting.execute(task);
    }
  }

  /// Plans a read of a random range of what is confirmed.
  void plan(Log log) {
    long id = log.id();
    long confirmed = harness.model.confirmedNext(id);
    if (confirmed <= log.low()) {
      return;
    }
    long from = log.low() + harness.dice.nextLong(confirmed - log.low());
    from = harness.dice.nextInt(3) == 0 ? 0 : from;
    long to = Math.min(confirmed, from + 1 + harness.dice.nextInt(200));
    to = harness.dice.nextBoolean() ? confirmed : to;
    int bytesMax = 1 + harness.dice.nextInt(4000);
    int countMax = 1 + harness.dice.nextInt(60);
    TreeMap<Long, StoreState.Entry> live =
        new TreeMap<>(harness.model.current().log(id).entries().subMap(from, to));
    Range range = new Range(id, from, to, countMax);
    long givenBack = harness.counts.filesGivenBack;
    harness.store.fetch(
        log,
        from,
        to,
        bytesMax,
        countMax,
        entries -> {
          harness.counts.reads++;
          harness.counts.readsAcrossFrees += harness.counts.filesGivenBack > givenBack ? 1 : 0;
          require(range, live, entries);
        });
  }

  private record Range(long log, long from, long to, int countMax) {}

  private static void require(
      Range range, TreeMap<Long, StoreState.Entry> live, List<FetchedEntry> entries) {
    if (entries.isEmpty() != live.isEmpty() || entries.size() > range.countMax) {
      throw wrong(range, entries.size() + " entries where " + live.size() + " were live");
    }
    long before = range.from - 1;
    for (FetchedEntry entry : entries) {
      long sequence = entry.sequence();
      if (sequence <= before || sequence >= range.to) {
        throw wrong(range, "entry " + sequence + " after " + before);
      }
      if (!live.subMap(before + 1, sequence).isEmpty()) {
        throw wrong(range, "entry " + live.higherKey(before) + " was left out");
      }
      StoreState.Entry expected = live.get(sequence);
      if (expected != null
          && (!Arrays.equals(expected.header(), entry.header())
              || !Arrays.equals(expected.body(), entry.body())
              || expected.flagged() != entry.offered())) {
        throw wrong(range, "entry " + sequence + " has other bytes");
      }
      before = sequence;
    }
    Map.Entry<Long, StoreState.Entry> first = live.firstEntry();
    if (first != null && first.getKey() > before) {
      throw wrong(range, "none of the live entries");
    }
  }

  private static AssertionError wrong(Range range, String what) {
    return new AssertionError("a read of " + range + " brought " + what);
  }

  boolean readOne() {
    return waiting.runOne();
  }

  void readAll() {
    waiting.runAll();
  }

  void handOver() {
    if (harness.store.hasFetched() && !harness.store.handOverFetched()) {
      throw new AssertionError("a finished read was not handed over");
    }
  }
}
