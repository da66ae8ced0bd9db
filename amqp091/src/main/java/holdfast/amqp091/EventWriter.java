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
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Turns what the core tells into frames: a round's events into few buffers and one flush. On its
/// connection's event loop.
final class EventWriter {
  private static final int BUFFER_BYTES = 64 * 1024;
  private static final int BUFFER_BYTES_MIN = 4 * 1024;
  private final AmqpConnection connection;
  private final ChannelHandlerContext ctx;
  private @Nullable ByteBuf out;

  /// Events that the peer is not ready for. A peer that asks and does not read makes us hold what
  /// it asked for, but not copies of it.
  private final ArrayDeque<Event> waiting = new ArrayDeque<>();

  /// Bytes of these, and of the event whose body is leaving.
  private long waitingBytes;

  /// The body that has begun to leave and waits for the peer to be ready for more.
  private @Nullable LeavingBody leaving;

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
    boolean worked = false;
    try {
      while ((leaving != null || !waiting.isEmpty()) && ctx.channel().isWritable()) {
        worked = true;
        bytes += leaving == null ? writeNext() : writeFrame(leaving);
      }
    } catch (RuntimeException | Error e) {
      release();
      connection.sent(bytes);
      throw e;
    }
    if (!worked) {
      return false;
    }
    long sent = bytes;
    ByteBuf last = out;
    out = null;
    ctx.writeAndFlush(last == null ? Unpooled.EMPTY_BUFFER : last)
        .addListener(done -> connection.sent(sent));
    return last != null;
  }

  /// Writes the next event; returns its bytes, 0 if its body has only begun to leave.
  private long writeNext() {
    Event event = waiting.remove();
    long bytes = EventOutbox.bytes(event);
    try {
      makeRoom(bytes > LeavingBody.SMALL_BYTES_MAX ? BUFFER_BYTES_MIN : (int) bytes);
      write(event);
    } catch (RuntimeException | Error e) {
      waitingBytes -= bytes;
      connection.sent(bytes);
      throw e;
    }
    if (leaving != null) {
      return 0;
    }
    waitingBytes -= bytes;
    return bytes;
  }

  /// Writes the next frame of a body; returns the bytes of its event if that was the last.
  private long writeFrame(LeavingBody body) {
    makeRoom(LeavingBody.SMALL_BYTES_MAX);
    body.writeFrame(buffer());
    if (!body.hasLeft()) {
      return 0;
    }
    leaving = null;
    waitingBytes -= body.eventBytes();
    return body.eventBytes();
  }

  /// Has what waits written soon. A large body lets others have their turn before it goes on, also
  /// those whose octets wait in their sockets: what is scheduled comes behind them.
  void later(Runnable writing) {
    if (leaving == null) {
      ctx.executor().execute(writing);
    } else {
      ctx.executor().schedule(writing, 0, TimeUnit.NANOSECONDS);
    }
  }

  /// Bytes of events that the peer was not ready for.
  long waitingBytes() {
    return waitingBytes;
  }

  /// Lets go of everything, for a peer that has gone, and of these events that came too late.
  void drop(List<Event> events) {
    release();
    waiting.addAll(events);
    LeavingBody body = leaving;
    leaving = null;
    long bytes = body == null ? 0 : body.eventBytes();
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

  /// Begins a buffer that has room for so many bytes, and for what waits behind them, if this one
  /// has not: one that grew would copy what is in it.
  private void makeRoom(int bytes) {
    ByteBuf current = out;
    if (current != null && current.writableBytes() < bytes) {
      ctx.write(current, ctx.voidPromise());
      current = null;
    }
    if (current == null) {
      int bytesMax = Math.max(bytes, BUFFER_BYTES);
      out = ctx.alloc().buffer(Math.clamp(waitingBytes, BUFFER_BYTES_MIN, bytesMax));
    }
  }

  /// The buffer to go on with.
  private ByteBuf buffer() {
    ByteBuf current = out;
    if (current == null) {
      current = ctx.alloc().buffer(BUFFER_BYTES_MIN);
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
    finishBody(channel);
    FrameWriter.method(buffer(), channel, method);
  }

  /// Nothing may stand between the frames of a channel's content.
  private void finishBody(int channel) {
    LeavingBody body = leaving;
    long bytes = 0;
    while (body != null && body.channel() == channel && !body.hasLeft()) {
      bytes += writeFrame(body);
    }
    if (bytes > 0) {
      connection.sent(bytes);
    }
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
    content(channel.id(), e, message, AmqpPropertyFormat.propertiesOf(message, e.extra()));
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
    content(channel.id(), e, message, AmqpPropertyFormat.propertiesOf(message, e.extra()));
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
    content(channel.id(), e, message, AmqpPropertyFormat.propertiesOf(message));
  }

  /// Header and body, cut to frames; of a large body the header alone, the rest as the peer takes
  /// it.
  private void content(int channel, Event event, Message message, byte[] properties) {
    int length = message.bodyBytes();
    FrameWriter.contentHeader(buffer(), channel, length, properties);
    int frameBytesMax = connection.frameBytesMax();
    if (length > LeavingBody.SMALL_BYTES_MAX) {
      leaving = new LeavingBody(channel, message, frameBytesMax, EventOutbox.bytes(event));
      return;
    }
    for (int done = 0; done < length; ) {
      done += LeavingBody.writeFrame(buffer(), channel, message, done, frameBytesMax);
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
