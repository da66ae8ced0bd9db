package holdfast.amqp091;

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
import io.netty.handler.codec.ByteToMessageDecoder;
import org.jspecify.annotations.Nullable;

/// What a connection hears: octets to frames, each frame to whom it is for, and a mistake back to
/// who made it. Owns the octets of an unfinished frame. On the connection's event loop.
final class Incoming implements FrameHandler {
  private final AmqpConnection connection;
  private final FrameReader reader = new FrameReader(Handshake.FRAME_BYTES_BEFORE_TUNED);
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
  void take(ByteBufAllocator allocator, ByteBuf in) {
    ByteBuf before = unread;
    ByteBuf all =
        before == null ? in : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(allocator, before, in);
    unread = all;
    try {
      while (!connection.hasGone() && readOne(all)) {
        // one frame after the other
      }
    } finally {
      if (!all.isReadable() || connection.hasGone()) {
        release();
      } else {
        all.discardSomeReadBytes(); // the next read is appended, and there may always be a next one
      }
    }
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
