package holdfast.amqp091;

import holdfast.amqp091.codec.BasicMethod;
import holdfast.amqp091.codec.ChannelMethod;
import holdfast.amqp091.codec.ConnectionMethod;
import holdfast.amqp091.codec.FrameWriter;
import holdfast.amqp091.codec.Method;
import holdfast.amqp091.codec.ProtocolError;
import holdfast.amqp091.codec.QueueMethod;
import holdfast.amqp091.codec.ReplyCode;
import holdfast.broker.EventOutbox;
import holdfast.core.Event;
import holdfast.core.Message;
import holdfast.core.Session;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Turns what the core tells into frames: a round's events into few buffers and one flush. On its
/// connection's event loop.
final class EventWriter {
  private static final int BUFFER_BYTES = 64 * 1024;
  private static final int FRAME_OVERHEAD_BYTES = 8;

  private final AmqpConnection connection;
  private final ChannelHandlerContext ctx;
  private @Nullable ByteBuf out;

  /// Events that the peer is not ready for. A peer that asks and does not read makes us hold what
  /// it asked for, but not copies of it.
  private final ArrayDeque<Event> waiting = new ArrayDeque<>();

  private long waitingBytes;

  EventWriter(AmqpConnection connection, ChannelHandlerContext ctx) {
    this.connection = connection;
    this.ctx = ctx;
  }

  /// Takes events and writes what the peer is ready for; the rest waits. Their bytes count as on
  /// their way until they have left. True if the peer gets something: not every event is for its
  /// ears.
  boolean write(List<Event> events) {
    for (Event event : events) {
      take(event);
    }
    return writeWaiting();
  }

  /// Puts an event behind those that wait. What the connection itself is told, it is told now.
  private void take(Event event) {
    switch (event) {
      case Event.Taken e -> {
        connection.taken();
        connection.sent(EventOutbox.bytes(e));
        return;
      }
      case Event.ForcedOut e -> {
        connection.close(ProtocolError.of(ReplyCode.CONNECTION_FORCED, e.reason()));
        connection.sent(EventOutbox.bytes(e));
        return;
      }
      case Event.Unblocked e -> connection.unblocked();
      case Event.ClientClosed e -> connection.hangUpInTime();
      default -> {}
    }
    waiting.add(event);
    waitingBytes += EventOutbox.bytes(event);
  }

  /// Writes what waits, until the peer has enough to read; true if it gets something.
  boolean writeWaiting() {
    long bytes = 0;
    try {
      while (!waiting.isEmpty() && ctx.channel().isWritable()) {
        Event event = waiting.remove();
        bytes += EventOutbox.bytes(event);
        write(event);
      }
    } catch (RuntimeException | Error e) {
      release();
      connection.sent(bytes);
      throw e;
    } finally {
      waitingBytes -= bytes;
    }
    if (bytes == 0) {
      return false;
    }
    long leaving = bytes;
    ByteBuf last = out;
    out = null;
    ctx.writeAndFlush(last == null ? Unpooled.EMPTY_BUFFER : last)
        .addListener(done -> connection.sent(leaving));
    return last != null;
  }

  /// Bytes of events that the peer was not ready for.
  long waitingBytes() {
    return waitingBytes;
  }

  /// Lets go of everything, for a peer that has gone, and of these events that came too late.
  void drop(List<Event> events) {
    release();
    waiting.addAll(events);
    long bytes = 0;
    for (Event event : waiting) {
      bytes += EventOutbox.bytes(event);
    }
    waiting.clear();
    waitingBytes = 0;
    connection.sent(bytes);
  }

  /// Forgets what has not been sent.
  private void release() {
    ByteBuf last = out;
    out = null;
    if (last != null) {
      last.release();
    }
  }

  /// The buffer to go on with.
  private ByteBuf buffer() {
    ByteBuf current = out;
    if (current != null && current.readableBytes() >= BUFFER_BYTES) {
      ctx.write(current, ctx.voidPromise());
      current = null;
    }
    if (current == null) {
      current = ctx.alloc().buffer(BUFFER_BYTES / 16);
      out = current;
    }
    return current;
  }

