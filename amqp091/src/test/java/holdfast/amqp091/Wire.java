package holdfast.amqp091;

import holdfast.amqp091.codec.BasicProperties;
import holdfast.amqp091.codec.FrameWriter;
import holdfast.amqp091.codec.Method;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/// Octets as a client would send them, and as none would.
final class Wire {
  static final int METHOD = 1;
  static final int HEADER = 2;
  static final int BODY = 3;
  static final int HEARTBEAT = 8;
  static final int END = 0xCE;

  static final byte[] PROTOCOL_HEADER = {'A', 'M', 'Q', 'P', 0, 0, 9, 1};
  static final byte[] TRANSIENT = BasicProperties.of(1);
  static final byte[] PERSISTENT = BasicProperties.of(2);

  private Wire() {}

  static byte[] bytes(Consumer<ByteBuf> writing) {
    ByteBuf out = Unpooled.buffer();
    writing.accept(out);
    return ByteBufUtil.getBytes(out);
  }

  static byte[] concat(byte[]... parts) {
    return ByteBufUtil.getBytes(Unpooled.wrappedBuffer(parts));
  }

  static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /// A frame of any type, its size and end octet right.
  static byte[] frame(int type, int channel, byte... payload) {
    return frame(type, channel, payload.length, payload, END);
  }

  /// A frame that may lie about its size and end as it likes.
  static byte[] frame(int type, int channel, long size, byte[] payload, int end) {
    return bytes(out -> {
      out.writeByte(type).writeShort(channel).writeInt((int) size);
      out.writeBytes(payload).writeByte(end);
    });
  }

  static byte[] method(int channel, Method method) {
    return bytes(out -> FrameWriter.method(out, channel, method));
  }

  /// A method whose arguments are any octets.
  static byte[] method(int channel, int classId, int methodId, byte... arguments) {
    return frame(
        METHOD,
        channel,
        bytes(out -> out.writeShort(classId).writeShort(methodId).writeBytes(arguments)));
  }

  static byte[] header(int channel, long bodyBytes, byte[] properties) {
    return bytes(out -> FrameWriter.contentHeader(out, channel, bodyBytes, properties));
  }

  static byte[] body(int channel, byte[] body) {
    return frame(BODY, channel, body);
  }

  static byte[] content(int channel, byte[] properties, byte[] body, int frameBytesMax) {
    return bytes(
        out -> FrameWriter.content(out, channel, properties, body, 0, body.length, frameBytesMax));
  }

  static void shortString(ByteBuf out, String text) {
    byte[] bytes = text(text);
    out.writeByte(bytes.length).writeBytes(bytes);
  }
}
