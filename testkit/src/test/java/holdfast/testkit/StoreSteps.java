package holdfast.testkit;

import holdfast.store.Batch;
import holdfast.store.ByteWriter;
import holdfast.store.LargeBody;
import holdfast.store.Log;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/// Random work on one life of a store, told to the model as it is done.
final class StoreSteps {
  private static final int LOGS_MAX = 7;
  private static final int LIVE_MAX = 150;
  private static final int OPEN_BODIES_MAX = 3;

  private final StoreHarness harness;
  private final SplittableRandom dice;
  private final List<LargeBody> open = new ArrayList<>();
  private final Map<LargeBody, byte[]> openBytes = new HashMap<>();

  // The batch in the making.
  private final Batch batch = new Batch();
  private final ByteWriter header = new ByteWriter(64);
  private final List<StoreModel.Change> changes = new ArrayList<>();
  private final Map<Long, Long> appended = new HashMap<>();
  private final Set<Long> closedForSettling = new HashSet<>();

  StoreSteps(StoreHarness harness) {
    this.harness = harness;
    this.dice = harness.dice;
  }

  /// One step of anything.
  void any() {
    if (harness.failure != null) {
      return;
    }
    int roll = dice.nextInt(100);
    if (roll < 12) {
      harness.store.writeOnce();
    } else if (roll < 20) {
      harness.runBackground();
    } else if (roll < 22) {
      harness.store.kick();
    } else if (!harness.store.hasRoom()) {
      harness.store.writeOnce();
    } else if (roll < 32) {
      harness.store.tend();
    } else if (roll < 52) {
      large();
    } else {
      small();
    }
  }

  private void large() {
    if (open.size() < OPEN_BODIES_MAX && dice.nextInt(4) == 0) {
      byte[] body = bytes(2100 + dice.nextInt(dice.nextInt(3) == 0 ? 20_000 : 3_000));
      LargeBody started = harness.store.beginLarge(body);
      if (started != null) {
        open.add(started);
        openBytes.put(started, body);
      }
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

  private void small() {
    beginBatch();
    boolean full = harness.model.current().liveEntries() > LIVE_MAX;
    for (int n = 1 + dice.nextInt(3); n > 0; n--) {
      int roll = dice.nextInt(100);
      if (roll < 6) {
        create();
      } else if (roll < 8) {
        delete();
      } else if (roll < 16) {
        definition();
      } else if (roll < 20) {
        dispatched();
      } else if (roll < (full ? 30 : 60)) {
        List<Log> targets = targets();
        if (!targets.isEmpty()) {
          append(
              targets,
              null,
              bytes(dice.nextInt(4) == 0 ? 500 + dice.nextInt(400) : dice.nextInt(90)));
        }
      } else {
        settle();
      }
    }
    if (!batch.isEmpty()) {
      write();
    }
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
    if (harness.store.logs().size() >= LOGS_MAX) {
      return;
    }
    Log log = harness.store.newLog();
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

  private void definition() {
    String key = "key-" + dice.nextInt(12) + (dice.nextInt(4) == 0 ? "-ü" : "");
    if (dice.nextInt(3) == 0) {
      batch.remove(key);
      changes.add(new StoreModel.Removed(key));
    } else {
      byte[] value = bytes(dice.nextInt(120));
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

  private void settle() {
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
    for (int most = dice.nextInt(12); count <= most && entries.containsKey(from + count); ) {
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

  /// One to five different logs, none of them deleted in this batch.
  private List<Log> targets() {
    List<Log> targets = new ArrayList<>();
    for (int n = 1 + dice.nextInt(dice.nextInt(3) == 0 ? 5 : 1); n > 0; n--) {
      Log log = anyLog();
      if (log != null && !targets.contains(log) && appended.getOrDefault(log.id(), 0L) >= 0) {
        targets.add(log);
      }
    }
    return targets;
  }

  private void append(List<Log> targets, LargeBody large, byte[] body) {
    byte[] head = bytes(dice.nextInt(24));
    header.clear().raw(head, 0, head.length);
    boolean[] offered = new boolean[targets.size()];
    for (int i = 0; i < offered.length; i++) {
      offered[i] = dice.nextInt(4) == 0;
      Log log = targets.get(i);
      long before = appended.merge(log.id(), 1L, Long::sum) - 1;
      StoreState.Entry entry = new StoreState.Entry(head, body, offered[i]);
      changes.add(new StoreModel.Appended(log.id(), log.next() + before, entry));
    }
    Log[] logs = targets.toArray(new Log[0]);
    if (large != null) {
      batch.append(logs, offered, logs.length, header, large);
    } else {
      batch.append(logs, offered, logs.length, header, body);
    }
  }

  private byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    dice.nextBytes(bytes);
    return bytes;
  }

  // --- steps with a purpose ---

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
    makeRoom();
    beginBatch();
    byte[] body = bytes(bodyBytes);
    append(List.of(log), null, body);
    write();
    return body;
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
