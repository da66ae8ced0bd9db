package holdfast.amqp091.codec;

import io.netty.buffer.ByteBuf;

/// Takes what [FrameReader] reads, in the order of the wire, on the thread that reads. Calls
/// instead of objects, so that a frame is not garbage.
public interface FrameHandler {

  void onMethod(int channel, Method method);

  /// `basic.ack`, which comes as often as messages go out: a method of its own, so that it is no
  /// object.
  default void onAck(int channel, long deliveryTag, boolean multiple) {
    onMethod(channel, new BasicMethod.Ack(deliveryTag, multiple));
  }

  /// A content header comes next: whoever expects none says so before it is looked at.
  default void beforeContentHeader(int channel) {}

  /// The announced body size is never negative; it is not otherwise judged here.
  void onContentHeader(int channel, long bodySize, BasicProperties properties);

  /// Part of a body: `length` octets of the buffer from `index`. They are the handler's for the
  /// length of the call only; it moves no index of the buffer.
  void onContentBody(int channel, ByteBuf in, int index, int length);

  void onHeartbeat();
}
