package holdfast.load;

import holdfast.amqp091.codec.ChannelMethod;
import holdfast.amqp091.codec.ConnectionMethod;
import holdfast.amqp091.codec.FrameWriter;
import holdfast.amqp091.codec.LongString;
import holdfast.amqp091.codec.Method;
import holdfast.amqp091.codec.Methods;
import holdfast.amqp091.codec.ProtocolException;
import holdfast.amqp091.codec.ProtocolHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/// One connection to the broker with its one channel: login, the end, and the way of octets to its
/// [Role]. Belongs to its loop, but for [#ready], [#closed] and [#close].
final class Link extends ChannelInboundHandlerAdapter implements FrameScanner.Sink {
  static final int CHANNEL = 1;

  /// What brokers offer by default; more is not asked for.
  static final int FRAME_BYTES_MAX = 128 << 10;

  private static final Map<String, Object> CAPABILITIES =
      Map.of(
          "publisher_confirms", true,
          "basic.nack", true,
          "consumer_cancel_notify", true,
          "connection.blocked", true,
          "authentication_failure_close", true);

  private final LoadLoop loop;
  private final Channel channel;
  private final BrokerAddress address;
  private final Failures failures;
  private final Role role;
  private final CompletableFuture<Link> ready = new CompletableFuture<>();
  private final CompletableFuture<Void> closed = new CompletableFuture<>();
  private final FrameScanner scanner = new FrameScanner(this, FRAME_BYTES_MAX);
  private int frameBytesMax = FRAME_BYTES_MAX;
  private boolean isBlocked;
  private boolean isClosing;

  Link(
      LoadLoop loop,
      Channel channel,
      BrokerAddress address,
      Failures failures,
      Function<Link, Role> roles) {
    this.loop = loop;
    this.channel = channel;
    this.address = address;
    this.failures = failures;
    this.role = roles.apply(this);
  }

  LoadLoop loop() {
    return loop;
  }

  /// For writing, and to see whether it takes more.
  Channel channel() {
    return channel;
  }

  /// Agreed with the broker; known once the channel is open.
  int frameBytesMax() {
    return frameBytesMax;
  }

  /// True while the broker has asked not to be sent any more.
  boolean isBlocked() {
    return isBlocked;
  }

  CompletableFuture<Link> ready() {
    return ready;
  }

  /// Done when the connection is gone, whoever ended it.
  CompletableFuture<Void> closed() {
    return closed;
  }

  /// The role has all it needs.
  void becomesReady() {
    ready.complete(this);
  }

  void send(int channelNumber, Method method) {
    ByteBuf out = channel.alloc().buffer(256);
    FrameWriter.method(out, channelNumber, method);
    channel.writeAndFlush(out);
  }

  /// Ends the connection as the protocol wants it. Any thread may call it.
  void close() {
    loop.executor()
        .execute(() -> {
          if (!isClosing) {
            isClosing = true;
            send(0, new ConnectionMethod.Close(200, "bye", 0, 0));
          }
        });
  }

  void fail(String text) {
    if (!isClosing) {
      isClosing = true;
      failures.add(text);
    }
    channel.close();
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    ByteBuf out = ctx.alloc().buffer(ProtocolHeader.BYTES);
    ProtocolHeader.write(out);
    ctx.writeAndFlush(out);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    try {
      loop.woken();
      ByteBuffer octets = in.internalNioBuffer(in.readerIndex(), in.readableBytes());
      scanner.feed(octets, octets.position(), octets.limit());
    } catch (BrokenStream broken) {
      fail(String.valueOf(broken.getMessage()));
    } finally {
      in.release();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    role.readDone();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (channel.isWritable()) {
      role.writable();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    fail("the broker ended a connection without a word");
    closed.complete(null);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    Throwable root = cause;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    fail("a connection failed: " + root);
  }

  // -- what the scanner reads --

  @Override
  public void delivered(
      int consumer, long tag, boolean redelivered, long stamp, long time, long bodyBytes) {
    role.delivered(consumer, tag, redelivered, stamp, time, bodyBytes);
  }

  @Override
  public void settled(long tag, boolean multiple, boolean refused) {
    role.settled(tag, multiple, refused);
  }

  @Override
  public void returned() {
    role.returned();
  }

  @Override
  public void method(int channelNumber, ByteBuffer in, int at, int length) {
    byte[] octets = new byte[length];
    in.get(at, octets);
    try {
      method(channelNumber, Methods.decode(Unpooled.wrappedBuffer(octets)));
    } catch (ProtocolException broken) {
      throw new BrokenStream("the broker sent what cannot be read: " + broken.getMessage());
    }
  }

  private void method(int channelNumber, Method method) {
    switch (method) {
      case ConnectionMethod.Start start -> start(start);
      case ConnectionMethod.Tune tune -> tune(tune);
      case ConnectionMethod.OpenOk ok -> send(CHANNEL, new ChannelMethod.Open());
      case ChannelMethod.OpenOk ok -> role.opened();
      case ConnectionMethod.Blocked blocked -> blocked(true);
      case ConnectionMethod.Unblocked unblocked -> blocked(false);
      case ConnectionMethod.CloseOk ok -> channel.close();
      case ConnectionMethod.Close close -> {
        send(0, new ConnectionMethod.CloseOk());
        fail(
            "the broker closed a connection: %d %s"
                .formatted(close.replyCode(), close.replyText()));
      }
      case ChannelMethod.Close close -> {
        send(channelNumber, new ChannelMethod.CloseOk());
        fail("the broker closed a channel: %d %s".formatted(close.replyCode(), close.replyText()));
      }
      case ChannelMethod.Flow flow -> send(channelNumber, new ChannelMethod.FlowOk(flow.active()));
      default -> role.method(method);
    }
  }

  private void start(ConnectionMethod.Start start) {
    if (!(" " + start.mechanisms().text() + " ").contains(" PLAIN ")) {
      fail("the broker does not take the login PLAIN, but " + start.mechanisms().text());
      return;
    }
    Map<String, Object> properties =
        Map.of(
            "product", "Holdfast load generator",
            "connection_name", "holdfast-bench",
            "capabilities", CAPABILITIES);
    String response = "\0" + address.user() + "\0" + address.password();
    send(0, new ConnectionMethod.StartOk(properties, "PLAIN", LongString.of(response), "en_US"));
  }

  /// No heartbeats: whoever is measured is busy, and it ends soon.
  private void tune(ConnectionMethod.Tune tune) {
    if (tune.frameMax() > 0) {
      frameBytesMax = (int) Math.min(frameBytesMax, tune.frameMax());
    }
    send(0, new ConnectionMethod.TuneOk(tune.channelMax(), frameBytesMax, 0));
    send(0, new ConnectionMethod.Open(address.vhost()));
  }

  private void blocked(boolean blocked) {
    if (isBlocked != blocked) {
      isBlocked = blocked;
      loop.blocked(blocked);
      if (!blocked) {
        role.writable();
      }
    }
  }
}
