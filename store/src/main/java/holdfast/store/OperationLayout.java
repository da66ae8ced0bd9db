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

  private OperationLayout() {}

  /// What happens to each operation as it is read back, in order.
  interface Reader {
    void createLog(long log) throws CorruptionException;

    void deleteLog(long log) throws CorruptionException;

    /// A new entry's bytes; [#appended] follows once for each log it goes to.
    void entry(byte[] header, byte[] body);

    /// A new entry whose body stands in the parts of an id.
    void entryOfParts(byte[] header, long bodyId, long length) throws CorruptionException;

    void appended(long log, long sequence, boolean offered) throws CorruptionException;

    void settled(long log, long first, long count) throws CorruptionException;

    void put(String key, byte[] value);

    void removed(String key);

    void dispatched(long log, long upTo) throws CorruptionException;
  }

  static void read(ByteBuffer payload, Reader reader) throws CorruptionException {
    ByteReader in = new ByteReader(payload);
    while (in.hasMore()) {
      int operation = in.u8();
      switch (operation) {
        case CREATE_LOG -> reader.createLog(in.varint());
        case DELETE_LOG -> reader.deleteLog(in.varint());
        case APPEND -> readAppend(in, reader);
        case SETTLE -> reader.settled(in.varint(), in.varint(), in.varint());
        case PUT -> reader.put(in.string(), in.bytes());
        case REMOVE -> reader.removed(in.string());
        case DISPATCHED -> reader.dispatched(in.varint(), in.varint());
        default -> throw new ByteReader.MalformedException("no operation is numbered " + operation);
      }
    }
  }

  private static void readAppend(ByteReader in, Reader reader) throws CorruptionException {
    int logs = in.count();
    long[] targets = new long[2 * logs];
    for (int i = 0; i < targets.length; i++) {
      targets[i] = in.varint();
    }
    byte[] header = in.bytes();
    long body = in.varint();
    if ((body & 1) == 0) {
      reader.entry(header, in.raw(body >>> 1));
    } else {
      reader.entryOfParts(header, in.varint(), body >>> 1);
    }
    for (int i = 0; i < targets.length; i += 2) {
      reader.appended(targets[i], targets[i + 1] >>> 1, (targets[i + 1] & 1) != 0);
    }
  }
}
