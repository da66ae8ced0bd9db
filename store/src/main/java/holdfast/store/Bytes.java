package holdfast.store;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/// Buffers and checksums as the layouts use them: little-endian, aligned to the disk's block.
final class Bytes {
  private Bytes() {}

  /// A direct little-endian buffer whose address is a multiple of the disk's block.
  static ByteBuffer alignedBuffer(int bytes) {
    ByteBuffer aligned =
        ByteBuffer.allocateDirect(bytes + Disk.BLOCK_BYTES).alignedSlice(Disk.BLOCK_BYTES);
    return aligned.slice(0, bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /// CRC32C of a range, without moving the buffer's own position.
  static int crc(ByteBuffer buffer, int from, int length, long seed) {
    CRC32C crc = new CRC32C();
    if (seed != 0) {
      for (int shift = 0; shift < 64; shift += 8) {
        crc.update((int) (seed >>> shift) & 0xff);
      }
    }
    crc.update(buffer.slice(from, length));
    return (int) crc.getValue();
  }

  /// The smallest multiple of the disk's block that holds so many bytes.
  static int blocks(int bytes) {
    return (bytes + Disk.BLOCK_BYTES - 1) & -Disk.BLOCK_BYTES;
  }

  /// The smallest multiple of 8 that holds so many bytes.
  static int align8(int bytes) {
    return (bytes + 7) & -8;
  }

  /// Writes a number as [ByteWriter#varint] does.
  static void putVarint(ByteBuffer target, long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      target.put((byte) (rest | 0x80));
      rest >>>= 7;
    }
    target.put((byte) rest);
  }

  /// A stretch of a buffer, valid as long as the buffer's bytes are; reused by its owner.
  static final class Slice {
    private ByteBuffer source = ByteBuffer.allocate(0);
    private int at;
    private int length;

    Slice of(ByteBuffer source, int at, int length) {
      this.source = source;
      this.at = at;
      this.length = length;
      return this;
    }

    Slice of(byte[] bytes) {
      return of(ByteBuffer.wrap(bytes), 0, bytes.length);
    }

    int length() {
      return length;
    }

    void copyTo(ByteBuffer target) {
      target.put(target.position(), source, at, length);
      target.position(target.position() + length);
    }

    byte[] toBytes() {
      byte[] bytes = new byte[length];
      source.get(at, bytes);
      return bytes;
    }
  }
}
