package holdfast.store;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// A growing byte array with the few encodings that records are made of: unsigned variable-length
/// integers (7 bits a byte, low bits first) and length-prefixed bytes. Reused by one owner.
public final class ByteWriter {
  private byte[] bytes;
  private int length;

  public ByteWriter(int capacity) {
    bytes = new byte[capacity];
  }

  public ByteWriter clear() {
    length = 0;
    return this;
  }

  public ByteWriter u8(int value) {
    ensure(1);
    bytes[length++] = (byte) value;
    return this;
  }

  public ByteWriter varint(long value) {
    ensure(10);
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes[length++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[length++] = (byte) rest;
    return this;
  }

  /// Eight bytes, low first.
  public ByteWriter fixed64(long value) {
    ensure(8);
    for (int shift = 0; shift < 64; shift += 8) {
      bytes[length++] = (byte) (value >>> shift);
    }
    return this;
  }

  public ByteWriter raw(byte[] source, int from, int count) {
    ensure(count);
    System.arraycopy(source, from, bytes, length, count);
    length += count;
    return this;
  }

  /// A length and so many bytes.
  public ByteWriter bytes(byte[] source) {
    return varint(source.length).raw(source, 0, source.length);
  }

  /// A length and the string in UTF-8.
  @SuppressWarnings(
      "deprecation") // getBytes(from, to, ...) copies Latin characters without garbage
  public ByteWriter string(String value) {
    int count = value.length();
    for (int i = 0; i < count; i++) {
      if (value.charAt(i) > 0x7f) {
        return bytes(value.getBytes(StandardCharsets.UTF_8));
      }
    }
    varint(count);
    ensure(count);
    value.getBytes(0, count, bytes, length);
    length += count;
    return this;
  }

  public int length() {
    return length;
  }

  /// The bytes so far, still owned by this writer: valid up to [#length], until the next write.
  public byte[] array() {
    return bytes;
  }

  public byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }

  private void ensure(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
    }
  }
}
