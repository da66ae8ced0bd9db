package holdfast.testkit;

import holdfast.store.Batch;
import holdfast.store.LargeBody;
import holdfast.store.Log;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The batches of random work that hold more than a step may write.
final class LargeBatchSteps {
  private final StoreHarness harness;
  private final StoreSteps steps;

  /// Bodies that are written in all their parts, and wait for a batch to name them.
  private final Map<LargeBody, byte[]> ready = new LinkedHashMap<>();

  /// Of the entries that the batch in the making brings to a log, those that it settles as well.
  private final Map<Long, BitSet> settledHere = new HashMap<>();

  LargeBatchSteps(StoreHarness harness, StoreSteps steps) {
    this.harness = harness;
    this.steps = steps;
  }

  void keep(LargeBody body, byte[] bytes) {
    ready.put(body, bytes);
  }

  /// Whether several bodies wait.
  boolean isDue() {
    return ready.size() > 1;
  }

  void giveUp() {
    ready.keySet().forEach(harness.store::endLarge);
    ready.clear();
  }

  /// One batch of anything up to the most that one may hold: to many logs and to each of them many
  /// times, with some of its own entries settled again, and naming all large bodies that wait for
  /// it.
  void any() {
    steps.beginBatch();
    settledHere.clear();
    Batch batch = steps.batch;
    List<LargeBody> named = List.copyOf(ready.keySet());
    Map<LargeBody, byte[]> bytes = new HashMap<>(ready);
    ready.clear();
    int most = harness.store.largeBatchBytesMax();
    int least = harness.store.batchBytesMax();
    int end = least + harness.dice.nextInt(most - least);
    boolean full = harness.model.current().liveEntries() > harness.shape.liveMax();
    int bodies = 0;
    int settled = 0;
    while (batch.length() < end - harness.shape.largeStepBytesMax()) {
      List<Log> targets = steps.targets();
      int roll = harness.dice.nextInt(100);
      if (targets.isEmpty()) {
        break; // there is no log yet
      } else if (bodies < named.size() && roll < 20) {
        LargeBody body = named.get(bodies++);
        steps.append(targets, body, bytes.get(body));
      } else if (roll < 60) {
        steps.append(targets, null, steps.bytes(harness.dice.nextInt(90)));
      } else if (roll < (full ? 95 : 75)) {
        settled += settleHere(targets.getFirst());
      } else if (roll < 85) {
        steps.settle();
      } else if (roll < 90) {
        steps.definition();
      } else {
        steps.note();
      }
    }
    if (!harness.store.hasRoom(batch.length())) {
      harness.store.writeOnce();
    }
    if (!batch.isEmpty() && harness.failure == null && harness.store.hasRoom(batch.length())) {
      steps.write();
      harness.counts.largeBatches += batch.length() > 2 * least ? 1 : 0;
      harness.counts.largeBatchesWithBodies += bodies > 1 ? 1 : 0;
      harness.counts.settledInTheirBatch += settled;
    }
    named.forEach(harness.store::endLarge);
  }

  /// Settles some neighbours that this batch has appended; returns how many.
  private int settleHere(Log log) {
    int count = (int) (long) steps.appended.getOrDefault(log.id(), 0L);
    if (count <= 0) {
      return 0;
    }
    BitSet gone = settledHere.computeIfAbsent(log.id(), id -> new BitSet());
    int from = gone.nextClearBit(harness.dice.nextInt(count));
    int end = from;
    while (end < count && !gone.get(end) && end - from < 5) {
      gone.set(end++);
    }
    if (end > from) {
      steps.batch.settle(log, log.next() + from, end - from);
      steps.changes.add(new StoreModel.Settled(log.id(), log.next() + from, end - from));
    }
    return end - from;
  }
}
