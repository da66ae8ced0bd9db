package holdfast.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Reads entries back from the journal, each by its address. What comes back is checked: the record
/// is whole, and it is the record of this entry. For one thread; who uses it has pinned the
/// segments.
///
/// The record that was read last is kept: whoever reads all entries of a large batch, of one log or
/// of many, reads it once.
final class JournalEntries implements Closeable {
  private final Source source;
  private final boolean byBlock;
  private final String description;
  private final OperationLayout.Scan scan = new OperationLayout.Scan();
  private final RecordEntries record = new RecordEntries();

  /// What the kept record stands in.
  private final Window records = new Window();

  /// The same for parts of bodies, so that they do not take the record's place.
  private final Window bodies = new Window();

  /// Of the kept record.
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

  /// Opens the journal's segments.
  interface Source {
    SegmentInput open(long segment) throws IOException;
  }

  /// @param byBlock whether only whole blocks may be read of what it opens
  /// @param description of the engine, for a person
  JournalEntries(Source source, boolean byBlock, String description) {
    this.source = source;
    this.byBlock = byBlock;
    this.description = description;
  }

  /// Those of a directory.
  JournalEntries(Disk disk) {
    this(
        segment -> disk.open(SegmentFiles.name(segment), Disk.Access.READ),
        false,
        disk.description());
  }

  /// Finds an entry. [#header] and [#body] are valid until the next call.
  ///
  /// @param parts addresses of its body's parts; null if it has none
  void read(long log, long sequence, long at, long @Nullable [] parts) throws IOException {
    if (at != address) {
      keep(at);
    }
    int index = record.find(log, sequence);
    if (index < 0) {
      throw damaged(at, "is not that of entry " + sequence + " of log " + log);
    }
    int entry = record.entry(index);
    ByteBuffer payload = record.payload();
    header.of(payload, record.headerAt(entry), record.headerLength(entry));
    offered = record.offered(index);
    targets = record.targets(entry);
    int bodyAt = record.bodyAt(entry);
    if (bodyAt >= 0) {
      body.of(payload, bodyAt, (int) record.bodyLength(entry));
      long place = Address.offset(at) + RecordLayout.HEADER_BYTES + bodyAt;
      bodyKey = Address.of(Address.generation(at), place & -8);
    } else if (parts == null) {
      throw damaged(at, "names parts of a body that are not there");
    } else {
      body.of(gather(parts, record.bodyId(entry), record.bodyLength(entry), at));
      bodyKey = parts[0];
    }
  }

  private void keep(long at) throws IOException {
    address = Address.NONE;
    ByteBuffer payload = payload(records, at, RecordLayout.CLOSE);
    try {
      record.read(payload, scan);
    } catch (ByteReader.MalformedException e) {
      throw damaged(at, "holds what no store wrote: " + e.getMessage());
    }
    address = at;
  }

  private byte[] gather(long[] parts, long id, long length, long at) throws IOException {
    byte[] whole = new byte[(int) length];
    int count = 0;
    for (long part : parts) {
      ByteBuffer payload = payload(bodies, part, RecordLayout.PART);
      int bytes = payload.remaining();
      if (payloadOf != id || bytes > whole.length - count) {
        throw damaged(part, "is a part of another body");
      }
      payload.get(whole, count, bytes);
      count += bytes;
    }
    if (count != whole.length) {
      throw damaged(at, "has a body of which parts are missing");
    }
    return whole;
  }

  private ByteBuffer payload(Window from, long at, byte type) throws IOException {
    FileWindow file = from.of(Address.generation(at));
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

  private CorruptionException damaged(long at, String what) {
    return new CorruptionException(
        "segment "
            + SegmentFiles.name(Address.generation(at))
            + " in "
            + description
            + ": the record at offset "
            + Address.offset(at)
            + ", which was confirmed, "
            + what);
  }

  @Override
  public void close() throws IOException {
    address = Address.NONE;
    try (bodies) {
      records.close();
    }
  }

  /// A window onto the segment that is read.
  private final class Window implements Closeable {
    private @Nullable FileWindow window;
    private long generation;

    FileWindow of(long wanted) throws IOException {
      FileWindow open = window;
      if (open == null || generation != wanted) {
        close();
        open = new FileWindow(source.open(wanted), SegmentFiles.name(wanted), byBlock);
        window = open;
        generation = wanted;
      }
      return open;
    }

    @Override
    public void close() throws IOException {
      FileWindow open = window;
      if (open != null) {
        window = null;
        open.close();
      }
    }
  }
}
