package holdfast.testkit;

import holdfast.store.Batch;
import holdfast.store.ByteWriter;
import holdfast.store.LargeBody;
import holdfast.store.Log;
import holdfast.store.SyncPolicy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/// Random work on one life of a store, told to the model as it is done.
final class StoreSteps {
  private static final int OPEN_BODIES_MAX = 3;

  private final StoreHarness harness;
  private final StoreShape shape;
  private final SplittableRandom dice;

  /// A log that has an id, and is created later than others that were given theirs after it.
  private Log announced;

  private final List<LargeBody> open = new ArrayList<>();
  private final Map<LargeBody, byte[]> openBytes = new HashMap<>();

  /// Of the batches that are larger than a step.
  private final LargeBatchSteps largeBatches;

  // The batch in the making.
  final Batch batch = new Batch();
  private final ByteWriter header = new ByteWriter(64);
  final List<StoreModel.Change> changes = new ArrayList<>();
  final Map<Long, Long> appended = new HashMap<>();
  private final Set<Long> closedForSettling = new HashSet<>();

  StoreSteps(StoreHarness harness) {
    this.harness = harness;
    this.shape = harness.shape;
    this.dice = harness.dice;
    largeBatches = new LargeBatchSteps(harness, this);
  }

  /// One step of anything.
  void any() {
    if (harness.failure != null) {
      return;
    }
    if (harness.options.sync() != SyncPolicy.SYNC && dice.nextInt(20) == 0) {
      harness.forceOnce();
      return;
    }
    int roll = dice.nextInt(100);
    if (roll < 12) {
      harness.store.writeOnce();
    } else if (roll < 20) {
      harness.runBackground();
    } else if (roll < 22) {
      harness.store.kick();
    } else if (roll < 27) {
      harness.reads.readOne();
      harness.reads.handOver();
    } else if (!harness.store.hasRoom()) {
      harness.store.writeOnce();
    } else if (roll < 36) {
      if (harness.tends) {
        harness.store.tend();
      }
    } else if (roll < 44) {
      Log log = anyLog();
      if (log != null) {
        harness.reads.plan(log);
      }
    } else if (roll < 52) {
      large();
    } else if (roll < 56) {
      if (largeBatches.isDue() || dice.nextBoolean()) {
        largeBatches.any();
      } else {
        large();
      }
    } else {
      small();
    }
  }

  private void large() {
    if (open.size() < OPEN_BODIES_MAX && dice.nextInt(4) == 0) {
      byte[] body = bytes(largeBytes());
      LargeBody started = harness.store.beginLarge(body);
      open.add(started);
      openBytes.put(started, body);
      return;
    }
    if (open.isEmpty()) {
      small();
      return;
    }
    int index = dice.nextInt(open.size());
    LargeBody body = open.get(index);
    boolean abandoned = dice.nextInt(25) == 0;
    if (!abandoned && !harness.store.writePart(body)) {
      return;
    }
    open.remove(index);
    if (!abandoned && dice.nextBoolean()) {
      largeBatches.keep(body, openBytes.remove(body));
      return;
    }
    byte[] bytes = openBytes.remove(body);
    List<Log> targets = targets();
    if (!abandoned && !targets.isEmpty() && harness.store.hasRoom()) {
      beginBatch();
      if (dice.nextBoolean()) {
        settle();
      }
      append(targets, body, bytes);
      if (dice.nextBoolean()) {
        definition();
      }
      write();
    }
    harness.store.endLarge(body);
  }

  private int largeBytes() {
    int least = shape.partBytes() / 2 + 52;
    return least + dice.nextInt(dice.nextInt(4) == 0 ? shape.largeBytesMax() : shape.partBytes());
  }

  private void small() {
    beginBatch();
    boolean full = harness.model.current().liveEntries() > shape.liveMax();
    int part = shape.partBytes();
    for (int n = 1 + dice.nextInt(3); n > 0 && batch.length() < part / 2; n--) {
      int roll = dice.nextInt(100);
      if (roll < 6) {
        create();
      } else if (roll < 8) {
        if (dice.nextInt(shape.logsMax()) < 7) {
          delete();
        }
      } else if (roll < 16) {
        definition();
      } else if (roll < 19) {
        dispatched();
      } else if (roll < 24) {
        note();
      } else if (roll < 26) {
        trim();
      } else if (roll < (full ? 34 : 68)) {
        List<Log> targets = targets();
        if (!targets.isEmpty()) {
          append(targets, null, bytes(bodyBytes()));
        }
      } else {
        settle();
      }
    }
    if (!batch.isEmpty()) {
      write();
    }
  }

