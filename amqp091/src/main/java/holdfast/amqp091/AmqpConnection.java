package holdfast.amqp091;

import holdfast.amqp091.codec.BasicProperties;
import holdfast.amqp091.codec.ChannelMethod;
import holdfast.amqp091.codec.ConnectionMethod;
import holdfast.amqp091.codec.FrameHandler;
import holdfast.amqp091.codec.FrameReader;
import holdfast.amqp091.codec.Method;
import holdfast.amqp091.codec.ProtocolError;
import holdfast.amqp091.codec.ProtocolException;
import holdfast.amqp091.codec.ProtocolHeader;
import holdfast.amqp091.codec.ReplyCode;
import holdfast.broker.Broker;
import holdfast.core.Client;
import holdfast.core.Command;
import holdfast.core.Event;
import holdfast.core.MemoryBudget;
import holdfast.core.Session;
import holdfast.core.VirtualHost;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One AMQP 0-9-1 connection. Everything of it happens on its event loop, one thing after the
/// other; the gate reaches it only through its outbox.
///
/// What one read of the socket brings becomes one submission to the gate; what one round of the
/// gate brings becomes one flush.
final class AmqpConnection extends ChannelInboundHandlerAdapter implements FrameHandler {
  private static final Logger LOG = LoggerFactory.getLogger(AmqpConnection.class);

  /// Deliveries stop while so many bytes are on their way to this peer.
  private static final long OUTBOX_BYTES_MAX = 512 * 1024;

  /// Reading stops while so many bytes of commands wait for the gate.
  private static final long SUBMITTED_BYTES_MAX = 1024 * 1024;

  private static final long CLOSE_TIMEOUT_MS = 5_000;

  private enum State {
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
  private final InetSocketAddress peer;
  private final String name;
  private final Handshake handshake;
  private final FrameReader reader;
  private final Map<Integer, AmqpChannel> channels = new HashMap<>();

  /// Commands of the current read.
  private ArrayList<Command> commands = new ArrayList<>();

  private State state = State.HEADER;
  private @Nullable ByteBuf unread;
  private @Nullable ChannelHandlerContext context;
  private @Nullable EventWriter writer;
  private @Nullable Client client;
  private @Nullable Reading reading;
  private @Nullable Heartbeats heartbeats;
  private boolean methodsWritten;

  AmqpConnection(
      Broker broker,
      AmqpSettings settings,
      Login login,
      InetSocketAddress peer,
      InetSocketAddress local) {
    this.broker = broker;
    this.settings = settings;
    this.peer = peer;
    this.name = text(peer) + " -> " + text(local);
    this.handshake = new Handshake(this, settings, login);
    this.reader = new FrameReader(settings.frameBytesMax());
  }

  private static String text(InetSocketAddress address) {
    return address.getAddress().getHostAddress() + ":" + address.getPort();
  }

  // --- from the socket ---

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    writer = new EventWriter(this, ctx);
    reading = new Reading(ctx, broker);
    heartbeats = new Heartbeats(this, ctx);
    ctx.executor()
        .schedule(this::timeOutHandshake, settings.handshakeTimeoutMs(), TimeUnit.MILLISECONDS);
  }

