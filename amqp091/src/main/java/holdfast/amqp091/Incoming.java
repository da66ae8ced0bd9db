package holdfast.amqp091;

import holdfast.amqp091.codec.BasicMethod;
import holdfast.amqp091.codec.BasicProperties;
import holdfast.amqp091.codec.ChannelMethod;
import holdfast.amqp091.codec.FrameHandler;
import holdfast.amqp091.codec.FrameReader;
import holdfast.amqp091.codec.Method;
import holdfast.amqp091.codec.ProtocolError;
import holdfast.amqp091.codec.ProtocolException;
import holdfast.amqp091.codec.ProtocolHeader;
import holdfast.amqp091.codec.ReplyCode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/// What a connection hears: octets to frames, each frame to whom it is for, and a mistake back to
/// who made it. Owns the octets of an unfinished frame. On the connection's event loop.
final class Incoming implements FrameHandler {
  private final AmqpConnection connection;
  private final FrameReader reader = new FrameReader(Handshake.FRAME_BYTES_BEFORE_TUNED);

  /// What has come of a frame that is not all there.
  private @Nullable ByteBuf unread;

  /// The channel whose frame is being handled, to know what an error closes.
  private int current;

  Incoming(AmqpConnection connection) {
    this.connection = connection;
  }

  void frameBytesMax(int bytes) {
    reader.frameBytesMax(bytes);
  }

  /// Reads what is complete; the rest waits for more. The buffer is ours from here on.
  ///
  /// A frame that came in pieces is put together on its own; what follows it is read where it lies.
  void take(ByteBufAllocator allocator, ByteBuf in) {
    try {
      ByteBuf begun = unread;
      if (begun != null) {
        complete(begun, in);
      }
      while (!connection.hasGone() && in.isReadable() && readOne(in)) {
        // one frame after the other
      }
      if (!connection.hasGone() && in.isReadable()) {
        keep(allocator, in);
      }
    } finally {
      in.release();
      if (connection.hasGone()) {
        release();
      }
    }
  }

  /// Adds to an unfinished frame what is missing, as far as it has come, and reads it.
  private void complete(ByteBuf frame, ByteBuf in) {
    int missing = missing(frame);
    while (missing > 0 && in.isReadable()) {
      frame.writeBytes(in, Math.min(missing, in.readableBytes()));
      missing = missing(frame);
    }
    if (missing == 0) {
      readOne(frame);
      release();
    }
  }

  private int missing(ByteBuf in) {
    return connection.state() == AmqpConnection.State.HEADER
        ? Math.max(0, ProtocolHeader.BYTES - in.readableBytes())
        : reader.missing(in);
  }

  /// What is left of a read begins a frame whose end is yet to come. Memory is taken for what is
  /// there, not for what it announces.
  private void keep(ByteBufAllocator allocator, ByteBuf in) {
    int length = in.readableBytes();
    ByteBuf kept = allocator.buffer(length);
    kept.writeBytes(in, length);
    unread = kept;
  }

  void release() {
    ByteBuf left = unread;
    unread = null;
    if (left != null) {
      left.release();
    }
  }

  private boolean readOne(ByteBuf in) {
    if (connection.state() == AmqpConnection.State.HEADER) {
      if (in.readableBytes() < ProtocolHeader.BYTES) {
        return false;
      }
      in.skipBytes(ProtocolHeader.BYTES);
      connection.begin();
      return true;
    }
    int before = in.readerIndex();
    try {
      return reader.read(in, this);
    } catch (ProtocolException e) {
      connection.refuse(current, e.error());
      if (in.readerIndex() == before) {
        in.skipBytes(in.readableBytes()); // the stream has lost its frames: nothing more to read
      }
      return true;
    }
  }

  @Override
  public void onMethod(int channel, Method method) {
    current = channel;
    if (channel != 0 && connection.state() == AmqpConnection.State.OPEN) {
      onChannel(channel, method);
    } else {
      connection.on(method);
    }
  }

  private void onChannel(int id, Method method) {
    AmqpChannel channel = connection.channel(id);
    if (channel != null) {
      channel.on(method);
      return;
    }
    if (method instanceof ChannelMethod.CloseOk) {
      return; // both sides closed at once
    }
    if (!(method instanceof ChannelMethod.Open)) {
      throw new ProtocolException(
          new ProtocolError(
              ReplyCode.CHANNEL_ERROR,
              "expected 'channel.open' on channel " + id,
              method.classId(),
              method.methodId()));
    }
    connection.openChannel(id);
  }

  @Override
  public void onAck(int channel, long deliveryTag, boolean multiple) {
    AmqpChannel open =
        connection.state() == AmqpConnection.State.OPEN ? connection.channel(channel) : null;
    if (open == null) {
      onMethod(channel, new BasicMethod.Ack(deliveryTag, multiple));
    } else {
      current = channel;
      open.onAck(deliveryTag, multiple);
    }
  }

  @Override
  public void onContentHeader(int channel, long bodyBytes, BasicProperties properties) {
    current = channel;
    AmqpChannel open = contentChannel(channel);
    if (open != null) {
      open.onHeader(bodyBytes, properties);
    }
  }

  @Override
  public void beforeContentHeader(int channel) {
    current = channel;
    AmqpChannel open = contentChannel(channel);
    if (open != null) {
      open.expectHeader();
    }
  }

  @Override
  public void onContentBody(int channel, ByteBuf in, int index, int length) {
    current = channel;
    AmqpChannel open = contentChannel(channel);
    if (open != null) {
      open.onBody(in, index, length);
    }
  }

  private @Nullable AmqpChannel contentChannel(int id) {
    if (connection.state() != AmqpConnection.State.OPEN) {
      if (connection.state() == AmqpConnection.State.HANDSHAKE) {
        throw Content.unexpected("content before the connection is open");
      }
      return null;
    }
    AmqpChannel channel = connection.channel(id);
    if (channel == null) {
      throw new ProtocolException(
          ReplyCode.CHANNEL_ERROR, "content on channel " + id + ", which is not open");
    }
    return channel;
  }

  @Override
  public void onHeartbeat() {
    // That it was heard is what it says.
  }
}
