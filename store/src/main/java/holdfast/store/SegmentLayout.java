package holdfast.store;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Block 0 of a journal segment.
///
/// ```
///   0        4        8       12       16                32
///   +--------+--------+--------+--------+----------------+
///   |   magic "HOLDFAST"|version | crc    |  journal id    |
///   +-----------------+-----------------+-----------------+-----------------+
///   32 generation     | 40 size in bytes| 48 first write  | 56 epoch        |
///   +--------+--------+-----------------+-----------------+-----------------+
///   64 header crc of the write before   | 68 zeros to 4096
///   +--------+----------------------------------------------------------...
/// ```
///
/// `crc` covers the other 4092 bytes. `first write` is also what ends the segment before: whatever
/// that one holds at or past this sequence is dead. That is how a cut is remembered.
final class SegmentLayout {
  static final int VERSION = 2;
  static final int BYTES = Disk.BLOCK_BYTES;

  private static final long MAGIC = 0x54534146444c4f48L; // "HOLDFAST", little-endian
  private static final int VERSION_AT = 8;
  private static final int CRC_AT = 12;
  private static final int JOURNAL_ID_AT = 16;
  private static final int GENERATION_AT = 32;
  private static final int SIZE_AT = 40;
  private static final int FIRST_WRITE_AT = 48;
  private static final int EPOCH_AT = 56;
  private static final int PREVIOUS_CRC_AT = 64;

  private SegmentLayout() {}

  /// What block 0 says.
  record Header(
      JournalId journalId,
      long generation,
      long sizeBytes,
      long firstWrite,
      long epoch,
      int previousCrc) {}

  static ByteBuffer encode(Header header) {
    ByteBuffer block = Bytes.alignedBuffer(BYTES);
    block.putLong(0, MAGIC);
    block.putInt(VERSION_AT, VERSION);
    header.journalId.put(block, JOURNAL_ID_AT);
    block.putLong(GENERATION_AT, header.generation);
    block.putLong(SIZE_AT, header.sizeBytes);
    block.putLong(FIRST_WRITE_AT, header.firstWrite);
    block.putLong(EPOCH_AT, header.epoch);
    block.putInt(PREVIOUS_CRC_AT, header.previousCrc);
    block.putInt(CRC_AT, crc(block));
    return block;
  }

  /// Null when the block is no whole segment header: empty, torn or damaged. A whole header of
  /// another version is refused by name, never misread.
  static @Nullable Header decode(ByteBuffer block, String name) throws CorruptionException {
    if (block.remaining() < BYTES
        || block.getLong(0) != MAGIC
        || block.getInt(CRC_AT) != crc(block)) {
      return null;
    }
    int version = block.getInt(VERSION_AT);
    if (version != VERSION) {
      throw new AnotherFormatException(
          name
              + " is of journal format "
              + version
              + "; this version of Holdfast reads format "
              + VERSION
              + ": open the directory with the version that wrote it and drain it, or choose"
              + " another directory");
    }
    return new Header(
        JournalId.get(block, JOURNAL_ID_AT),
        block.getLong(GENERATION_AT),
        block.getLong(SIZE_AT),
        block.getLong(FIRST_WRITE_AT),
        block.getLong(EPOCH_AT),
        block.getInt(PREVIOUS_CRC_AT));
  }

  private static int crc(ByteBuffer block) {
    int head = Bytes.crc(block, 0, CRC_AT, 0);
    return Bytes.crc(block, CRC_AT + 4, BYTES - CRC_AT - 4, head | 1L << 32);
  }
}
