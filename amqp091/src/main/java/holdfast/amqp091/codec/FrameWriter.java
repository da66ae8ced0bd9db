package holdfast.amqp091.codec;

import io.netty.buffer.ByteBuf;

/// Appends frames to a buffer: nothing is measured or copied first, a frame's size is filled in
/// once its payload is written. The caller has negotiated what it passes: channel, frame size,
/// strings that fit.
public final class FrameWriter {
  private static final int DELIVER_IDS =
      FrameLayout.ids(BasicMethod.CLASS_ID, BasicMethod.Deliver.ID);

  private FrameWriter() {}

  /// One method frame.
  public static void method(ByteBuf out, int channel, Method method) {
    int sizeAt = open(out, FrameLayout.METHOD, channel);
    out.writeInt(FrameLayout.ids(method.classId(), method.methodId()));
    method.encodeArguments(out);
    close(out, sizeAt);
  }

  /// `basic.deliver`, without making a [BasicMethod.Deliver].
  public static void deliver(
      ByteBuf out,
      int channel,
      String consumerTag,
      long deliveryTag,
      boolean redelivered,
      String exchange,
      String routingKey) {
    int sizeAt = open(out, FrameLayout.METHOD, channel);
    out.writeInt(DELIVER_IDS);
    ArgumentWriter.shortString(out, consumerTag);
    out.writeLong(deliveryTag);
    out.writeBoolean(redelivered);
    ArgumentWriter.shortString(out, exchange);
    ArgumentWriter.shortString(out, routingKey);
    close(out, sizeAt);
  }

  /// `basic.ack`, without making a [BasicMethod.Ack].
  public static void ack(ByteBuf out, int channel, long deliveryTag, boolean multiple) {
    header(out, FrameLayout.METHOD, channel, FrameLayout.ACK_BYTES);
    out.writeInt(FrameLayout.ACK_IDS);
    out.writeLong(deliveryTag);
    out.writeBoolean(multiple);
    out.writeByte(FrameLayout.END);
  }

  /// Content header and body of one message: what must follow a method with content. Body frames
  /// are as long as `frameBytesMax` allows; 0 means that they are not limited.
  public static void content(
      ByteBuf out,
      int channel,
      byte[] properties,
      byte[] body,
      int offset,
      int length,
      int frameBytesMax) {
    contentHeader(out, channel, length, properties);
    int overhead = CodecLimits.FRAME_OVERHEAD_BYTES;
    int payloadMax = frameBytesMax == 0 ? Integer.MAX_VALUE : frameBytesMax - overhead;
    for (int done = 0; done < length; ) {
      int part = Math.min(length - done, payloadMax);
      contentBody(out, channel, body, offset + done, part);
      done += part;
    }
  }

  /// One content header. The property list goes out as it is, its flags in front.
  public static void contentHeader(ByteBuf out, int channel, long bodySize, byte[] properties) {
    header(out, FrameLayout.HEADER, channel, FrameLayout.CONTENT_PROPERTIES + properties.length);
    out.writeInt(BasicMethod.CLASS_ID << 16); // and weight 0
    out.writeLong(bodySize);
    out.writeBytes(properties);
    out.writeByte(FrameLayout.END);
  }

  /// One body frame, for bodies that are written piece by piece.
  public static void contentBody(ByteBuf out, int channel, byte[] body, int offset, int length) {
    header(out, FrameLayout.BODY, channel, length);
    out.writeBytes(body, offset, length);
    out.writeByte(FrameLayout.END);
  }

  public static void heartbeat(ByteBuf out) {
    header(out, FrameLayout.HEARTBEAT, 0, 0);
    out.writeByte(FrameLayout.END);
  }

  private static void header(ByteBuf out, int type, int channel, int size) {
    out.ensureWritable(size + CodecLimits.FRAME_OVERHEAD_BYTES);
    out.writeByte(type);
    out.writeShort(channel);
    out.writeInt(size);
  }

  private static int open(ByteBuf out, int type, int channel) {
    out.writeByte(type);
    out.writeShort(channel);
    int sizeAt = out.writerIndex();
    out.writeInt(0);
    return sizeAt;
  }

  private static void close(ByteBuf out, int sizeAt) {
    out.setInt(sizeAt, out.writerIndex() - sizeAt - Integer.BYTES);
    out.writeByte(FrameLayout.END);
  }
}
