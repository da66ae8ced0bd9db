package holdfast.store;

import java.nio.ByteBuffer;

/// The operations of a batch, one after the other, as the payload of a [RecordLayout#CLOSE] record.
/// Numbers are variable-length (see [ByteWriter]).
///
/// ```
///   CREATE_LOG  log
///   DELETE_LOG  log
///   APPEND      n, n x (log, sequence << 1 | offered), header length, header, body
///   SETTLE      log, first sequence, count
///   PUT         key length, key, value length, value
///   REMOVE      key length, key
///   DISPATCHED  log, up to
///   TRIM        log, up to
///   NOTE        log, sequence, note length, note
///
///   body        length << 1     , bytes            it stands here
///               length << 1 | 1 , body id          it stands in PART records of that id
/// ```
///
/// `offered` says that the log had somebody to hand entries to when this one was appended: after an
/// unclean stop it may have been delivered.
final class OperationLayout {
  static final int CREATE_LOG = 1;
  static final int DELETE_LOG = 2;
  static final int APPEND = 3;
  static final int SETTLE = 4;
  static final int PUT = 5;
  static final int REMOVE = 6;
  static final int DISPATCHED = 7;
  static final int TRIM = 8;
  static final int NOTE = 9;

  private OperationLayout() {}

  /// What happens to each operation as it is read back, in order.
  interface Reader {
    void createLog(long log) throws CorruptionException;

    void deleteLog(long log) throws CorruptionException;

    /// A new entry's bytes; [#appended] follows once for each log it goes to.
    void entry(Entry entry) throws CorruptionException;

    void appended(long log, long sequence, boolean offered) throws CorruptionException;

    void settled(long log, long first, long count) throws CorruptionException;

    void put(String key, byte[] value);

    void removed(String key);

    void dispatched(long log, long upTo) throws CorruptionException;

    void trimmed(long log, long upTo) throws CorruptionException;

    void noted(long log, long sequence, byte[] note) throws CorruptionException;
  }

  /// Where an entry's bytes stand in the payload that is read; reused from one to the next.
  static final class Entry {
    ByteBuffer payload = ByteBuffer.allocate(0);
    int targets;
    int headerAt;
    int headerLength;

    /// Length of the body, wherever it stands.
    long bodyLength;

    /// Where the body stands; where it stands in parts, -1.
    int bodyAt;

    /// Id of the parts.
    long bodyId;

    boolean isInParts() {
      return bodyAt < 0;
    }
  }

  /// Reads operations one payload after the other, without garbage where there are entries only.
  static final class Scan {
    private final Entry entry = new Entry();
    private long[] targets = new long[16];

    void read(ByteBuffer payload, Reader reader) throws CorruptionException {
      ByteReader in = new ByteReader(payload);
      entry.payload = payload;
      while (in.hasMore()) {
        int operation = in.u8();
        switch (operation) {
          case CREATE_LOG -> reader.createLog(in.varint());
          case DELETE_LOG -> reader.deleteLog(in.varint());
          case APPEND -> append(in, reader);
          case SETTLE -> reader.settled(in.varint(), in.varint(), in.varint());
          case PUT -> reader.put(in.string(), in.bytes());
          case REMOVE -> reader.removed(in.string());
          case DISPATCHED -> reader.dispatched(in.varint(), in.varint());
          case TRIM -> reader.trimmed(in.varint(), in.varint());
          case NOTE -> reader.noted(in.varint(), in.varint(), in.bytes());
          default ->
              throw new ByteReader.MalformedException("no operation is numbered " + operation);
        }
      }
    }

    private void append(ByteReader in, Reader reader) throws CorruptionException {
      int logs = in.count();
      if (targets.length < 2 * logs) {
        targets = new long[4 * logs];
      }
      for (int i = 0; i < 2 * logs; i++) {
        targets[i] = in.varint();
      }
      entry.targets = logs;
      entry.headerLength = in.count();
      entry.headerAt = in.position();
      in.skip(entry.headerLength);
      long body = in.varint();
      entry.bodyLength = body >>> 1;
      if ((body & 1) == 0) {
        entry.bodyAt = in.position();
        in.skip(entry.bodyLength);
      } else {
        entry.bodyAt = -1;
        entry.bodyId = in.varint();
      }
      reader.entry(entry);
      for (int i = 0; i < 2 * logs; i += 2) {
        reader.appended(targets[i], targets[i + 1] >>> 1, (targets[i + 1] & 1) != 0);
      }
    }
  }
}
