package holdfast.store;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// One record of a write; every record starts on a multiple of 8.
///
/// ```
///   0        4        8    9    10   12        16                24
///   +--------+--------+----+----+----+---------+-----------------+------------
///   | length | crc    |type| 0  | 0  | part    |  batch          | payload ...
///   +--------+--------+----+----+----+---------+-----------------+------------
/// ```
///
/// `length` counts the header and leaves out the padding; `crc` (CRC32C) covers every byte of the
/// record but itself. A [#PART] carries the next slice of a batch's bodies; `part` counts them from
/// 0. A [#CLOSE] carries the operations, ends its batch and gives it its place in the order; its
/// `part` says how many parts came before.
final class RecordLayout {
  static final int HEADER_BYTES = 24;
  static final byte PART = 1;
  static final byte CLOSE = 2;

  private static final int CRC_AT = 4;
  private static final int TYPE_AT = 8;
  private static final int PART_AT = 12;
  private static final int BATCH_AT = 16;

  private RecordLayout() {}

  /// Writes a record at the buffer's position and moves it past the padding.
  static void put(ByteBuffer buffer, byte type, long batch, int part, Payload payload) {
    put(buffer, type, batch, part, payload, payload.crc(type, batch, part));
  }

  /// The same with the checksum that [Payload#crc] gave for these very arguments: who appends
  /// computes it before it takes the journal's lock, and only copies under it.
  static void put(ByteBuffer buffer, byte type, long batch, int part, Payload payload, int crc) {
    int at = buffer.position();
    int length = HEADER_BYTES + payload.length();
    int end = at + Bytes.align8(length);
    // Zeros first: the payload then leaves of them what is padding.
    buffer.putLong(end - 8, 0);
    buffer.putInt(at, length);
    buffer.putInt(at + CRC_AT, crc);
    buffer.putInt(at + TYPE_AT, type & 0xff);
    buffer.putInt(at + PART_AT, part);
    buffer.putLong(at + BATCH_AT, batch);
    buffer.position(at + HEADER_BYTES);
    buffer.put(payload.head, payload.headFrom, payload.headLength);
    buffer.put(payload.body, payload.bodyFrom, payload.bodyLength);
    buffer.position(end);
  }

  /// The first eight bytes of a record, its length and its crc, as one number.
  static long lengthAndCrc(ByteBuffer buffer, int at) {
    return buffer.getLong(at);
  }

  static int length(ByteBuffer buffer, int at) {
    return buffer.getInt(at);
  }

  static byte type(ByteBuffer buffer, int at) {
    return buffer.get(at + TYPE_AT);
  }

  static int part(ByteBuffer buffer, int at) {
    return buffer.getInt(at + PART_AT);
  }

  static long batch(ByteBuffer buffer, int at) {
    return buffer.getLong(at + BATCH_AT);
  }

  /// Whether a whole record stands at this place of a write that ends at `end`.
  static boolean isWhole(ByteBuffer buffer, int at, int end) {
    if (end - at < HEADER_BYTES) {
      return false;
    }
    int length = length(buffer, at);
    return length >= HEADER_BYTES
        && length <= end - at
        && buffer.getInt(at + CRC_AT) == crc(buffer, at, length);
  }

  /// Whether zeros follow the record of this length up to the next one.
  static boolean isPaddedWithZeros(ByteBuffer buffer, int at, int length) {
    int end = at + Bytes.align8(length);
    for (int i = at + length; i < end; i++) {
      if (buffer.get(i) != 0) {
        return false;
      }
    }
    return true;
  }

  private static int crc(ByteBuffer buffer, int at, int length) {
    return Bytes.crc(buffer, at + TYPE_AT, length - TYPE_AT, crcSeed(length));
  }

  private static long crcSeed(int length) {
    return length | 1L << 32;
  }

  /// Two pieces of bytes that become one payload: the operations of a batch, and one body behind
  /// them that need not be copied together with them first. Reused by its one owner.
  static final class Payload {
    private static final byte[] NONE = {};

    private final Checksum checksum = new Checksum();

    /// What the crc covers ahead of the payload: its seed, and bytes 8..24 of the record.
    private final ByteBuffer covered =
        ByteBuffer.allocate(8 + HEADER_BYTES - TYPE_AT).order(ByteOrder.LITTLE_ENDIAN);

    private byte[] head = NONE;
    private int headFrom;
    private int headLength;
    private byte[] body = NONE;
    private int bodyFrom;
    private int bodyLength;

    Payload head(byte[] bytes, int from, int length) {
      head = bytes;
      headFrom = from;
      headLength = length;
      return body(NONE, 0, 0);
    }

    Payload body(byte[] bytes, int from, int length) {
      body = bytes;
      bodyFrom = from;
      bodyLength = length;
      return this;
    }

    int length() {
      return headLength + bodyLength;
    }

    /// The crc of the record that this becomes, from the arrays as they stand.
    int crc(byte type, long batch, int part) {
      covered.putLong(0, crcSeed(HEADER_BYTES + length()));
      covered.putInt(8, type & 0xff);
      covered.putInt(8 + PART_AT - TYPE_AT, part);
      covered.putLong(8 + BATCH_AT - TYPE_AT, batch);
      return checksum
          .begin()
          .add(covered.array(), 0, covered.capacity())
          .add(head, headFrom, headLength)
          .add(body, bodyFrom, bodyLength)
          .value();
    }
  }
}
