package holdfast.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Reads entries back from the journal, each by its address. What comes back is checked: the record
/// is whole, and it is the record of this entry. For one thread; who uses it has pinned the
/// segments.
final class JournalEntries implements Closeable {
  private final Disk disk;
  private final OperationLayout.Scan scan = new OperationLayout.Scan();
  private final Places places = new Places();
  private @Nullable FileWindow window;
  private long windowGeneration;
  private long address = Address.NONE;

  /// What the record that was read last is part of.
  private long payloadOf;

  /// The entry that [#read] found.
  final Bytes.Slice header = new Bytes.Slice();

  final Bytes.Slice body = new Bytes.Slice();
  boolean offered;

  /// Logs that the entry was appended to at once.
  int targets;

  /// Stands for the body, the same for all entries that share it. Not 0.
  long bodyKey;

  JournalEntries(Disk disk) {
    this.disk = disk;
  }

  /// Finds an entry. [#header] and [#body] are valid until the next call.
  ///
  /// @param parts addresses of its body's parts; null if it has none
  void read(long log, long sequence, long at, long @Nullable [] parts) throws IOException {
    if (at != address || places.log != log) {
      ByteBuffer payload = payload(at, RecordLayout.CLOSE);
      places.begin(log, payload);
      try {
        scan.read(payload.duplicate(), places);
      } catch (ByteReader.MalformedException e) {
        throw damaged(at, "holds what no store wrote: " + e.getMessage());
      }
      address = at;
    }
    int index = places.find(sequence);
    if (index < 0) {
      throw damaged(at, "is not that of entry " + sequence + " of log " + log);
    }
    ByteBuffer payload = places.payload;
    header.of(payload, places.headerAt[index], places.headerLength[index]);
    offered = places.offered[index];
    targets = places.targets[index];
    int bodyAt = places.bodyAt[index];
    if (bodyAt >= 0) {
      body.of(payload, bodyAt, (int) places.bodyLength[index]);
      long place = Address.offset(at) + RecordLayout.HEADER_BYTES + bodyAt;
      bodyKey = Address.of(Address.generation(at), place & -8);
    } else if (parts == null) {
      throw damaged(at, "names parts of a body that are not there");
    } else {
      byte[] headerCopy = header.toBytes();
      body.of(gather(parts, places.bodyId[index], places.bodyLength[index], at));
      header.of(headerCopy);
      bodyKey = parts[0];
    }
  }

  private byte[] gather(long[] parts, long id, long length, long at) throws IOException {
    byte[] whole = new byte[(int) length];
    int count = 0;
    for (long part : parts) {
      ByteBuffer payload = payload(part, RecordLayout.PART);
      int bytes = payload.remaining();
      if (payloadOf != id || bytes > whole.length - count) {
        throw damaged(part, "is a part of another body");
      }
      payload.get(whole, count, bytes);
      count += bytes;
    }
    address = Address.NONE; // the window has moved
    if (count != whole.length) {
      throw damaged(at, "has a body of which parts are missing");
    }
    return whole;
  }

  private ByteBuffer payload(long at, byte type) throws IOException {
    FileWindow file = window(Address.generation(at));
    long offset = Address.offset(at);
    int index = file.at(offset, RecordLayout.HEADER_BYTES);
    if (file.bytes().limit() - index < RecordLayout.HEADER_BYTES) {
      throw damaged(at, "is missing");
    }
    payloadOf = RecordLayout.batch(file.bytes(), index);
    int length = RecordLayout.length(file.bytes(), index);
    if (length < RecordLayout.HEADER_BYTES || length > file.fileBytes() - offset) {
      throw damaged(at, "is damaged");
    }
    index = file.at(offset, length);
    ByteBuffer bytes = file.bytes();
    if (!RecordLayout.isWhole(bytes, index, bytes.limit())
        || RecordLayout.type(bytes, index) != type) {
      throw damaged(at, "is damaged");
    }
    return bytes.slice(index + RecordLayout.HEADER_BYTES, length - RecordLayout.HEADER_BYTES);
  }

  private FileWindow window(long generation) throws IOException {
    FileWindow open = window;
    if (open == null || windowGeneration != generation) {
      close();
      open = new FileWindow(disk, SegmentFiles.name(generation));
      window = open;
      windowGeneration = generation;
    }
    return open;
  }

  private CorruptionException damaged(long at, String what) {
    return new CorruptionException(
        "segment "
            + SegmentFiles.name(Address.generation(at))
            + " in "
            + disk.description()
            + ": the record at offset "
            + Address.offset(at)
            + ", which was confirmed, "
            + what);
  }

  @Override
  public void close() throws IOException {
    FileWindow open = window;
    if (open != null) {
      window = null;
      address = Address.NONE;
      open.close();
    }
  }

  /// Where the entries of one log stand in one record.
  private static final class Places implements OperationLayout.Reader {
    private long log;
    private ByteBuffer payload = ByteBuffer.allocate(0);
    private OperationLayout.@Nullable Entry entry;
    private long[] sequences = new long[4];
    private int[] headerAt = new int[4];
    private int[] headerLength = new int[4];
    private int[] bodyAt = new int[4];
    private long[] bodyLength = new long[4];
    private long[] bodyId = new long[4];
    private int[] targets = new int[4];
    private boolean[] offered = new boolean[4];
    private int count;
    private int cursor;

    void begin(long log, ByteBuffer payload) {
      this.log = log;
      this.payload = payload;
      count = 0;
      cursor = 0;
    }

    /// They are asked for in their order, mostly.
    int find(long sequence) {
      for (int i = 0; i < count; i++) {
        int index = (cursor + i) % count;
        if (sequences[index] == sequence) {
          cursor = index;
          return index;
        }
      }
      return -1;
    }

    @Override
    public void entry(OperationLayout.Entry entry) {
      this.entry = entry;
    }

    @Override
    public void appended(long log, long sequence, boolean offered) {
      OperationLayout.Entry current = entry;
      if (log != this.log || current == null) {
        return;
      }
      if (count == sequences.length) {
        grow();
      }
      sequences[count] = sequence;
      headerAt[count] = current.headerAt;
      headerLength[count] = current.headerLength;
      bodyAt[count] = current.bodyAt;
      bodyLength[count] = current.bodyLength;
      bodyId[count] = current.bodyId;
      targets[count] = current.targets;
      this.offered[count] = offered;
      count++;
    }

    private void grow() {
      sequences = Arrays.copyOf(sequences, count * 2);
      headerAt = Arrays.copyOf(headerAt, count * 2);
      headerLength = Arrays.copyOf(headerLength, count * 2);
      bodyAt = Arrays.copyOf(bodyAt, count * 2);
      bodyLength = Arrays.copyOf(bodyLength, count * 2);
      bodyId = Arrays.copyOf(bodyId, count * 2);
      targets = Arrays.copyOf(targets, count * 2);
      offered = Arrays.copyOf(offered, count * 2);
    }

    @Override
    public void createLog(long log) {}

    @Override
    public void deleteLog(long log) {}

    @Override
    public void settled(long log, long first, long count) {}

    @Override
    public void put(String key, byte[] value) {}

    @Override
    public void removed(String key) {}

    @Override
    public void dispatched(long log, long upTo) {}

    @Override
    public void trimmed(long log, long upTo) {}

    @Override
    public void noted(long log, long sequence, byte[] note) {}
  }
}
