package holdfast.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import org.jspecify.annotations.Nullable;

/// Operations that take effect together or not at all: appends to any number of logs, settlements,
/// puts and removals. Built by the thread that owns the store, written at once with [Store#write],
/// and then reused after [#clear]. Operations take effect in their order: an entry that this batch
/// appends may be noted or settled behind that in the same batch.
public final class Batch {
  private static final int INLINE_COPY_MAX = 512;

  /// Bytes of an entry's note.
  public static final int NOTE_BYTES_MAX = 256;

  private final ByteWriter operations = new ByteWriter(1024);
  private final RecordLayout.Payload payload = new RecordLayout.Payload();

  /// What the fold is told when the batch is written: groups of kind and two numbers, and the log.
  private long[] effects = new long[48];

  private Log[] effectLogs = new Log[16];
  private int effectCount;
  private int appendCount;
  private final ArrayList<LargeBody> largeBodies = new ArrayList<>();
  private final ArrayList<Note> notes = new ArrayList<>();

  /// Entries that this batch brings to each log that it appends to more than once.
  private final HashMap<Log, Integer> appends = new HashMap<>();

  private byte @Nullable [] tail;
  private final ArrayList<DefinitionChange> definitions = new ArrayList<>();

  /// A definition put, or removed where the value is null.
  record DefinitionChange(String key, byte @Nullable [] value) {}

  private record Note(long sequence, byte[] bytes) {}

  public Batch clear() {
    operations.clear();
    Arrays.fill(effectLogs, 0, effectCount, null);
    effectCount = 0;
    appendCount = 0;
    tail = null;
    definitions.clear();
    largeBodies.clear();
    notes.clear();
    appends.clear();
    return this;
  }

  public boolean isEmpty() {
    return operations.length() == 0;
  }

  /// Bytes of the record so far.
  public int length() {
    return operations.length() + (tail == null ? 0 : tail.length);
  }

  public Batch createLog(Log log) {
    begin(OperationLayout.CREATE_LOG).varint(log.id());
    effect(OperationLayout.CREATE_LOG, log, 0, 0);
    return this;
  }

  public Batch deleteLog(Log log) {
    begin(OperationLayout.DELETE_LOG).varint(log.id());
    effect(OperationLayout.DELETE_LOG, log, 0, 0);
    return this;
  }

  /// Appends one entry to each of some logs; its body is written once.
  ///
  /// @param logs the logs; each one's next sequence becomes the entry's
  /// @param offered for each log, whether it has somebody to hand entries to now
  /// @param count how many of the arrays' elements count
  /// @param header what the owner wants to know of the entry without its body
  public Batch append(Log[] logs, boolean[] offered, int count, ByteWriter header, byte[] body) {
    appendTargets(logs, offered, count, header, -1);
    operations.varint((long) body.length << 1);
    if (body.length <= INLINE_COPY_MAX) {
      operations.raw(body, 0, body.length);
    } else {
      tail = body;
    }
    return this;
  }

  /// The same for a body that [Store#writePart] has put into the journal before. A large body is
  /// named by one append, which may go to many logs; a batch may name several.
  public Batch append(Log[] logs, boolean[] offered, int count, ByteWriter header, LargeBody body) {
    assert body.isWritten() : "the body's parts are not all written";
    assert !largeBodies.contains(body) : "the body is named twice: only one would find its parts";
    largeBodies.add(body);
    appendTargets(logs, offered, count, header, largeBodies.size() - 1);
    operations.varint((long) body.body().length() << 1 | 1).varint(body.id());
    return this;
  }

  private void appendTargets(
      Log[] logs, boolean[] offered, int count, ByteWriter header, int largeBody) {
    boolean first = appendCount == 0;
    begin(OperationLayout.APPEND).varint(count);
    for (int i = 0; i < count; i++) {
      long sequence = logs[i].next() + (first ? 0 : earlierAppends(logs[i]));
      operations.varint(logs[i].id()).varint(sequence << 1 | (offered[i] ? 1 : 0));
      effect(OperationLayout.APPEND, logs[i], largeBody, 0);
    }
    appendCount++;
    operations.varint(header.length()).raw(header.array(), 0, header.length());
  }

  /// Entries that earlier appends of this batch bring to a log.
  private int earlierAppends(Log log) {
    countAppends();
    return appends.merge(log, 1, Integer::sum) - 1;
  }

  /// Most batches have one append and need no count; the first one's targets are counted when
  /// somebody asks.
  private void countAppends() {
    if (appends.isEmpty() && appendCount > 0) {
      for (int i = 0; i < effectCount; i++) {
        if (effects[3 * i] == OperationLayout.APPEND) {
          appends.merge(effectLogs[i], 1, Integer::sum);
        }
      }
    }
  }

