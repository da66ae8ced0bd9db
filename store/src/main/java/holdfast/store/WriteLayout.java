package holdfast.store;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// One device write: a header and the records that gathered, starting on a 4 KiB boundary, padded
/// with zeros to the next.
///
/// ```
///   0        4        8                16                24       28       32
///   +--------+--------+-----------------+-----------------+--------+--------+
///   | magic  | hdr crc|  generation     |  write sequence | length | records|
///   +--------+--------+-----------------+-----------------+--------+--------+
///   32 durable sequence| 40 epoch       |48 prev | body   | 56 zeros        |
///   +-----------------+-----------------+--------+--------+-----------------+
///   64 records ...                               | zeros to a multiple of 4096
/// ```
///
/// `hdr crc` covers bytes 8..64 and starts from the journal id; `prev` is the header crc of the
/// write before (a chain); `length` counts the header and leaves out the padding. `body` is the
/// CRC32C of the first eight bytes of every record, its length and its crc, in their order: each
/// record's crc covers the rest of it, and the padding between records is zeros or the write is not
/// whole. So every byte up to `length` is covered and none of them is read twice to be written.
/// `durable sequence` is the highest write known to be on stable storage when this one was
/// submitted: it is what tells damage to confirmed data from a torn tail.
final class WriteLayout {
  static final int HEADER_BYTES = 64;

  private static final int MAGIC = 0x52574648; // "HFWR"
  private static final int CRC_AT = 4;
  private static final int GENERATION_AT = 8;
  private static final int SEQUENCE_AT = 16;
  private static final int LENGTH_AT = 24;
  private static final int RECORDS_AT = 28;
  private static final int DURABLE_AT = 32;
  private static final int EPOCH_AT = 40;
  private static final int PREVIOUS_CRC_AT = 48;
  private static final int BODY_CRC_AT = 52;

  private WriteLayout() {}

  /// What a write's header says.
  record Header(
      int crc,
      long generation,
      long sequence,
      int length,
      int records,
      long durable,
      long epoch,
      int previousCrc,
      int bodyCrc) {}

  /// Fills in the header over bytes 0..64 and returns its crc. The records stand from byte 64 to
  /// `length` already.
  ///
  /// @param view the same bytes, whose position and limit may move
  /// @param bodyCrc of the records' lengths and crcs
  static int seal(
      ByteBuffer write,
      ByteBuffer view,
      Checksum checksum,
      JournalId journalId,
      long generation,
      long sequence,
      int length,
      int records,
      long durable,
      long epoch,
      int previousCrc,
      int bodyCrc) {
    write.putInt(0, MAGIC);
    write.putLong(GENERATION_AT, generation);
    write.putLong(SEQUENCE_AT, sequence);
    write.putInt(LENGTH_AT, length);
    write.putInt(RECORDS_AT, records);
    write.putLong(DURABLE_AT, durable);
    write.putLong(EPOCH_AT, epoch);
    write.putInt(PREVIOUS_CRC_AT, previousCrc);
    write.putInt(BODY_CRC_AT, bodyCrc);
    write.putLong(56, 0);
    int crc =
        checksum
            .begin(journalId.seed())
            .add(view, GENERATION_AT, HEADER_BYTES - GENERATION_AT)
            .value();
    write.putInt(CRC_AT, crc);
    return crc;
  }

  /// Null when there is no whole header of this journal and generation at this place.
  static @Nullable Header decode(
      ByteBuffer buffer, int at, JournalId journalId, long generation, int capacity) {
    if (buffer.limit() - at < HEADER_BYTES
        || buffer.getInt(at) != MAGIC
        || buffer.getLong(at + GENERATION_AT) != generation
        || buffer.getInt(at + CRC_AT) != headerCrc(buffer, at, journalId)) {
      return null;
    }
    int length = buffer.getInt(at + LENGTH_AT);
    if (length < HEADER_BYTES || length > capacity) {
      return null;
    }
    return new Header(
        buffer.getInt(at + CRC_AT),
        generation,
        buffer.getLong(at + SEQUENCE_AT),
        length,
        buffer.getInt(at + RECORDS_AT),
        buffer.getLong(at + DURABLE_AT),
        buffer.getLong(at + EPOCH_AT),
        buffer.getInt(at + PREVIOUS_CRC_AT),
        buffer.getInt(at + BODY_CRC_AT));
  }

  /// Whether the bytes behind a header are those it was sealed with: every record whole, zeros
  /// between them, and their row the one that was written.
  static boolean isWhole(ByteBuffer buffer, int at, Header header) {
    if (buffer.limit() - at < header.length) {
      return false;
    }
    ByteBuffer view = buffer.duplicate();
    Checksum body = new Checksum().begin();
    int end = at + header.length;
    int record = at + HEADER_BYTES;
    for (int i = 0; i < header.records; i++) {
      if (!RecordLayout.isWhole(buffer, record, end)) {
        return false;
      }
      int length = RecordLayout.length(buffer, record);
      if (Bytes.align8(length) > end - record
          || !RecordLayout.isPaddedWithZeros(buffer, record, length)) {
        return false;
      }
      body.add(view, record, 8);
      record += Bytes.align8(length);
    }
    return record == end && body.value() == header.bodyCrc;
  }

  private static int headerCrc(ByteBuffer buffer, int at, JournalId journalId) {
    return Bytes.crc(buffer, at + GENERATION_AT, HEADER_BYTES - GENERATION_AT, journalId.seed());
  }
}
