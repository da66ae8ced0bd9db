package holdfast.cost;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a message costs must not grow unnoticed. Nothing is timed: these are counts, a message, of
/// a broker that is warm and does the same again and again. docs/cost-of-a-message.md says what
/// each of them is.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CostOfAMessageTest {
  /// What one message may cost at most. Whoever lowers a cost lowers its ceiling.
  private static final String CEILINGS =
      """
                      | ONE_DURABLE | DURABLE | DURABLE_16_KIB | FAN_OUT | ONE_TRANSIENT | TRANSIENT
      bytes allocated |        2680 |    1460 |          17700 |    2650 |           950 |       350
      objects         |        49.5 |    10.8 |             31 |      36 |          26.5 |       8.4
      bytes copied    |        2100 |    2120 |          33000 |   11800 |            78 |        78
      journal bytes   |        4200 |    1180 |          18300 |    1270 |             0 |         0
      journal writes  |         1.1 |   0.022 |           0.37 |   0.055 |             0 |         0
      socket reads    |         2.1 |   0.045 |           0.75 |    0.11 |           1.1 |     0.003
      socket flushes  |         2.1 |   0.045 |           0.75 |    0.11 |           1.1 |     0.003
      loop turns      |         5.0 |    0.14 |            2.4 |    0.35 |           2.5 |     0.009
      loop tasks      |         3.2 |    0.11 |            1.8 |    0.28 |           1.1 |     0.005
      wake-ups        |         2.2 |    0.09 |            1.5 |    0.23 |           1.1 |     0.005
      """;

  /// Journal bytes of a settlement, acknowledged one by one: in order, or every second one first.
  private static final double SETTLED_BYTES = 36;

  enum Scenario {
    /// 1 KiB to a durable queue, confirmed, delivered and acknowledged before the next.
    ONE_DURABLE(new LockStep.Load(true, 1024, 1, 1), 2_000),
    /// The same, 50 at a time: what a socket holds before it is read.
    DURABLE(new LockStep.Load(true, 1024, 1, 50), 20_000),
    /// 16 KiB, 3 at a time.
    DURABLE_16_KIB(new LockStep.Load(true, 16 * 1024, 1, 3), 2_000),
    /// 1 KiB to ten durable queues, 20 at a time.
    FAN_OUT(new LockStep.Load(true, 1024, 10, 20), 2_000),
    /// 16 bytes through a queue that is not durable, settled by being delivered.
    ONE_TRANSIENT(new LockStep.Load(false, 16, 1, 1), 5_000),
    /// The same, 500 at a time.
    TRANSIENT(new LockStep.Load(false, 16, 1, 500), 50_000);

    final LockStep.Load load;
    final long messages;

    Scenario(LockStep.Load load, long messages) {
      this.load = load;
      this.messages = messages;
    }
  }

  private final Map<Scenario, Map<Count, Double>> table = new EnumMap<>(Scenario.class);

  @TempDir(cleanup = CleanupMode.ALWAYS)
  Path temporary;

  @ParameterizedTest
  @EnumSource(Scenario.class)
  void aMessageCostsNoMoreThanItDid(Scenario scenario) throws IOException {
    List<String> objects = new ArrayList<>();
    Map<Count, Double> measured = measure(scenario, objects);
    measured.put(Count.COPIED_BYTES, copiedBytes(scenario));
    table.put(scenario, measured);
    assertThat(excesses(scenario, measured))
        .as("what a message costs too much in %s; most objects: %s", scenario, objects)
        .isEmpty();
  }

  @Test
  void aSettlementWritesNoMoreThanItDid() throws IOException {
    double inOrder = settledBytes("in-order", 1);
    double outOfOrder = settledBytes("out-of-order", 2);
    System.out.printf(
        Locale.ROOT,
        "journal bytes a settlement: %.1f in order, %.1f out of order%n",
        inOrder,
        outOfOrder);
    assertThat(inOrder).as("in order").isLessThan(SETTLED_BYTES);
    assertThat(outOfOrder).as("out of order").isLessThan(SETTLED_BYTES);
  }

  /// Settlements ride with the writes of others. So one batch is written with very many of them,
  /// and as many are written without.
  private double settledBytes(String name, int stride) throws IOException {
    int batches = 50;
    LockStep.Load load = Scenario.DURABLE.load;
    try (MeteredBroker broker = new MeteredBroker(directory(name), null);
        LockStep lockStep = new LockStep(broker, load)) {
      for (int i = 0; i < batches; i++) {
        lockStep.publish();
      }
      long before = journalBytes(broker);
      lockStep.publish();
      long batch = journalBytes(broker) - before;
      for (int i = 0; i < batches; i++) {
        lockStep.acknowledge(stride);
      }
      lockStep.awaitConsumer();
      lockStep.publish();
      long both = journalBytes(broker) - before - batch;
      return (double) (both - batch) / (batches * load.batch());
    }
  }

  private static long journalBytes(MeteredBroker broker) {
    return broker.counts().get(Count.JOURNAL_BYTES);
  }

  private Map<Count, Double> measure(Scenario scenario, List<String> objects) throws IOException {
    try (MeteredBroker broker = new MeteredBroker(directory("counted"), null);
        LockStep load = new LockStep(broker, scenario.load)) {
      load.run(scenario.messages);
      System.gc();
      Heap heapBefore = Heap.now();
      Map<Count, Long> before = broker.counts();
      long messages = load.run(scenario.messages);
      Map<Count, Long> after = broker.counts();
      Map<String, Long> made = Heap.now().madeSince(heapBefore);
      objects.addAll(Heap.most(made, messages));
      Map<Count, Double> measured = new EnumMap<>(Count.class);
      after.forEach(
          (count, sum) -> measured.put(count, (double) (sum - before.get(count)) / messages));
      measured.put(Count.OBJECTS, (double) sum(made) / messages);
      return measured;
    }
  }

  private static long sum(Map<String, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  /// Apart from the others, since it takes buffers that the broker does not have otherwise.
  private double copiedBytes(Scenario scenario) throws IOException {
    CopyCounter copies = new CopyCounter();
    try (MeteredBroker broker = new MeteredBroker(directory("copies"), copies);
        LockStep load = new LockStep(broker, scenario.load)) {
      load.run(scenario.messages / 10);
      long before = copies.bytes();
      long messages = load.run(scenario.messages / 4);
      return (double) (copies.bytes() - before) / messages;
    }
  }

  private Path directory(String name) throws IOException {
    return Files.createDirectory(temporary.resolve(name));
  }

  private static List<String> excesses(Scenario scenario, Map<Count, Double> measured) {
    List<String> excesses = new ArrayList<>();
    measured.forEach((count, value) -> {
      double ceiling = ceiling(scenario, count);
      if (value > ceiling) {
        excesses.add(
            String.format(Locale.ROOT, "%s: %.3f, at most %.3f", count.text, value, ceiling));
      }
    });
    return excesses;
  }

  private static double ceiling(Scenario scenario, Count count) {
    List<String> names = cells(CEILINGS.lines().findFirst().orElseThrow());
    return CEILINGS
        .lines()
        .map(CostOfAMessageTest::cells)
        .filter(cells -> cells.getFirst().equals(count.text))
        .mapToDouble(cells -> Double.parseDouble(cells.get(names.indexOf(scenario.name()))))
        .findFirst()
        .orElseThrow();
  }

  private static List<String> cells(String line) {
    return List.of(line.strip().split("\\s*\\|\\s*"));
  }

  /// For the log, in the shape of the ceilings.
  @AfterAll
  void printWhatWasMeasured() {
    StringBuilder text = new StringBuilder("what a message costs:");
    text.append(String.format("%n%-15s", ""));
    table.keySet().forEach(scenario -> text.append(" | ").append(scenario));
    for (Count count : Count.values()) {
      text.append(String.format("%n%-15s", count.text));
      table.forEach((scenario, measured) -> {
        int width = scenario.name().length();
        text.append(String.format(Locale.ROOT, " | %" + width + ".3f", measured.get(count)));
      });
    }
    System.out.println(text);
  }
}
