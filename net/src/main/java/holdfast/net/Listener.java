package holdfast.net;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One address where connections are accepted.
public final class Listener implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Listener.class);
  private static final int BACKLOG = 1024;
  private static final int WRITE_LOW_BYTES = 128 * 1024;
  private static final int WRITE_HIGH_BYTES = 512 * 1024;
  private static final long CLOSE_MS = 1_000;

  private final Channel server;
  private final ChannelGroup connections;
  private final boolean encrypted;

  private Listener(Channel server, ChannelGroup connections, boolean encrypted) {
    this.server = server;
    this.connections = connections;
    this.encrypted = encrypted;
  }

  /// Starts to accept.
  ///
  /// @throws IOException if the address cannot be bound: it says which and why
  public static Listener open(EventLoops loops, InetSocketAddress address, ListenOptions options)
      throws IOException {
    ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loops.group())
            .channel(loops.serverChannel())
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childOption(
                ChannelOption.WRITE_BUFFER_WATER_MARK,
                new WriteBufferWaterMark(WRITE_LOW_BYTES, WRITE_HIGH_BYTES))
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    accept(channel, connections, options);
                  }
                });
    ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(
          "cannot listen on "
              + address.getHostString()
              + ":"
              + address.getPort()
              + ": "
              + bound.cause().getMessage()
              + "; stop what uses it, or choose another port (0 takes a free one)",
          bound.cause());
    }
    return new Listener(bound.channel(), connections, options.tls() != null);
  }

  /// The order of the handlers is that of the bytes: the proxy's header, TLS, the protocol.
  private static void accept(Channel channel, ChannelGroup connections, ListenOptions options) {
    String refused = options.admission().refuse(channel);
    if (refused != null) {
      LOG.warn("{} hung up on: {}", channel.remoteAddress(), refused);
      channel.close();
      return;
    }
    connections.add(channel);
    ChannelPipeline pipeline = channel.pipeline();
    pipeline.addLast(new HalfOpen(options.admission(), options.handshakeTimeoutMs()));
    if (options.proxyProtocol()) {
      pipeline.addLast(new ProxyHeader());
    }
    Tls tls = options.tls();
    if (tls != null) {
      pipeline.addLast(tls.handler(channel.alloc()), new TlsOutcome());
    }
    pipeline.addLast(new ProtocolDetector(options.protocols()));
  }

  /// Where it listens, with the port the system gave.
  public InetSocketAddress address() {
    return (InetSocketAddress) server.localAddress();
  }

  /// Whether its connections speak TLS.
  public boolean isEncrypted() {
    return encrypted;
  }

  /// Accepts no more; the open connections stay.
  public void stopAccepting() {
    server.close().awaitUninterruptibly(CLOSE_MS, TimeUnit.MILLISECONDS);
  }

  /// Hands an event to the handlers of every open connection, each on its own loop.
  public void tellAll(Object event) {
    for (Channel connection : connections) {
      connection.eventLoop().execute(() -> connection.pipeline().fireUserEventTriggered(event));
    }
  }

  /// Waits until every connection is closed, at most so long; true if they are.
  public boolean awaitEmpty(long timeoutMs) {
    return connections.newCloseFuture().awaitUninterruptibly(timeoutMs, TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    stopAccepting();
    connections.close().awaitUninterruptibly(CLOSE_MS, TimeUnit.MILLISECONDS);
  }
}
