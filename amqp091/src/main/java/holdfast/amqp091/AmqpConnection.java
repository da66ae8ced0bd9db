package holdfast.amqp091;

import holdfast.amqp091.codec.ChannelMethod;
import holdfast.amqp091.codec.ConnectionMethod;
import holdfast.amqp091.codec.Method;
import holdfast.amqp091.codec.ProtocolError;
import holdfast.amqp091.codec.ProtocolException;
import holdfast.amqp091.codec.ReplyCode;
import holdfast.broker.Broker;
import holdfast.core.Admission;
import holdfast.core.Command;
import holdfast.core.Event;
import holdfast.core.MemoryBudget;
import holdfast.core.Session;
import holdfast.net.HalfOpen;
import holdfast.net.Peer;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One AMQP 0-9-1 connection. Everything of it happens on its event loop, one thing after the
/// other; the gate reaches it only through its outbox.
///
/// What one read of the socket brings becomes one submission to the gate; what one round of the
/// gate brings becomes one flush.
final class AmqpConnection extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(AmqpConnection.class);

  private static final long CLOSE_TIMEOUT_MS = 5_000;

  enum State {
    HEADER,
    HANDSHAKE,
    OPEN,
    /// We have sent `connection.close` and wait for the peer to agree.
    CLOSING,
    /// The peer has sent it; `close-ok` follows when the core has let go.
    CLOSED_BY_PEER,
    GONE
  }

  private final Broker broker;
  private final AmqpSettings settings;
  private final Peer peer;
  private final String name;
  private final Handshake handshake;
  private final Incoming incoming = new Incoming(this);
  private final Map<Integer, AmqpChannel> channels = new HashMap<>();

  private State state = State.HEADER;
  private @Nullable ChannelHandlerContext context;
  private @Nullable EventWriter writer;
  private @Nullable Submissions submissions;
  private @Nullable Reading reading;
  private @Nullable Heartbeats heartbeats;
  private @Nullable ScheduledFuture<?> timeout;
  private boolean methodsWritten;

  AmqpConnection(Broker broker, AmqpSettings settings, Login login, Peer peer) {
    this.broker = broker;
    this.settings = settings;
    this.peer = peer;
    this.name = text(peer.address()) + " -> " + text(peer.local());
    this.handshake = new Handshake(this, settings, login);
  }

  private static String text(InetSocketAddress address) {
    return address.getAddress().getHostAddress() + ":" + address.getPort();
  }

  // --- from the socket ---

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    writer = new EventWriter(this, ctx);
    Reading starting = new Reading(ctx, broker);
    reading = starting;
    submissions = new Submissions(broker, ctx, starting);
    heartbeats = new Heartbeats(this, ctx);
  }

  /// Ends the connection if what is under way now takes longer. One at a time, and none for a
  /// connection that has gone: it would be kept in memory.
  private void timeOutAfter(long ms, Runnable action) {
    stopTimeout();
    timeout = ctx().executor().schedule(action, ms, TimeUnit.MILLISECONDS);
  }

  private void stopTimeout() {
    ScheduledFuture<?> running = timeout;
    if (running != null) {
      running.cancel(false);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    heartbeats().heard();
    incoming.take(ctx.alloc(), (ByteBuf) message);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    submissions().submit();
    flush();
    ctx.fireChannelReadComplete();
  }

  // --- methods of the connection itself ---

  /// The peer speaks our protocol.
  void begin() {
    state = State.HANDSHAKE;
    write(0, handshake.start());
  }

  /// A method on channel 0, or one of any channel that came too early or too late.
  void on(Method method) {
    switch (state) {
      case HANDSHAKE -> {
        if (handshake.on(method) && state == State.HANDSHAKE) {
          state = State.OPEN;
          HalfOpen.end(ctx().channel());
        }
      }
      case OPEN -> onConnection(method);
      case CLOSING -> {
        if (method instanceof ConnectionMethod.CloseOk) {
          hangUp();
        } else if (method instanceof ConnectionMethod.Close) {
          write(0, new ConnectionMethod.CloseOk());
          writer().flushAndHangUp();
        }
      }
      case HEADER, CLOSED_BY_PEER, GONE -> {
        // What comes after a close is from before it was known.
      }
    }
  }

  private void onConnection(Method method) {
    switch (method) {
      case ConnectionMethod.Close m -> {
        state = State.CLOSED_BY_PEER;
        submissions().close(channels.values());
      }
      case ConnectionMethod.UpdateSecret m -> handshake.updateSecret(m);
      default ->
          throw new ProtocolException(
              new ProtocolError(
                  ReplyCode.COMMAND_INVALID,
                  "this method is not expected on an open connection",
                  method.classId(),
                  method.methodId()));
    }
  }

  void openChannel(int id) {
    if (id > handshake.channelsMax()) {
      throw new ProtocolException(
          ReplyCode.NOT_ALLOWED,
          "channel number ("
              + id
              + ") is above the negotiated channel_max ("
              + handshake.channelsMax()
              + ")");
    }
    channels.put(id, new AmqpChannel(this, id, submissions().newSession(id)));
    write(id, new ChannelMethod.OpenOk());
  }

  // --- commands ---

  void submit(Command command) {
    submissions().add(command);
  }

  void acked(Session session, long deliveryTag) {
    submissions().acked(session, deliveryTag);
  }

  void publish(Command.Publish command) {
    submissions().add(command);
  }

  // --- errors ---

  /// A mistake of the peer: closes the channel it was made on, or the connection.
  void refuse(int id, ProtocolError error) {
    AmqpChannel channel = channels.get(id);
    if (!error.code().hard() && channel != null && state == State.OPEN) {
      LOG.info("{} channel {}: {}", name, channel.id(), error.replyText());
      channel.close(error);
    } else {
      close(error);
    }
  }

  /// A command that the core could not do.
  void failed(Event.Failed event) {
    AmqpChannel channel = channelOf(event.session());
    if (channel == null || !channel.isOpen() || state != State.OPEN) {
      return;
    }
    ProtocolError error = Replies.error(event.cause(), event.error());
    if (error.code().hard()) {
      close(error);
    } else {
      LOG.info("{} channel {}: {}", name, channel.id(), error.replyText());
      channel.close(error);
    }
    ctx().executor().execute(submissions()::submit);
  }

  /// Closes the connection: the peer is told why, and hung up on when it agrees or takes too long.
  void close(ProtocolError error) {
    if (state == State.CLOSING || state == State.GONE || state == State.CLOSED_BY_PEER) {
      return;
    }
    LOG.info("{}: closing: {}", name, error.replyText());
    boolean wasOpen = state == State.OPEN;
    state = State.CLOSING;
    write(
        0,
        new ConnectionMethod.Close(
            error.code().code(), error.replyText(), error.classId(), error.methodId()));
    flush();
    if (wasOpen) {
      submissions().close(channels.values());
      submissions().submit();
    }
    reading().resumeAll();
    hangUpInTime();
  }

  /// Whoever does not read our last words does not keep us waiting.
  void hangUpInTime() {
    timeOutAfter(CLOSE_TIMEOUT_MS, this::hangUp);
  }

  void hangUp() {
    if (state != State.GONE) {
      state = State.GONE;
      flush();
      ctx().close();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (state == State.OPEN) {
      LOG.info("{}: the peer has gone without closing the connection", name);
    }
    state = State.GONE;
    stopTimeout();
    heartbeats().stop();
    writer().drop(List.of());
    submissions().close(channels.values());
    submissions().lost();
    submissions().submit();
    incoming.release();
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof java.io.IOException) {
      LOG.info("{}: {}", name, cause.toString());
    } else {
      LOG.error("{}: closing after a bug", name, cause);
    }
    ctx.close();
  }

  /// The server stops: told through the pipeline, so that it happens on this loop.
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ServerStops stops) {
      if (state == State.OPEN) {
        ReplyCode code = stops.failed() ? ReplyCode.INTERNAL_ERROR : ReplyCode.CONNECTION_FORCED;
        close(ProtocolError.of(code, stops.reason()));
      } else {
        hangUp();
      }
    } else if (event instanceof CloseAsked asked && asked.names().test(name)) {
      close(asked.error());
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  // --- from the handshake ---

  /// On this connection's loop, a while later.
  void later(long ms, Runnable action) {
    timeOutAfter(ms, action);
  }

  void tuned(int frameBytesMax, int heartbeatSeconds) {
    incoming.frameBytesMax(frameBytesMax);
    heartbeats().start(heartbeatSeconds);
  }

  void opened(Admission.Granted admission) {
    submissions().open(this, admission, handshake.facts());
  }

  // --- from the gate ---

  /// Called by the gate's owner: the events go on to this connection's loop.
  void take(List<Event> events) {
    ctx().executor().execute(() -> writeEvents(events));
  }

  private void writeEvents(List<Event> events) {
    if (state == State.GONE) {
      writer().drop(events);
      return;
    }
    writeGuarded(() -> writer().write(events));
    submissions().submit();
  }

  private void writeWaiting() {
    writeGuarded(() -> writer().writeWaiting());
  }

  /// A bug in writing ends this connection, and nothing else.
  private void writeGuarded(BooleanSupplier writing) {
    try {
      if (writing.getAsBoolean()) {
        methodsWritten = false;
        heartbeats().said();
      }
    } catch (RuntimeException | Error e) {
      exceptionCaught(ctx(), e);
    }
    if (writer().waitingBytes() > Submissions.OUTBOX_BYTES_MAX + settings.messageBytesMax()) {
      reading().pause(Reading.ANSWERS);
    } else {
      reading().resume(Reading.ANSWERS);
    }
  }

  /// So many bytes of events have left.
  void sent(long bytes) {
    submissions().sent(bytes);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    boolean writable = ctx.channel().isWritable();
    submissions().writable(writable);
    if (writable) {
      writer().later(this::writeWaiting); // not from inside a write
    }
    ctx.fireChannelWritabilityChanged();
  }

  void clientClosed() {
    if (state == State.CLOSED_BY_PEER) {
      write(0, new ConnectionMethod.CloseOk());
      ctx().executor().execute(() -> writer().flushAndHangUp());
    }
  }

  void taken() {
    reading().resume(Reading.GATE);
  }

  void unblocked() {
    reading().resume(Reading.BLOCKED);
  }

  // --- writing ---

  /// Writes a method; it leaves with the next flush.
  void write(int channel, Method method) {
    writer().method(channel, method);
    methodsWritten = true;
  }

  private void flush() {
    if (methodsWritten) {
      methodsWritten = false;
      writer().flush();
      heartbeats().said();
    }
  }

  void writeHeartbeat() {
    writer().heartbeat();
    writer().flush();
  }

  // --- parts ---

  State state() {
    return state;
  }

  boolean hasGone() {
    return state == State.GONE;
  }

  @Nullable AmqpChannel channel(int id) {
    return channels.get(id);
  }

  @Nullable AmqpChannel channelOf(Session session) {
    AmqpChannel channel = channels.get(session.id());
    return channel != null && channel.session() == session ? channel : null;
  }

  void forget(AmqpChannel channel) {
    channels.remove(channel.id(), channel);
  }

  /// Whether the peer is heard now: not while reading is paused.
  boolean isReading() {
    return reading().isOn();
  }

  String name() {
    return name;
  }

  boolean understands(String capability) {
    return handshake.understands(capability);
  }

  String user() {
    return handshake.user();
  }

  Peer peer() {
    return peer;
  }

  Broker broker() {
    return broker;
  }

  MemoryBudget memory() {
    return broker.memory();
  }

  AmqpSettings settings() {
    return settings;
  }

  int frameBytesMax() {
    return handshake.frameBytesMax();
  }

  private Submissions submissions() {
    return set(submissions);
  }

  private ChannelHandlerContext ctx() {
    return set(context);
  }

  private EventWriter writer() {
    return set(writer);
  }

  private Reading reading() {
    return set(reading);
  }

  private Heartbeats heartbeats() {
    return set(heartbeats);
  }

  /// What is set before the first byte is read, or before the connection is open.
  private static <T> T set(@Nullable T part) {
    if (part == null) {
      throw new IllegalStateException("used before the connection was made");
    }
    return part;
  }
}