  private int bodyBytes() {
    return dice.nextInt(4) == 0
        ? shape.bodyBytesMax() / 2 + dice.nextInt(shape.bodyBytesMax() / 2)
        : dice.nextInt(90);
  }

  void beginBatch() {
    batch.clear();
    changes.clear();
    appended.clear();
    closedForSettling.clear();
  }

  void write() {
    long position = writeBatch(dice.nextInt(3) > 0);
    harness.model.written(position, changes);
    if (harness.confirmsAtAppend) {
      harness.model.confirmed(position);
    }
  }

  private long writeBatch(boolean awaited) {
    try {
      return harness.store.write(batch, awaited);
    } catch (AssertionError e) {
      if (harness.settlesTwice) {
        // The store's own assertion has seen it; what matters is what the journal makes of it.
        harness.store.writeOnce();
        throw new SimulatedCrash("after a settle that was written twice");
      }
      throw e;
    }
  }

  private void create() {
    if (harness.store.logs().size() >= shape.logsMax()) {
      return;
    }
    Log log = harness.store.newLog();
    if (announced == null) {
      announced = log;
      return;
    }
    if (dice.nextBoolean()) {
      Log older = announced;
      announced = log;
      log = older;
    }
    if (harness.knownIds.contains(log.id())) {
      throw new AssertionError("the id of log " + log.id() + " is given a second time");
    }
    batch.createLog(log);
    changes.add(new StoreModel.Created(log.id()));
    if (dice.nextBoolean()) {
      append(List.of(log), null, bytes(dice.nextInt(50)));
    }
    closedForSettling.add(log.id());
  }

  private void delete() {
    Log log = anyLog();
    if (log != null && closedForSettling.add(log.id()) && !appended.containsKey(log.id())) {
      batch.deleteLog(log);
      changes.add(new StoreModel.Deleted(log.id()));
      appended.put(log.id(), -1L);
    }
  }

  void definition() {
    String key = "key-" + dice.nextInt(shape.keys()) + (dice.nextInt(4) == 0 ? "-ü" : "");
    if (dice.nextInt(3) == 0) {
      batch.remove(key);
      changes.add(new StoreModel.Removed(key));
    } else {
      byte[] value = bytes(dice.nextInt(shape.definitionBytesMax()));
      batch.put(key, value);
      changes.add(new StoreModel.Put(key, value));
    }
  }

  private void dispatched() {
    Log log = anyLog();
    if (log != null && appended.getOrDefault(log.id(), 0L) >= 0) {
      long upTo = log.next() + dice.nextInt(20);
      batch.dispatched(log, upTo);
      changes.add(new StoreModel.Dispatched(log.id(), upTo));
    }
  }

  /// Of a live entry, mostly; one that is settled already takes none.
  void note() {
    Log log = anyLog();
    if (log == null || appended.getOrDefault(log.id(), 0L) < 0) {
      return;
    }
    long end = log.next() + appended.getOrDefault(log.id(), 0L);
    if (end > 0) {
      long sequence = dice.nextLong(end);
      if (dice.nextInt(4) > 0 && sequence < log.next()) {
        sequence = Math.min(log.nextLive(sequence), end - 1);
      }
      byte[] note = bytes(dice.nextInt(shape.noteBytesMax()));
      batch.note(log, sequence, note);
      changes.add(new StoreModel.Noted(log.id(), sequence, note));
    }
  }

  private void trim() {
    Log log = anyLog();
    if (log != null && closedForSettling.add(log.id())) {
      long upTo = log.low() + dice.nextLong(1 + (log.next() - log.low()) / 2);
      batch.trim(log, upTo);
      changes.add(new StoreModel.Trimmed(log.id(), upTo));
    }
  }

  void settle() {
    Log log = anyLog();
    if (log == null || !closedForSettling.add(log.id())) {
      return;
    }
    var entries = harness.model.current().log(log.id()).entries();
    if (entries.isEmpty()) {
      return;
    }
    long last = entries.lastKey();
    long from = entries.firstKey();
    if (dice.nextInt(3) > 0) {
      from = entries.ceilingKey(from + dice.nextLong(last - from + 1));
    }
    long count = 1;
    for (int most = dice.nextInt(shape.settleMax());
        count <= most && entries.containsKey(from + count); ) {
      count++;
    }
    batch.settle(log, from, count);
    if (harness.settlesTwice) {
      batch.settle(log, from, count);
    }
    changes.add(new StoreModel.Settled(log.id(), from, count));
  }

  private Log anyLog() {
    List<Log> logs = new ArrayList<>(harness.store.logs());
    return logs.isEmpty() ? null : logs.get(dice.nextInt(logs.size()));
  }