  private void timeOutHandshake() {
    if (state == State.HEADER || state == State.HANDSHAKE) {
      LOG.info("{}: not open after {} ms", name, settings.handshakeTimeoutMs());
      hangUp();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    heartbeats().heard();
    ByteBuf in = (ByteBuf) message;
    ByteBuf before = unread;
    ByteBuf all =
        before == null
            ? in
            : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), before, in);
    unread = all;
    try {
      while (state != State.GONE && readOne(all)) {
        // one frame after the other
      }
    } finally {
      if (!all.isReadable() || state == State.GONE) {
        all.release();
        unread = null;
      }
    }
  }

  private boolean readOne(ByteBuf in) {
    if (state == State.HEADER) {
      if (in.readableBytes() < ProtocolHeader.BYTES) {
        return false;
      }
      in.skipBytes(ProtocolHeader.BYTES);
      state = State.HANDSHAKE;
      write(0, handshake.start());
      return true;
    }
    int before = in.readerIndex();
    try {
      return reader.read(in, this);
    } catch (ProtocolException e) {
      refuse(e.error());
      if (in.readerIndex() == before) {
        in.skipBytes(in.readableBytes()); // the stream has lost its frames: nothing more to read
      }
      return true;
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    submitAll();
    flush();
    ctx.fireChannelReadComplete();
  }

  private void submitAll() {
    Client known = client;
    if (commands.isEmpty() || known == null) {
      return;
    }
    ArrayList<Command> round = commands;
    commands = new ArrayList<>(Math.min(round.size(), 256));
    broker.submit(round, ctx().executor());
    if (known.isAhead(SUBMITTED_BYTES_MAX)) {
      reading().pause(Reading.GATE);
    }
  }

  @Override
  public void onMethod(int channel, Method method) {
    current = channel;
    switch (state) {
      case HANDSHAKE -> {
        if (handshake.on(method) && state == State.HANDSHAKE) {
          state = State.OPEN;
        }
      }
      case OPEN -> {
        if (channel == 0) {
          onConnection(method);
        } else {
          onChannel(channel, method);
        }
      }
      case CLOSING -> {
        if (method instanceof ConnectionMethod.CloseOk) {
          hangUp();
        } else if (method instanceof ConnectionMethod.Close) {
          write(0, new ConnectionMethod.CloseOk());
          flush();
          hangUp();
        }
      }
      case HEADER, CLOSED_BY_PEER, GONE -> {
        // What comes after a close is from before it was known.
      }
    }
  }

  /// The channel whose frame is being handled, to know what an error closes.
  private int current;

  private void onConnection(Method method) {
    switch (method) {
      case ConnectionMethod.Close m -> {
        state = State.CLOSED_BY_PEER;
        closeSessions();
      }
      case ConnectionMethod.UpdateSecret m -> write(0, new ConnectionMethod.UpdateSecretOk());
      default ->
          throw new ProtocolException(
              new ProtocolError(
                  ReplyCode.COMMAND_INVALID,
                  "this method is not expected on an open connection",
                  method.classId(),
                  method.methodId()));
    }
  }

  private void onChannel(int id, Method method) {
    AmqpChannel channel = channels.get(id);
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
    if (id > handshake.channelsMax()) {
      throw new ProtocolException(
          ReplyCode.CHANNEL_ERROR,
          "channel " + id + " is above the negotiated channel_max " + handshake.channelsMax());
    }
    channels.put(id, new AmqpChannel(this, id, client().newSession(id)));
    write(id, new ChannelMethod.OpenOk());
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
  public void onContentBody(int channel, ByteBuf in, int index, int length) {
    current = channel;
    AmqpChannel open = contentChannel(channel);
    if (open != null) {
      open.onBody(in, index, length);
    }
  }

  private @Nullable AmqpChannel contentChannel(int id) {
    if (state != State.OPEN) {
      if (state == State.HANDSHAKE) {
        throw Content.unexpected("content before the connection is open");
      }
      return null;
    }
    AmqpChannel channel = channels.get(id);
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

  // --- commands ---

  void submit(Command command) {
    commands.add(command);
  }

  /// A publish counts against the memory limit from here on; while publishers are blocked a little
  /// of it is taken, and then reading stops until they are welcome again.
  void publish(Command.Publish command) {
    long bytes = command.message().footprint();
    broker.memory().add(bytes);
    commands.add(command);
    reading().published(bytes);
  }

  // --- errors ---

  /// A mistake of the peer: closes the channel it was made on, or the connection.
  private void refuse(ProtocolError error) {
    AmqpChannel channel = channels.get(current);
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
    ctx().executor().execute(this::submitAll);
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
      closeSessions();
      submitAll();
    }
    reading().resumeAll();
    ctx().executor().schedule(this::hangUp, CLOSE_TIMEOUT_MS, TimeUnit.MILLISECONDS);
  }

  private void closeSessions() {
    Client known = client;
    if (known == null || sessionsClosed) {
      return;
    }
    sessionsClosed = true;
    for (AmqpChannel channel : channels.values()) {
      channel.drop();
      commands.add(new Command.CloseSession(channel.session()));
    }
    commands.add(new Command.CloseClient(known.control()));
  }

  private boolean sessionsClosed;

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
    heartbeats().stop();
    closeSessions();
    submitAll();
    ByteBuf left = unread;
    if (left != null) {
      left.release();
      unread = null;
    }
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
        close(ProtocolError.of(ReplyCode.CONNECTION_FORCED, stops.reason()));
      } else {
        hangUp();
      }
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  // --- from the handshake ---

  void tuned(int frameBytesMax, int heartbeatSeconds) {
    reader.frameBytesMax(frameBytesMax);
    heartbeats().start(heartbeatSeconds);
  }

  void opened(VirtualHost host) {
    Client opened = broker.newClient(name, host, this::take, OUTBOX_BYTES_MAX);
    client = opened;
    commands.add(new Command.Resume(opened.control()));
  }

  // --- from the gate ---

  /// Called by the gate's owner: the events go on to this connection's loop.
  private void take(List<Event> events) {
    ctx().executor().execute(() -> writeEvents(events));
  }

  private void writeEvents(List<Event> events) {
    writer().write(events);
    heartbeats().said();
    methodsWritten = false;
    if (!commands.isEmpty()) {
      submitAll();
    }
  }

  /// So many bytes of events have left.
  void sent(long bytes) {
    Client known = client;
    if (known != null && broker.outboxOf(known).sent(bytes) && state == State.OPEN) {
      resumeDeliveries(known);
    }
  }

  private void resumeDeliveries(Client known) {
    broker.submit(List.of(new Command.Resume(known.control())), ctx().executor());
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    Client known = client;
    if (known != null
        && broker.outboxOf(known).writable(ctx.channel().isWritable())
        && state == State.OPEN) {
      ctx.executor().execute(() -> resumeDeliveries(known));
    }
    ctx.fireChannelWritabilityChanged();
  }

  void clientClosed() {
    if (state == State.CLOSED_BY_PEER) {
      write(0, new ConnectionMethod.CloseOk());
      flush();
      ctx().executor().execute(this::hangUp);
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

  String user() {
    return handshake.user();
  }

  InetSocketAddress peer() {
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

  private Client client() {
    return set(client);
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
