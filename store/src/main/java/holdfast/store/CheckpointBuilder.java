package holdfast.store;

import holdfast.store.LogSegment.Piece;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// A checkpoint in the making: the fold, or what has changed in it since the last one, turned into
/// bytes a slice at a time, while work goes on between the slices. Owned by the owner of the fold.
final class CheckpointBuilder {
  /// A slice ends at so many definitions and logs, or at so many bytes.
  private static final int SLICE_COUNT = 1024;

  private static final int SLICE_BYTES = 128 * 1024;

  private final Fold fold;
  private final ByteWriter out = new ByteWriter(4096);
  private final CheckpointHead head;
  private final Set<Long> segments = new TreeSet<>();

  // What is still to be copied of a checkpoint that holds changes only.
  private final ArrayDeque<String> keys;
  private final ArrayDeque<Long> goneLogs;
  private final ArrayDeque<Log> logs;

  // Where the copying of a whole one stands.
  private String lastKey = "";
  private boolean anyKey;
  private long lastLog;

  CheckpointBuilder(Fold fold, CheckpointHead head) {
    this.fold = fold;
    this.head = head;
    Fold.Changes changes = fold.takeChanges();
    keys = new ArrayDeque<>(changes.keys);
    goneLogs = new ArrayDeque<>(changes.goneLogs);
    logs = new ArrayDeque<>(changes.logs);
    head.encode(out);
    List<LogSegment> needed =
        fold.segments().values().stream().filter(segment -> segment.live() > 0).toList();
    out.varint(needed.size());
    for (LogSegment segment : needed) {
      out.varint(segment.number).varint(segment.fileBytes).varint(segment.entryBytes);
      segments.add(segment.number);
    }
  }

  CheckpointHead head() {
    return head;
  }

  /// Log segments that the checkpoint needs.
  Set<Long> segments() {
    return segments;
  }

  /// Encodes the next slice; true when it was the last.
  ///
  /// @param place where the journal stands: what lies before is counted in this slice
  boolean step(JournalFront.Place place) {
    int end = out.length() + SLICE_BYTES;
    int count = 0;
    boolean more = true;
    while (more && count++ < SLICE_COUNT && out.length() < end) {
      more = head.isWhole() ? copyNext(place) : copyNextChange(place);
    }
    if (!more) {
      logs.forEach(log -> log.changed = false);
      out.u8(Checkpoint.END).varint(place.write()).varint(place.records());
    }
    return !more;
  }

  /// Copies the next definition or log there is; false if there is none.
  private boolean copyNext(JournalFront.Place place) {
    String key = anyKey ? fold.definitions().higherKey(lastKey) : firstKey();
    if (key != null) {
      putDefinition(key);
      lastKey = key;
      anyKey = true;
      return true;
    }
    var next = fold.logs().higherEntry(lastLog);
    if (next == null) {
      return false;
    }
    encode(next.getValue(), place);
    lastLog = next.getKey();
    return true;
  }

  private @Nullable String firstKey() {
    return fold.definitions().isEmpty() ? null : fold.definitions().firstKey();
  }

  private boolean copyNextChange(JournalFront.Place place) {
    String key = keys.poll();
    if (key != null) {
      putDefinition(key);
      return true;
    }
    Long gone = goneLogs.poll();
    if (gone != null) {
      out.u8(Checkpoint.LOG_GONE).varint(gone);
      return true;
    }
    Log log = logs.poll();
    if (log == null) {
      return false;
    }
    if (fold.log(log.id()) == log) {
      encode(log, place);
    } else {
      // Deleted since: what an older checkpoint says of it must not count.
      out.u8(Checkpoint.LOG_GONE).varint(log.id());
    }
    return true;
  }

  private void putDefinition(String key) {
    byte[] value = fold.definitions().get(key);
    if (value != null) {
      out.u8(Checkpoint.DEFINITION).string(key).bytes(value);
    } else {
      out.u8(Checkpoint.REMOVED).string(key);
    }
  }

  private void encode(Log log, JournalFront.Place place) {
    log.changed = false;
    out.u8(Checkpoint.LOG).varint(log.id()).varint(place.write()).varint(place.records());
    out.varint(log.next()).varint(log.dispatchMark()).varint(log.tail().first());
    log.settled().encode(out);
    out.varint(log.pieces().size());
    for (Piece piece : log.pieces()) {
      out.varint(piece.segment.number).varint(piece.first).varint(piece.end);
      out.varint(piece.total).varint(piece.bytes);
      out.varint(piece.indexAt).varint(piece.indexBytes);
    }
    out.varint(log.notes().size());
    log.notes().forEach((sequence, note) -> out.varint(sequence).bytes(note));
  }

  /// The whole checkpoint, sealed.
  byte[] toBytes() {
    return Checkpoint.seal(out);
  }
}