  private long nextAfterAppends(Log log) {
    countAppends();
    return log.next() + appends.getOrDefault(log, 0);
  }

  /// Settles `count` neighbouring live entries. Refuses one that is settled already or not appended
  /// yet: in the journal it would be taken for damage by every start from there on.
  public Batch settle(Log log, long first, long count) {
    if (count <= 0) {
      throw new IllegalArgumentException("settling " + count + " entries of log " + log.id());
    }
    long end = first + count;
    boolean appendedHere = first >= log.next();
    boolean live =
        appendedHere
            || log.nextLive(first) == first
                && log.liveRunEnd(first, count) >= Math.min(end, log.next());
    if (!live || end > log.next() && end > nextAfterAppends(log)) {
      throw new IllegalStateException(
          "of the entries "
              + first
              + " to "
              + (end - 1)
              + " of log "
              + log.id()
              + " one is settled already or not appended yet");
    }
    begin(OperationLayout.SETTLE).varint(log.id()).varint(first).varint(count);
    effect(OperationLayout.SETTLE, log, first, count);
    return this;
  }

  /// Settles everything below a sequence: how a log that nobody settles one by one is cut short.
  public Batch trim(Log log, long upTo) {
    begin(OperationLayout.TRIM).varint(log.id()).varint(upTo);
    effect(OperationLayout.TRIM, log, upTo, 0);
    return this;
  }

  /// Attaches a few bytes to an entry, in place of those it had; they are gone when it is settled.
  public Batch note(Log log, long sequence, byte[] note) {
    if (note.length > NOTE_BYTES_MAX) {
      throw new IllegalArgumentException(
          "a note of " + note.length + " bytes; the limit is " + NOTE_BYTES_MAX);
    }
    begin(OperationLayout.NOTE).varint(log.id()).varint(sequence).bytes(note);
    notes.add(new Note(sequence, note));
    effect(OperationLayout.NOTE, log, notes.size() - 1, 0);
    return this;
  }

  public Batch put(String key, byte[] value) {
    begin(OperationLayout.PUT).string(key).bytes(value);
    definitions.add(new DefinitionChange(key, value));
    return this;
  }

  public Batch remove(String key) {
    begin(OperationLayout.REMOVE).string(key);
    definitions.add(new DefinitionChange(key, null));
    return this;
  }

  /// Entries of a log below `upTo` may be handed out once this is durable.
  public Batch dispatched(Log log, long upTo) {
    begin(OperationLayout.DISPATCHED).varint(log.id()).varint(upTo);
    effect(OperationLayout.DISPATCHED, log, upTo, 0);
    return this;
  }

  /// A body kept aside must stand right behind its own operation: before the next one it is copied.
  private ByteWriter begin(int operation) {
    byte[] body = tail;
    if (body != null) {
      operations.raw(body, 0, body.length);
      tail = null;
    }
    return operations.u8(operation);
  }

  private void effect(long kind, Log log, long a, long b) {
    if (effectCount == effectLogs.length) {
      effectLogs = Arrays.copyOf(effectLogs, effectCount * 2);
      effects = Arrays.copyOf(effects, effectCount * 6);
    }
    effectLogs[effectCount] = log;
    effects[3 * effectCount] = kind;
    effects[3 * effectCount + 1] = a;
    effects[3 * effectCount + 2] = b;
    effectCount++;
  }

  RecordLayout.Payload payload() {
    payload.head(operations.array(), 0, operations.length());
    byte[] body = tail;
    return body == null ? payload : payload.body(body, 0, body.length);
  }

  /// Tells the fold what has been appended to the journal, in a record at this address.
  void applyTo(Fold fold, long address) {
    for (int i = 0; i < effectCount; i++) {
      Log log = effectLogs[i];
      long a = effects[3 * i + 1];
      switch ((int) effects[3 * i]) {
        case OperationLayout.CREATE_LOG -> fold.create(log.id());
        case OperationLayout.DELETE_LOG -> fold.delete(log);
        case OperationLayout.APPEND ->
            fold.append(log, address, a < 0 ? null : largeBodies.get((int) a).parts());
        case OperationLayout.SETTLE -> fold.settle(log, a, effects[3 * i + 2]);
        case OperationLayout.DISPATCHED -> fold.dispatched(log, a);
        case OperationLayout.TRIM -> fold.trim(log, a);
        case OperationLayout.NOTE ->
            fold.note(log, notes.get((int) a).sequence, notes.get((int) a).bytes);
        default -> throw new AssertionError("effect " + effects[3 * i]);
      }
    }
    for (int i = 0; i < definitions.size(); i++) {
      fold.define(definitions.get(i).key, definitions.get(i).value);
    }
  }
}
