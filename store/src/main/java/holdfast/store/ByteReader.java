package holdfast.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// Reads what [ByteWriter] wrote. Everything is checked against the end of the bytes: they come
/// from a disk. What does not fit is a [MalformedException].
public final class ByteReader {
  private final ByteBuffer source;

  /// The bytes are not what a [ByteWriter] wrote.
  public static final class MalformedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public MalformedException(String message) {
      super(message);
    }
  }

  public ByteReader(ByteBuffer source) {
    this.source = source;
  }

  public ByteReader(byte[] source) {
    this(ByteBuffer.wrap(source));
  }

  public boolean hasMore() {
    return source.hasRemaining();
  }

  public int u8() {
    need(1);
    return source.get() & 0xff;
  }

  public long varint() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      int b = u8();
      value |= (long) (b & 0x7f) << shift;
      if (b < 0x80) {
        return value;
      }
    }
    throw new MalformedException("a number of more than 64 bits");
  }

  /// A count or a length: what it counts takes at least one byte each of what is left.
  public int count() {
    long value = varint();
    if (value < 0 || value > source.remaining()) {
      throw new MalformedException(
          "a length of " + value + " where " + source.remaining() + " bytes are left");
    }
    return (int) value;
  }

  public long fixed64() {
    need(8);
    long value = 0;
    for (int shift = 0; shift < 64; shift += 8) {
      value |= (long) (source.get() & 0xff) << shift;
    }
    return value;
  }

  public byte[] bytes() {
    byte[] bytes = new byte[count()];
    source.get(bytes);
    return bytes;
  }

  /// So many bytes as they stand.
  public byte[] raw(long count) {
    if (count < 0 || count > source.remaining()) {
      throw new MalformedException(
          "a length of " + count + " where " + source.remaining() + " bytes are left");
    }
    byte[] bytes = new byte[(int) count];
    source.get(bytes);
    return bytes;
  }

  /// Where the reading stands in the source.
  int position() {
    return source.position();
  }

  void skip(long count) {
    if (count < 0 || count > source.remaining()) {
      throw new MalformedException(
          "a length of " + count + " where " + source.remaining() + " bytes are left");
    }
    source.position(source.position() + (int) count);
  }

  public String string() {
    return new String(bytes(), StandardCharsets.UTF_8);
  }

  private void need(int bytes) {
    if (source.remaining() < bytes) {
      throw new MalformedException("the bytes end too early");
    }
  }
}
