package holdfast.amqp091.codec;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// Cuts one connection's input into frames, checks each and hands on what it carries. Owned by the
/// connection, used on its event loop only.
///
/// A frame that cannot be delimited (unknown type, too long, no end octet: all FRAME_ERROR) loses
/// the stream: the buffer is left as it is and there is no point in reading on. Any other error
/// stands inside a delimited frame, which has been consumed when it is raised: the connection can
/// read on for the `close-ok` to its answer.
public final class FrameReader {
  private final ArgumentReader arguments = new ArgumentReader();
  private int payloadBytesMax;

  /// Publishers repeat themselves: properties equal to these are these again, checked and copied
  /// once.
  private BasicProperties remembered = BasicProperties.EMPTY;

  /// The same for a publish, ids in front, and what it says; no octets before the first.
  private byte[] publishOctets = {};

  private BasicMethod.@Nullable Publish publish;

  /// Accepts frames of up to `frameBytesMax` octets, overhead included, until told otherwise.
  public FrameReader(int frameBytesMax) {
    frameBytesMax(frameBytesMax);
  }

  /// Sets what was negotiated. Throws `IllegalArgumentException` below the protocol's floor.
  public void frameBytesMax(int frameBytesMax) {
    if (frameBytesMax < CodecLimits.FRAME_BYTES_MIN) {
      throw new IllegalArgumentException("frame size below the floor: " + frameBytesMax);
    }
    payloadBytesMax = frameBytesMax - CodecLimits.FRAME_OVERHEAD_BYTES;
  }

  /// Consumes one frame and calls the handler once; false, and nothing consumed, if the frame is
  /// not all there yet. A frame's type and size are judged as soon as they can be seen. Throws
  /// [ProtocolException] for what a peer may not send.
  public boolean read(ByteBuf in, FrameHandler handler) {
    int available = in.readableBytes();
    if (available < FrameLayout.PAYLOAD) {
      return false;
    }
    int start = in.readerIndex();
    int length = payloadBytes(in);
    if (available - CodecLimits.FRAME_OVERHEAD_BYTES < length) {
      return false;
    }
    int payload = start + FrameLayout.PAYLOAD;
    int end = in.getUnsignedByte(payload + length);
    if (end != FrameLayout.END) {
      throw frameError(String.format("frame end octet is 0x%02x, not 0xCE", end));
    }
    int channel = in.getUnsignedShort(start + FrameLayout.CHANNEL);
    in.readerIndex(payload + length + 1);
    switch (in.getUnsignedByte(start)) {
      case FrameLayout.METHOD -> method(channel, in, payload, length, handler);
      case FrameLayout.HEADER -> header(channel, in, payload, length, handler);
      case FrameLayout.BODY -> {
        checkContentChannel(channel);
        handler.onContentBody(channel, in, payload, length);
      }
      default -> heartbeat(channel, length, handler);
    }
    return true;
  }

  private void method(int channel, ByteBuf in, int index, int length, FrameHandler handler) {
    if (length == FrameLayout.ACK_BYTES
        && channel != 0
        && in.getInt(index) == FrameLayout.ACK_IDS) {
      boolean multiple = (in.getByte(index + FrameLayout.ACK_FLAGS) & 1) != 0;
      handler.onAck(channel, in.getLong(index + FrameLayout.ACK_TAG), multiple);
      return;
    }
    BasicMethod.Publish again = publish;
    if (again != null && channel != 0 && Octets.areAt(in, index, length, publishOctets)) {
      handler.onMethod(channel, again);
      return;
    }
    Method method = Methods.decode(in, index, length, arguments);
    if (method instanceof ConnectionMethod != (channel == 0)) {
      String where = channel == 0 ? "on channel 0" : "of class connection off channel 0";
      throw new ProtocolException(
          new ProtocolError(
              ReplyCode.COMMAND_INVALID,
              "method " + method.classId() + "," + method.methodId() + " " + where,
              method.classId(),
              method.methodId()));
    }
    if (method instanceof BasicMethod.Publish first
        && length <= CodecLimits.REMEMBERED_PUBLISH_BYTES_MAX) {
      publish = first;
      publishOctets = Octets.copyOf(in, index, length);
    }
    handler.onMethod(channel, method);
  }

  /// Octets that must be appended to the readable ones before [#read] can go on: to the end of the
  /// frame that they begin, or of its header while that is not all there. 0 if it can, be it to say
  /// that no frame begins like this.
  public int missing(ByteBuf in) {
    int available = in.readableBytes();
    if (available < FrameLayout.PAYLOAD) {
      return FrameLayout.PAYLOAD - available;
    }
    long size = in.getUnsignedInt(in.readerIndex() + FrameLayout.SIZE);
    return size > payloadBytesMax
        ? 0
        : Math.max(0, (int) size + CodecLimits.FRAME_OVERHEAD_BYTES - available);
  }

  /// What the frame's header announces, which is all there.
  private int payloadBytes(ByteBuf in) {
    int start = in.readerIndex();
    checkType(in.getUnsignedByte(start));
    long size = in.getUnsignedInt(start + FrameLayout.SIZE);
    if (size > payloadBytesMax) {
      throw frameError("frame of " + size + " octets exceeds " + payloadBytesMax);
    }
    return (int) size;
  }

  private void header(int channel, ByteBuf in, int index, int length, FrameHandler handler) {
    checkContentChannel(channel);
    handler.beforeContentHeader(channel);
    if (length < FrameLayout.CONTENT_PROPERTIES) {
      throw ProtocolException.syntax("content header of " + length + " octets ends early");
    }
    int classId = in.getUnsignedShort(index);
    if (classId != BasicMethod.CLASS_ID) {
      throw new ProtocolException(
          ReplyCode.UNEXPECTED_FRAME, "content header of class " + classId + ", not 60");
    }
    long bodySize = in.getLong(index + FrameLayout.CONTENT_BODY_SIZE);
    if (bodySize < 0) {
      throw ProtocolException.syntax(
          "body of " + Long.toUnsignedString(bodySize) + " octets announced");
    }
    int skip = FrameLayout.CONTENT_PROPERTIES;
    handler.onContentHeader(channel, bodySize, properties(in, index + skip, length - skip));
  }

  private BasicProperties properties(ByteBuf in, int index, int length) {
    if (remembered.isEncodedAs(in, index, length)) {
      return remembered;
    }
    BasicProperties properties = BasicProperties.parse(Octets.copyOf(in, index, length));
    if (length <= CodecLimits.REMEMBERED_PROPERTIES_BYTES_MAX) {
      remembered = properties;
    }
    return properties;
  }

  private static void heartbeat(int channel, int length, FrameHandler handler) {
    if (channel != 0) {
      throw new ProtocolException(
          ReplyCode.UNEXPECTED_FRAME, "heartbeat on channel " + channel + ", not 0");
    }
    if (length != 0) {
      throw frameError("heartbeat with a payload of " + length + " octets");
    }
    handler.onHeartbeat();
  }

  private static void checkType(int type) {
    switch (type) {
      case FrameLayout.METHOD, FrameLayout.HEADER, FrameLayout.BODY, FrameLayout.HEARTBEAT -> {}
      default -> throw frameError("unknown frame type " + type);
    }
  }

  private static void checkContentChannel(int channel) {
    if (channel == 0) {
      throw new ProtocolException(ReplyCode.CHANNEL_ERROR, "content on channel 0");
    }
  }

  private static ProtocolException frameError(String text) {
    return new ProtocolException(ReplyCode.FRAME_ERROR, text);
  }
}
