package holdfast.store;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// One of the journal's two buffers: the records of one device write, as they gather. Guarded by
/// the journal's lock while it fills, and by the writer alone while it is written. An [Engine] gets
/// it to keep its [#records] under its [#segment], [#recordsOffset] and [#position].
public final class WriteBuffer {
  private static final int LENGTHS_AND_CRCS_BYTES = 8 * 1024;

  private final ByteBuffer bytes;

  /// The same bytes: what a checksum may move through.
  private final ByteBuffer view;

  /// The first eight bytes of every record once more, side by side, for the body's crc: so sealing
  /// does not touch what the appender's processor has just written.
  private ByteBuffer lengthsAndCrcs = Bytes.alignedBuffer(LENGTHS_AND_CRCS_BYTES);

  private final Checksum checksum = new Checksum();
  private int records;

  /// Where the last record ends.
  private int recordsEnd;

  /// The write's place, fixed when the buffer starts to fill.
  private long sequence;

  private long generation;
  private long offset;

  /// Bytes of parts of large bodies among the records.
  private int partBytes;

  /// Whether somebody waits for a record in here; lazy records alone start no write.
  private boolean awaited;

  WriteBuffer(int capacity) {
    bytes = Bytes.alignedBuffer(capacity);
    view = bytes.duplicate();
  }

  /// A write by itself, for who holds an engine to its promises.
  ///
  /// @param offset where in the segment the write begins: a multiple of [Disk#BLOCK_BYTES]
  /// @param payload of its one record; null for a mark, which has none
  public static WriteBuffer of(
      long segment, long position, long offset, byte @Nullable [] payload) {
    int length = payload == null ? 0 : payload.length;
    WriteBuffer write = new WriteBuffer(Bytes.blocks(length + Disk.BLOCK_BYTES / 2));
    write.begin(position, segment, offset);
    if (payload != null) {
      RecordLayout.Payload record = new RecordLayout.Payload().head(payload, 0, length);
      int crc = record.crc(RecordLayout.CLOSE, 0, 0);
      write.put(RecordLayout.CLOSE, 0, 0, record, crc, true);
    }
    return write;
  }

  /// Where in the segment the next write begins.
  public long end() {
    return offset + Bytes.blocks(recordsEnd);
  }

  void begin(long sequence, long generation, long offset) {
    this.sequence = sequence;
    this.generation = generation;
    this.offset = offset;
    records = 0;
    recordsEnd = WriteLayout.HEADER_BYTES;
    partBytes = 0;
    awaited = false;
    bytes.clear().position(WriteLayout.HEADER_BYTES);
    lengthsAndCrcs.clear();
  }

  /// Adds a record and returns its [Address].
  ///
  /// @param crc what [RecordLayout.Payload#crc] gave for this record
  long put(
      byte type, long batch, int part, RecordLayout.Payload payload, int crc, boolean awaited) {
    int at = bytes.position();
    RecordLayout.put(bytes, type, batch, part, payload, crc);
    if (!lengthsAndCrcs.hasRemaining()) {
      growLengthsAndCrcs();
    }
    lengthsAndCrcs.putLong(RecordLayout.lengthAndCrc(bytes, at));
    records++;
    recordsEnd = bytes.position();
    partBytes += type == RecordLayout.PART ? recordsEnd - at : 0;
    this.awaited |= awaited;
    return Address.of(generation, offset + at);
  }

  private void growLengthsAndCrcs() {
    ByteBuffer larger = Bytes.alignedBuffer(2 * lengthsAndCrcs.capacity());
    lengthsAndCrcs = larger.put(lengthsAndCrcs.flip());
  }

  /// Completes the header and the padding; returns the header's crc.
  int seal(JournalId journalId, long durable, long epoch, int previousCrc) {
    int length = bytes.position();
    while (bytes.position() < alignedLength()) {
      bytes.putLong(0);
    }
    bytes.flip();
    int bodyCrc = checksum.begin().add(lengthsAndCrcs, 0, 8 * records).value();
    return WriteLayout.seal(
        bytes,
        view,
        checksum,
        journalId,
        generation,
        sequence,
        length,
        records,
        durable,
        epoch,
        previousCrc,
        bodyCrc);
  }

  ByteBuffer sealed() {
    return bytes;
  }

  /// Length of the device write, padding included.
  int sealedBytes() {
    return Bytes.blocks(recordsEnd);
  }

  void markAwaited() {
    awaited = true;
  }

  int alignedLength() {
    return Bytes.blocks(bytes.position());
  }

  int room() {
    return bytes.remaining();
  }

  int gatheredBytes() {
    return bytes.position() - WriteLayout.HEADER_BYTES;
  }

  int partBytes() {
    return partBytes;
  }

  int recordCount() {
    return records;
  }

  boolean awaited() {
    return awaited;
  }

  /// The write's records as they are to be kept, behind each other; valid until the write
  /// completes.
  public ByteBuffer records() {
    return bytes
        .asReadOnlyBuffer()
        .clear()
        .limit(recordsEnd)
        .position(WriteLayout.HEADER_BYTES)
        .slice();
  }

  /// Rises by one from write to write.
  public long position() {
    return sequence;
  }

  /// The segment that the write belongs to.
  public long segment() {
    return generation;
  }

  /// Where in that segment [#records] stand.
  public long recordsOffset() {
    return offset + WriteLayout.HEADER_BYTES;
  }

  long sequence() {
    return sequence;
  }

  long generation() {
    return generation;
  }

  long offset() {
    return offset;
  }
}
