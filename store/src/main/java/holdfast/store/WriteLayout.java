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
/// write before (a chain); `body` is the CRC32C of bytes 64..length; `length` counts the header and
/// leaves out the padding. `durable sequence` is the highest write known durable when this one was
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
  static int seal(
      ByteBuffer write,
      JournalId journalId,
      long generation,
      long sequence,
      int length,
      int records,
      long durable,
      long epoch,
      int previousCrc) {
    write.putInt(0, MAGIC);
    write.putLong(GENERATION_AT, generation);
    write.putLong(SEQUENCE_AT, sequence);
    write.putInt(LENGTH_AT, length);
    write.putInt(RECORDS_AT, records);
    write.putLong(DURABLE_AT, durable);
    write.putLong(EPOCH_AT, epoch);
    write.putInt(PREVIOUS_CRC_AT, previousCrc);
    write.putInt(BODY_CRC_AT, Bytes.crc(write, HEADER_BYTES, length - HEADER_BYTES, 0));
    write.putLong(56, 0);
    int crc = headerCrc(write, 0, journalId);
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

  /// Whether the bytes behind a header are those it was sealed with.
  static boolean isWhole(ByteBuffer buffer, int at, Header header) {
    return buffer.limit() - at >= header.length
        && Bytes.crc(buffer, at + HEADER_BYTES, header.length - HEADER_BYTES, 0) == header.bodyCrc;
  }

  private static int headerCrc(ByteBuffer buffer, int at, JournalId journalId) {
    return Bytes.crc(buffer, at + GENERATION_AT, HEADER_BYTES - GENERATION_AT, journalId.seed());
  }
}