  /// One to a few different logs, none of them deleted in this batch.
  List<Log> targets() {
    List<Log> targets = new ArrayList<>();
    for (int n = 1 + dice.nextInt(dice.nextInt(3) == 0 ? shape.fanOutMax() : 1); n > 0; n--) {
      Log log = anyLog();
      if (log != null && !targets.contains(log) && appended.getOrDefault(log.id(), 0L) >= 0) {
        targets.add(log);
      }
    }
    return targets;
  }

  void append(List<Log> targets, LargeBody large, byte[] body) {
    byte[] head = bytes(dice.nextInt(24));
    header.clear().raw(head, 0, head.length);
    boolean[] offered = new boolean[targets.size()];
    for (int i = 0; i < offered.length; i++) {
      offered[i] = dice.nextInt(4) == 0;
      Log log = targets.get(i);
      long before = appended.merge(log.id(), 1L, Long::sum) - 1;
      StoreState.Entry entry = new StoreState.Entry(head, body, offered[i]);
      harness.appended.computeIfAbsent(log.id(), id -> new HashSet<>()).add(entry.hash());
      changes.add(new StoreModel.Appended(log.id(), log.next() + before, entry));
    }
    Log[] logs = targets.toArray(new Log[0]);
    if (large != null) {
      batch.append(logs, offered, logs.length, header, large);
    } else {
      batch.append(logs, offered, logs.length, header, body);
    }
  }

  byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    dice.nextBytes(bytes);
    return bytes;
  }

  // --- steps with a purpose ---

  void define(int count) {
    for (int i = 0; i < count; ) {
      makeRoom();
      beginBatch();
      for (; i < count && batch.length() < shape.partBytes() / 2; i++) {
        byte[] value = bytes(3);
        batch.put("key-" + i, value);
        changes.add(new StoreModel.Put("key-" + i, value));
      }
      write();
    }
  }

  Log newLog() {
    beginBatch();
    Log log = harness.store.newLog();
    batch.createLog(log);
    changes.add(new StoreModel.Created(log.id()));
    write();
    return log;
  }

  /// Appends one entry; returns its body.
  byte[] append(Log log, int bodyBytes) {
    return append(List.of(log), bodyBytes);
  }

  byte[] append(List<Log> logs, int bodyBytes) {
    makeRoom();
    beginBatch();
    byte[] body = bytes(bodyBytes);
    append(logs, null, body);
    write();
    return body;
  }

  /// The same with a body that goes ahead in parts.
  byte[] appendLarge(List<Log> logs, int bodyBytes) {
    byte[] body = bytes(bodyBytes);
    LargeBody large = harness.store.beginLarge(body);
    boolean written = false;
    while (!written) {
      makeRoom();
      written = harness.store.writePart(large);
    }
    makeRoom();
    beginBatch();
    append(logs, large, body);
    write();
    harness.store.endLarge(large);
    return body;
  }

  /// Fills one batch, as large as one may be, with entries of all these logs in turn, and with
  /// bodies that went ahead in parts; returns how many entries it has.
  int appendMany(List<Log> logs, int bodyBytes, List<LargeBody> larges, List<byte[]> largeBytes) {
    beginBatch();
    for (int i = 0; i < larges.size(); i++) {
      append(List.of(logs.get(i % logs.size())), larges.get(i), largeBytes.get(i));
    }
    int count = larges.size();
    int most = harness.store.largeBatchBytesMax();
    for (; batch.length() < most - bodyBytes - 100; count++) {
      append(List.of(logs.get(count % logs.size())), null, bytes(bodyBytes));
    }
    while (!harness.store.hasRoom(batch.length())) {
      harness.store.writeOnce();
    }
    write();
    return count;
  }

  void settle(Log log, long first, long count) {
    makeRoom();
    beginBatch();
    batch.settle(log, first, count);
    changes.add(new StoreModel.Settled(log.id(), first, count));
    write();
  }

  void settleEverything() {
    open.forEach(harness.store::endLarge);
    open.clear();
    largeBatches.giveUp();
    for (Log log : new ArrayList<>(harness.store.logs())) {
      for (long sequence : List.copyOf(harness.model.current().log(log.id()).entries().keySet())) {
        settle(log, sequence, 1);
      }
    }
  }

  void appendAndSettle(int bodyBytes) {
    Log log = anyLog();
    if (log == null) {
      log = newLog();
    }
    append(log, bodyBytes);
    settle(log, log.next() - 1, 1);
  }

  private void makeRoom() {
    while (!harness.store.hasRoom()) {
      harness.store.writeOnce();
    }
  }
}