  private void write(Event event) {
    switch (event) {
      case Event.Delivered e -> delivered(e);
      case Event.Confirmed e -> {
        AmqpChannel channel = open(e.session());
        if (channel != null) {
          FrameWriter.ack(buffer(), channel.id(), e.tag(), e.multiple());
        }
      }
      case Event.Refused e -> method(e.session(), new BasicMethod.Nack(e.tag(), false, false));
      case Event.Got e -> got(e);
      case Event.GotNothing e -> method(e.session(), new BasicMethod.GetEmpty());
      case Event.Returned e -> returned(e);
      case Event.QueueDeclared e ->
          method(e.session(), new QueueMethod.DeclareOk(e.name(), e.messages(), e.consumers()));
      case Event.Removed e -> method(e.session(), Replies.removed(e.cause(), e.messages()));
      case Event.Consuming e -> method(e.session(), new BasicMethod.ConsumeOk(e.consumerTag()));
      case Event.Done e -> {
        Method answer = Replies.done(e.cause());
        if (answer != null) {
          method(e.session(), answer);
        }
      }
      case Event.ConsumerCancelled e -> {
        if (connection.understands("consumer_cancel_notify")) {
          method(e.session(), new BasicMethod.Cancel(e.consumerTag(), true));
        }
      }
      case Event.Failed e -> connection.failed(e);
      case Event.SessionClosed e -> sessionClosed(e.session());
      case Event.ClientClosed e -> connection.clientClosed();
      case Event.Blocked e -> {
        if (connection.understands("connection.blocked")) {
          FrameWriter.method(buffer(), 0, new ConnectionMethod.Blocked(e.reason()));
        }
      }
      case Event.Unblocked e -> {
        if (connection.understands("connection.blocked")) {
          FrameWriter.method(buffer(), 0, new ConnectionMethod.Unblocked());
        }
      }
      case Event.ForcedOut e -> {
        // So it was.
      }
      case Event.Taken e -> {
        // The connection was told when it came.
      }
    }
  }

  /// One method of the connection itself, or of a channel outside the core's events; in the order
  /// of calls, flushed by whoever called.
  void method(int channel, Method method) {
    FrameWriter.method(buffer(), channel, method);
  }

  void heartbeat() {
    FrameWriter.heartbeat(buffer());
  }

  /// Sends what has gathered.
  void flush() {
    ByteBuf last = out;
    out = null;
    if (last != null) {
      ctx.writeAndFlush(last, ctx.voidPromise());
    }
  }

  /// Sends what has gathered, and hangs up when all of it has left.
  void flushAndHangUp() {
    ByteBuf last = out;
    out = null;
    ctx.writeAndFlush(last == null ? Unpooled.EMPTY_BUFFER : last)
        .addListener(ChannelFutureListener.CLOSE);
  }

  private @Nullable AmqpChannel open(Session session) {
    AmqpChannel channel = connection.channelOf(session);
    return channel != null && channel.isOpen() ? channel : null;
  }

  private void method(Session session, Method method) {
    AmqpChannel channel = open(session);
    if (channel != null) {
      FrameWriter.method(buffer(), channel.id(), method);
    }
  }

  private void delivered(Event.Delivered e) {
    AmqpChannel channel = open(e.session());
    if (channel == null) {
      return;
    }
    Message message = e.message();
    FrameWriter.deliver(
        buffer(),
        channel.id(),
        e.consumerTag(),
        e.deliveryTag(),
        e.redelivered(),
        message.exchange(),
        message.routingKey());
    content(channel.id(), message, AmqpPropertyFormat.propertiesOf(message, e.extra()));
  }

  private void got(Event.Got e) {
    AmqpChannel channel = open(e.session());
    if (channel == null) {
      return;
    }
    Message message = e.message();
    FrameWriter.method(
        buffer(),
        channel.id(),
        new BasicMethod.GetOk(
            e.deliveryTag(),
            e.redelivered(),
            message.exchange(),
            message.routingKey(),
            e.remaining()));
    content(channel.id(), message, AmqpPropertyFormat.propertiesOf(message, e.extra()));
  }

  private void returned(Event.Returned e) {
    AmqpChannel channel = open(e.session());
    if (channel == null) {
      return;
    }
    Message message = e.message();
    FrameWriter.method(
        buffer(),
        channel.id(),
        new BasicMethod.Return(
            ReplyCode.NO_ROUTE.code(),
            ReplyCode.NO_ROUTE.name(),
            message.exchange(),
            message.routingKey()));
    content(channel.id(), message, AmqpPropertyFormat.propertiesOf(message));
  }

  /// Header and body, cut to frames; a large body leaves in buffers of a bounded size.
  private void content(int channel, Message message, byte[] properties) {
    byte[] body = message.body();
    FrameWriter.contentHeader(buffer(), channel, body.length, properties);
    int payloadMax = connection.frameBytesMax() - FRAME_OVERHEAD_BYTES;
    for (int done = 0; done < body.length; ) {
      int part = Math.min(body.length - done, payloadMax);
      FrameWriter.contentBody(buffer(), channel, body, done, part);
      done += part;
    }
  }

  /// Closed in order by the peer: it gets its answer. Closed by us: the peer's answer is awaited.
  private void sessionClosed(Session session) {
    AmqpChannel channel = connection.channelOf(session);
    if (channel != null && channel.closedByPeer()) {
      FrameWriter.method(buffer(), channel.id(), new ChannelMethod.CloseOk());
      connection.forget(channel);
    }
  }
}
