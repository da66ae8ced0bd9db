package holdfast.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The journal's records, taken one after the other into the fold that a checkpoint began. What a
/// log's copy in the checkpoint counts already is only looked at for the addresses of its live
/// entries.
final class Replay implements Journal.Replayed, SegmentReader.RecordReader, OperationLayout.Reader {
  private final Fold fold;

  /// What the checkpoint counts ends here; (0, 0) without one.
  private final JournalFront.Place begin;

  private final JournalFront.Place complete;
  private final Map<Long, JournalFront.Place> copied;
  private final OperationLayout.Scan scan = new OperationLayout.Scan();

  /// Body id -> its parts so far.
  private final Map<Long, PartialBody> bodies = new HashMap<>();

  private long generation;
  private String segmentName = "";
  private long write;
  private int index;
  private long address;
  private long records;
  private OperationLayout.@Nullable Entry entry;
  private @Nullable LargeParts parts;

  /// The log that was asked for last, and where its copy was taken.
  private @Nullable Log log;

  private long copiedWrite;
  private int copiedRecords;

  private static final class PartialBody {
    final LargeParts parts = new LargeParts();
    long bytes;
  }

  Replay(Fold fold, @Nullable Checkpoint checkpoint) {
    this.fold = fold;
    JournalFront.Place none = new JournalFront.Place(0, 0, 0);
    begin = checkpoint == null ? none : checkpoint.head().begin();
    complete = checkpoint == null ? none : checkpoint.complete();
    copied = checkpoint == null ? Map.of() : checkpoint.copied();
  }

  @Override
  public void write(long segment, long position, long offset, ByteBuffer payload)
      throws IOException {
    if (generation != segment) {
      generation = segment;
      segmentName = SegmentFiles.name(segment);
    }
    write = position;
    SegmentReader.readAll(payload, offset, segmentName, this);
  }

  /// A body that an earlier life left unfinished stays so.
  @Override
  public void newEpoch() {
    bodies.clear();
  }

  /// Records that changed the fold.
  long records() {
    return records;
  }

  /// Whether the checkpoint counts records of this write.
  @Override
  public boolean isCounted(long position) {
    return position < complete.write() || position == complete.write() && complete.records() > 0;
  }

  @Override
  public void record(int index, long offset, byte type, long batch, ByteBuffer payload)
      throws CorruptionException {
    this.index = index;
    address = Address.of(generation, offset);
    if (!isBefore(begin.write(), begin.records())) {
      records++;
    }
    try {
      if (type == RecordLayout.PART) {
        PartialBody body = bodies.computeIfAbsent(batch, id -> new PartialBody());
        body.parts.add(address);
        body.bytes += payload.remaining();
      } else if (type == RecordLayout.CLOSE) {
        scan.read(payload, this);
      } else {
        throw new CorruptionException("a record of unknown type " + type);
      }
    } catch (ByteReader.MalformedException e) {
      throw new CorruptionException(
          "segment "
              + segmentName
              + ": the record at offset "
              + offset
              + " holds what no store wrote: "
              + e.getMessage());
    }
  }

  private boolean isBefore(long otherWrite, int otherRecords) {
    return write < otherWrite || write == otherWrite && index < otherRecords;
  }

  /// The log of an operation; null for one that was deleted before the checkpoint came to it.
  private @Nullable Log known(long id) throws CorruptionException {
    Log last = log;
    if (last != null && last.id() == id) {
      return last;
    }
    Log found = fold.log(id);
    if (found == null) {
      if (isBefore(complete.write(), complete.records())) {
        return null;
      }
      throw new CorruptionException("log " + id + " is used before it was created");
    }
    JournalFront.Place place = copied.get(id);
    copiedWrite = place == null ? 0 : place.write();
    copiedRecords = place == null ? 0 : place.records();
    log = found;
    return found;
  }

  /// Whether what is read is in the copy of the log that [#known] returned.
  private boolean isCounted() {
    return isBefore(copiedWrite, copiedRecords);
  }

  @Override
  public void createLog(long id) throws CorruptionException {
    if (copied.containsKey(id) || isBefore(begin.write(), begin.records())) {
      // In the checkpoint, or gone before it came to it: even so its id is not given again.
      fold.restoreNextLogId(id + 1);
      return;
    }
    if (fold.log(id) != null) {
      throw new CorruptionException("log " + id + " is created twice");
    }
    fold.create(id);
  }

  @Override
  public void deleteLog(long id) throws CorruptionException {
    Log target = known(id);
    if (target != null) {
      fold.delete(target);
      log = null;
    }
  }

  @Override
  public void entry(OperationLayout.Entry entry) throws CorruptionException {
    this.entry = entry;
    parts = null;
    if (entry.isInParts()) {
      PartialBody body = bodies.remove(entry.bodyId);
      parts = body != null && body.bytes == entry.bodyLength ? body.parts : null;
    }
  }

  @Override
  public void appended(long id, long sequence, boolean offered) throws CorruptionException {
    Log target = known(id);
    boolean counted = target != null && isCounted();
    if (target == null
        || counted && (!target.isLive(sequence) || sequence < target.tail().first())) {
      fold.sawDead(generation);
      return;
    }
    OperationLayout.Entry current = entry;
    if (current != null && current.isInParts() && parts == null) {
      throw new CorruptionException(
          "entry " + sequence + " of log " + id + " is live and parts of its body are missing");
    }
    if (counted) {
      fold.found(target, sequence, address, parts);
    } else if (target.next() == sequence) {
      fold.append(target, address, parts);
    } else {
      throw new CorruptionException(
          "entry " + sequence + " of log " + id + " is not the next one: the replay is wrong");
    }
  }

  @Override
  public void settled(long id, long first, long count) throws CorruptionException {
    Log target = known(id);
    if (target == null || isCounted()) {
      return;
    }
    if (count <= 0
        || target.nextLive(first) != first
        || target.liveRunEnd(first, count) != first + count) {
      throw new CorruptionException(
          "entries from " + first + " on of log " + id + " are settled twice, or never were there");
    }
    fold.settle(target, first, count);
  }

  @Override
  public void put(String key, byte[] value) {
    if (!isBefore(begin.write(), begin.records())) {
      fold.define(key, value);
    }
  }

  @Override
  public void removed(String key) {
    if (!isBefore(begin.write(), begin.records())) {
      fold.define(key, null);
    }
  }

  @Override
  public void dispatched(long id, long upTo) throws CorruptionException {
    Log target = known(id);
    if (target != null && !isCounted()) {
      fold.dispatched(target, upTo);
    }
  }

  @Override
  public void trimmed(long id, long upTo) throws CorruptionException {
    Log target = known(id);
    if (target != null && !isCounted()) {
      fold.trim(target, upTo);
    }
  }

  @Override
  public void noted(long id, long sequence, byte[] note) throws CorruptionException {
    Log target = known(id);
    if (target != null && !isCounted()) {
      fold.note(target, sequence, note);
    }
  }

  /// Every live entry must have been met, or lie in a log segment.
  void finish() throws CorruptionException {
    List<String> missing = new ArrayList<>();
    for (Log each : fold.allLogs()) {
      long found = 0;
      for (Log.Run run : each.runs()) {
        found += run.live;
      }
      long expected = Fold.liveIn(each, each.tail().first(), each.next());
      if (found != expected) {
        missing.add("log " + each.id() + ": " + found + " of " + expected);
      }
    }
    if (!missing.isEmpty()) {
      throw new CorruptionException("entries that were confirmed are missing: " + missing);
    }
  }
}
