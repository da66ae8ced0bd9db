package holdfast.store;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// A log segment: entries that left the journal, grouped by log. Written once, front to back, and
/// never changed.
///
/// ```
///   block 0    magic "HOLDFLOG" u64 | version u32 | crc u32 | journal id 16 | number u64 | zeros
///   pages      one after the other, each on a multiple of 8
///   footer     a page: one line for each piece
///   last block magic "HOLDFEND" u64 | version u32 | crc u32 | number u64
///              | offset of the footer u64 | length of the footer u32 | zeros
/// ```
///
/// A page:
///
/// ```
///   0        4        8        12       16                24                32
///   +--------+--------+--------+--------+-----------------+-----------------+---------
///   | length | crc    | kind   | count  | log             | first sequence  | payload
///   +--------+--------+--------+--------+-----------------+-----------------+---------
///
///   ENTRIES  count x (sequence - the one before, flags, header length, header,
///                     body length, body | offset of a BODY page)
///   BODY     the bytes of a body that several entries of this file have
///   INDEX    count x (first sequence - the one before, offset - the one before, length)
///   FOOTER   count x (log, first, end, entries, bytes, offset of INDEX, length of INDEX)
/// ```
///
/// `length` counts the page's header; `crc` covers every byte of the page but itself. In ENTRIES,
/// the first sequence counts as "the one before" of the first entry. Flags: 1 offered, 2 the body
/// is a page of its own.
final class LogSegmentLayout {
  static final int VERSION = 1;
  static final int HEADER_BYTES = 32;
  static final int ENTRIES = 1;
  static final int BODY = 2;
  static final int INDEX = 3;
  static final int FOOTER = 4;
  static final int OFFERED = 1;
  static final int BODY_APART = 2;

  private static final long MAGIC = 0x474f4c46444c4f48L; // "HOLDFLOG", little-endian
  private static final long END_MAGIC = 0x444e4546444c4f48L; // "HOLDFEND"
  private static final int VERSION_AT = 8;
  private static final int BLOCK_CRC_AT = 12;
  private static final int CRC_AT = 4;
  private static final int KIND_AT = 8;
  private static final int COUNT_AT = 12;
  private static final int LOG_AT = 16;
  private static final int FIRST_AT = 24;

  private LogSegmentLayout() {}

  // --- first and last block ---

  static void putHead(ByteBuffer block, JournalId journalId, long number) {
    block.putLong(0, MAGIC).putInt(VERSION_AT, VERSION);
    journalId.put(block, 16);
    block.putLong(32, number);
    block.putInt(BLOCK_CRC_AT, blockCrc(block));
  }

  static void putEnd(ByteBuffer block, long number, long footerAt, int footerBytes) {
    block.putLong(0, END_MAGIC).putInt(VERSION_AT, VERSION);
    block.putLong(16, number).putLong(24, footerAt).putInt(32, footerBytes);
    block.putInt(BLOCK_CRC_AT, blockCrc(block));
  }

  /// Where the footer stands.
  record End(long footerAt, int footerBytes) {}

  /// Throws for a block that is not the head of this segment.
  static JournalId readHead(ByteBuffer block, long number, String name) throws CorruptionException {
    requireBlock(block, MAGIC, name, "its first block is not the header it was given");
    if (block.getLong(32) != number) {
      throw new CorruptionException(
          "log segment " + name + " says that it is number " + block.getLong(32));
    }
    return JournalId.get(block, 16);
  }

  static End readEnd(ByteBuffer block, long number, String name) throws CorruptionException {
    requireBlock(block, END_MAGIC, name, "its last block is not the end it was given");
    if (block.getLong(16) != number) {
      throw new CorruptionException("log segment " + name + " ends like another one");
    }
    return new End(block.getLong(24), block.getInt(32));
  }

  private static void requireBlock(ByteBuffer block, long magic, String name, String what)
      throws CorruptionException {
    if (block.remaining() < Disk.BLOCK_BYTES
        || block.getLong(0) != magic
        || block.getInt(BLOCK_CRC_AT) != blockCrc(block)) {
      throw new CorruptionException("log segment " + name + " is damaged: " + what);
    }
    if (block.getInt(VERSION_AT) != VERSION) {
      throw new AnotherFormatException(
          "log segment "
              + name
              + " is of format "
              + block.getInt(VERSION_AT)
              + "; this version of Holdfast reads "
              + VERSION);
    }
  }

  private static int blockCrc(ByteBuffer block) {
    int head = Bytes.crc(block, 0, BLOCK_CRC_AT, 0);
    return Bytes.crc(block, BLOCK_CRC_AT + 4, Disk.BLOCK_BYTES - BLOCK_CRC_AT - 4, head | 1L << 32);
  }

  // --- pages ---

  /// What a page's header says.
  record Page(int length, int kind, int count, long log, long first) {}

  /// Completes a page whose payload stands behind its header already.
  static void seal(ByteBuffer page, int at, int length, int kind, int count, long log, long first) {
    page.putInt(at, length);
    page.putInt(at + KIND_AT, kind);
    page.putInt(at + COUNT_AT, count);
    page.putLong(at + LOG_AT, log);
    page.putLong(at + FIRST_AT, first);
    page.putInt(at + CRC_AT, crc(page, at, length));
  }

  /// Length of the page at a place that holds its header.
  static int length(ByteBuffer buffer, int at) {
    return buffer.getInt(at);
  }

  /// The page at a place; null when it is not whole.
  static @Nullable Page decode(ByteBuffer buffer, int at) {
    if (buffer.limit() - at < HEADER_BYTES) {
      return null;
    }
    int length = buffer.getInt(at);
    if (length < HEADER_BYTES
        || length > buffer.limit() - at
        || buffer.getInt(at + CRC_AT) != crc(buffer, at, length)) {
      return null;
    }
    return new Page(
        length,
        buffer.getInt(at + KIND_AT),
        buffer.getInt(at + COUNT_AT),
        buffer.getLong(at + LOG_AT),
        buffer.getLong(at + FIRST_AT));
  }

  private static int crc(ByteBuffer page, int at, int length) {
    return Bytes.crc(page, at + KIND_AT, length - KIND_AT, length | 1L << 32);
  }
}
