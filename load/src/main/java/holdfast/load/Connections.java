package holdfast.load;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// The event loops of a run and the way to open connections on them. Any thread may use it.
final class Connections implements AutoCloseable {
  private static final int READ_BYTES_MAX = 256 << 10;
  private static final int CONNECT_MS = 10_000;
  private static final long CLOSE_MS = 2_000;
  private static final WriteBufferWaterMark WRITTEN_AHEAD =
      new WriteBufferWaterMark(128 << 10, 512 << 10);

  private final BrokerAddress address;
  private final Failures failures;
  private final MultiThreadIoEventLoopGroup group;
  private final List<LoadLoop> loops = new ArrayList<>();
  private final int shared;
  private final @Nullable SslContext tls;

  /// @param shared loops for connections with numbers
  /// @param own loops beside them, for connections whose work would hold up the others
  Connections(BrokerAddress address, int shared, int own, Failures failures) throws SSLException {
    this.address = address;
    this.failures = failures;
    this.shared = shared;
    tls = address.isTls() ? tls(address) : null;
    IoHandlerFactory factory =
        Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    group =
        new MultiThreadIoEventLoopGroup(
            shared + own, TimerSlack.without(new DefaultThreadFactory("load", true)), factory);
    group.forEach(executor -> loops.add(new LoadLoop((EventLoop) executor)));
  }

  private static SslContext tls(BrokerAddress address) throws SSLException {
    SslContextBuilder builder = SslContextBuilder.forClient();
    if (address.insecure()) {
      builder
          .trustManager(InsecureTrustManagerFactory.INSTANCE)
          .endpointIdentificationAlgorithm("");
    } else if (address.authority().isPresent()) {
      builder.trustManager(address.authority().get().toFile());
    }
    return builder.build();
  }

  List<LoadLoop> loops() {
    return loops;
  }

  /// The shared loop with that number, counted on beyond the last one.
  LoadLoop loop(int number) {
    return loops.get(number % shared);
  }

  /// One of the loops that are not shared.
  LoadLoop ownLoop(int number) {
    return loops.get(shared + number);
  }

  /// Opens a connection on a loop; done when its role is ready. A connection that fails, now or
  /// later, is one of the [Failures].
  CompletableFuture<Link> open(LoadLoop loop, Function<Link, Role> roles) {
    CompletableFuture<Link> opened = new CompletableFuture<>();
    ChannelInitializer<SocketChannel> initializer =
        new ChannelInitializer<>() {
          @Override
          protected void initChannel(SocketChannel channel) {
            Link link = new Link(loop, channel, address, failures, roles);
            if (tls != null) {
              channel
                  .pipeline()
                  .addLast(tls.newHandler(channel.alloc(), address.host(), address.port()));
            }
            channel.pipeline().addLast(link);
            link.ready().thenAccept(opened::complete);
          }
        };
    new Bootstrap()
        .group(loop.executor())
        .channel(socketChannel())
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MS)
        .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WRITTEN_AHEAD)
        .option(
            ChannelOption.RECVBUF_ALLOCATOR,
            new AdaptiveRecvByteBufAllocator(2 << 10, 16 << 10, READ_BYTES_MAX))
        .handler(initializer)
        .connect(address.host(), address.port())
        .addListener(connected -> {
          if (!connected.isSuccess()) {
            failures.addUnreachable(
                "no connection to " + address + ": " + connected.cause().getMessage());
          }
        });
    return opened;
  }

  private static Class<? extends Channel> socketChannel() {
    return Epoll.isAvailable() ? EpollSocketChannel.class : NioSocketChannel.class;
  }

  @Override
  public void close() {
    group.shutdownGracefully(0, CLOSE_MS, TimeUnit.MILLISECONDS).awaitUninterruptibly(CLOSE_MS);
  }
}
