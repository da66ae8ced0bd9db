package holdfast.store;

import java.nio.ByteBuffer;

/// One of the journal's two buffers: the records of one device write, as they gather. Guarded by
/// the journal's lock while it fills, and by the writer alone while it is written.
final class WriteBuffer {
  private final ByteBuffer bytes;
  private int records;
  private int sealedBytes;

  /// The write's place, fixed when the buffer starts to fill.
  private long sequence;

  private long generation;
  private long offset;

  /// Whether somebody waits for a record in here; lazy records alone start no write.
  private boolean awaited;

  WriteBuffer(int capacity) {
    bytes = Bytes.alignedBuffer(capacity);
  }

  void begin(long sequence, long generation, long offset) {
    this.sequence = sequence;
    this.generation = generation;
    this.offset = offset;
    records = 0;
    awaited = false;
    bytes.clear().position(WriteLayout.HEADER_BYTES);
  }

  /// Adds a record and returns its [Address].
  long put(byte type, long batch, int part, RecordLayout.Payload payload, boolean awaited) {
    long address = Address.of(generation, offset + bytes.position());
    RecordLayout.put(bytes, type, batch, part, payload);
    records++;
    this.awaited |= awaited;
    return address;
  }

  /// Completes the header and the padding; returns the header's crc.
  int seal(JournalId journalId, long durable, long epoch, int previousCrc) {
    int length = bytes.position();
    while (bytes.position() < alignedLength()) {
      bytes.putLong(0);
    }
    sealedBytes = bytes.position();
    bytes.flip();
    return WriteLayout.seal(
        bytes, journalId, generation, sequence, length, records, durable, epoch, previousCrc);
  }

  ByteBuffer sealed() {
    return bytes;
  }

  /// Length of the device write, padding included.
  int sealedBytes() {
    return sealedBytes;
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

  int records() {
    return records;
  }

  boolean awaited() {
    return awaited;
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
