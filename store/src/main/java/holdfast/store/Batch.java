package holdfast.store;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Operations that take effect together or not at all: appends to any number of logs, settlements,
/// puts and removals. Built by the thread that owns the store, written at once with [Store#write],
/// and then reused after [#clear].
public final class Batch {
  private static final int INLINE_COPY_MAX = 512;

  private final ByteWriter operations = new ByteWriter(1024);
  private final RecordLayout.Payload payload = new RecordLayout.Payload();

  /// What the fold is told when the batch is written: groups of kind, log id and two numbers.
  private long[] effects = new long[64];

  private int effectCount;
  private byte @Nullable [] tail;
  private final java.util.ArrayList<DefinitionChange> definitions = new java.util.ArrayList<>();

  /// A definition put, or removed where the value is null.
  record DefinitionChange(String key, byte @Nullable [] value) {}

  public Batch clear() {
    operations.clear();
    effectCount = 0;
    tail = null;
    definitions.clear();
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
    effect(OperationLayout.CREATE_LOG, log.id(), 0, 0);
    return this;
  }

  public Batch deleteLog(Log log) {
    begin(OperationLayout.DELETE_LOG).varint(log.id());
    effect(OperationLayout.DELETE_LOG, log.id(), 0, 0);
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

  /// The same for a body that [Store#writePart] has put into the journal before.
  public Batch append(Log[] logs, boolean[] offered, int count, ByteWriter header, LargeBody body) {
    assert body.isWritten() : "the body's parts are not all written";
    appendTargets(logs, offered, count, header, body.fromGeneration());
    operations.varint((long) body.bytes().length << 1 | 1).varint(body.id());
    return this;
  }

  private void appendTargets(
      Log[] logs, boolean[] offered, int count, ByteWriter header, long fromGeneration) {
    begin(OperationLayout.APPEND).varint(count);
    int before = effectCount;
    for (int i = 0; i < count; i++) {
      long sequence = logs[i].next() + pendingAppends(logs[i], before);
      operations.varint(logs[i].id()).varint(sequence << 1 | (offered[i] ? 1 : 0));
      effect(OperationLayout.APPEND, logs[i].id(), fromGeneration, 0);
    }
    operations.varint(header.length()).raw(header.array(), 0, header.length());
  }

  /// Entries that earlier appends of this batch bring to a log.
  private int pendingAppends(Log log, int before) {
    int pending = 0;
    for (int i = 0; i < before; i += 4) {
      if (effects[i] == OperationLayout.APPEND && effects[i + 1] == log.id()) {
        pending++;
      }
    }
    return pending;
  }

  /// Settles `count` neighbouring live entries. Refuses one that is settled already: in the journal
  /// it would be taken for damage by every start from there on.
  public Batch settle(Log log, long first, long count) {
    for (long sequence = first; sequence < first + count; sequence++) {
      if (sequence < log.next() && !log.isLive(sequence)) {
        throw new IllegalStateException(
            "entry " + sequence + " of log " + log.id() + " is settled already");
      }
    }
    begin(OperationLayout.SETTLE).varint(log.id()).varint(first).varint(count);
    effect(OperationLayout.SETTLE, log.id(), first, count);
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
    effect(OperationLayout.DISPATCHED, log.id(), upTo, 0);
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

  private void effect(long kind, long log, long a, long b) {
    if (effectCount + 4 > effects.length) {
      effects = Arrays.copyOf(effects, effects.length * 2);
    }
    effects[effectCount++] = kind;
    effects[effectCount++] = log;
    effects[effectCount++] = a;
    effects[effectCount++] = b;
  }

  RecordLayout.Payload payload() {
    payload.head(operations.array(), 0, operations.length());
    byte[] body = tail;
    return body == null ? payload : payload.body(body, 0, body.length);
  }

  /// Tells the fold what has been appended to the journal, in a record of this generation.
  void applyTo(Fold fold, long generation) {
    for (int i = 0; i < effectCount; i += 4) {
      long log = effects[i + 1];
      switch ((int) effects[i]) {
        case OperationLayout.CREATE_LOG -> fold.create(log);
        case OperationLayout.DELETE_LOG -> fold.delete(log);
        case OperationLayout.APPEND ->
            fold.append(log, effects[i + 2] < 0 ? generation : effects[i + 2], generation);
        case OperationLayout.SETTLE -> fold.settle(log, effects[i + 2], effects[i + 3]);
        case OperationLayout.DISPATCHED -> fold.dispatched(log, effects[i + 2]);
        default -> throw new AssertionError("effect " + effects[i]);
      }
    }
    for (DefinitionChange change : definitions) {
      fold.define(change.key, change.value);
    }
  }
}
