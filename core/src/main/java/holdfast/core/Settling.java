package holdfast.core;

import holdfast.store.Batch;
import holdfast.store.ByteWriter;
import holdfast.store.Log;
import holdfast.store.Store;
import org.jspecify.annotations.Nullable;

/// Gathers settled entries into runs and writes them as lazy records: nobody waits for a
/// settlement, and losing one costs a redelivery. One step of work uses it and ends with [#finish].
/// Guarded by the gate.
final class Settling {
  private static final int OPERATION_BYTES_MAX = 32;

  private final Store store;
  private final Batch batch = new Batch();
  private @Nullable Log log;
  private long first;
  private long count;
  private long position;

  Settling(Store store) {
    this.store = store;
  }

  void add(Entry entry) {
    Log target = entry.lane.log();
    if (target == null
        || !entry.isLogged()
        || entry.queue().deleted()
        || entry.queue().stream() != null) {
      return;
    }
    add(target, entry.sequence, 1);
  }

  /// Neighbours in a log.
  void add(Log target, long from, long more) {
    if (target == log && from == first + count) {
      count += more;
      return;
    }
    endRun();
    log = target;
    first = from;
    count = more;
  }

  /// Writes down how often an entry came back.
  void note(Entry entry) {
    Log target = entry.lane.log();
    if (target == null || !entry.isLogged() || entry.queue().deleted()) {
      return;
    }
    endRun();
    makeRoom();
    batch.note(target, entry.sequence, new ByteWriter(4).varint(entry.returns).toBytes());
  }

  private void makeRoom() {
    if (batch.length() + OPERATION_BYTES_MAX > store.batchBytesMax()) {
      position = store.write(batch, false);
      batch.clear();
    }
  }

  private void endRun() {
    Log target = log;
    if (target != null) {
      makeRoom();
      batch.settle(target, first, count);
      log = null;
    }
  }

  /// Writes what was gathered; returns its position, or 0 if there was nothing.
  long finish(boolean awaited) {
    endRun();
    if (!batch.isEmpty()) {
      position = store.write(batch, awaited);
      batch.clear();
    }
    long last = position;
    position = 0;
    return last;
  }
}
