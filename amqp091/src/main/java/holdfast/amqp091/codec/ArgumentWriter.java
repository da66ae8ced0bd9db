package holdfast.amqp091.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

/// The argument types that a buffer cannot write by itself. A string too long for its type is a
/// mistake of ours, not the peer's.
final class ArgumentWriter {
  private ArgumentWriter() {}

  static void shortString(ByteBuf out, String text) {
    int lengthAt = out.writerIndex();
    out.writeByte(0);
    if (text.isEmpty()) {
      return;
    }
    int length = ByteBufUtil.writeUtf8(out, text);
    if (length > CodecLimits.SHORT_STRING_BYTES_MAX) {
      throw new IllegalArgumentException("short string of " + length + " octets");
    }
    out.setByte(lengthAt, length);
  }

  static void longString(ByteBuf out, LongString value) {
    out.writeInt(value.bytes().length);
    out.writeBytes(value.bytes());
  }
}
