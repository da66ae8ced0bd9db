package holdfast.store;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/// CRC32C over bytes that come in pieces, for one owner who keeps it: computing one leaves no
/// garbage. The sum is the same as that of [Bytes#crc].
final class Checksum {
  private final CRC32C crc = new CRC32C();

  Checksum begin() {
    crc.reset();
    return this;
  }

  /// Starts with a number as eight bytes, low byte first, unless it is 0.
  Checksum begin(long seed) {
    crc.reset();
    for (int shift = 0; seed != 0 && shift < 64; shift += 8) {
      crc.update((int) (seed >>> shift) & 0xff);
    }
    return this;
  }

  Checksum add(byte[] bytes, int from, int length) {
    crc.update(bytes, from, length);
    return this;
  }

  /// A range of a buffer; moves the buffer's position and limit.
  Checksum add(ByteBuffer buffer, int from, int length) {
    crc.update(buffer.limit(from + length).position(from));
    return this;
  }

  int value() {
    return (int) crc.getValue();
  }
}
