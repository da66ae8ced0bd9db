package holdfast.amqp091.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.HexFormat;

/// Octets for tests: from hexadecimal text (blanks ignored), from and into buffers.
final class Bytes {
  private Bytes() {}

  static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replaceAll("\\s", ""));
  }

  static byte[] of(ByteBuf buffer) {
    return ByteBufUtil.getBytes(buffer);
  }

  static ByteBuf buffer(byte[] bytes) {
    return Unpooled.wrappedBuffer(bytes);
  }

  static byte[] concat(byte[]... parts) {
    return of(Unpooled.wrappedBuffer(parts));
  }
}
