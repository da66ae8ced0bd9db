package holdfast.net;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
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

  private Listener(Channel server, ChannelGroup connections) {
    this.server = server;
    this.connections = connections;
  }

  /// Starts to accept.
  ///
  /// @param protocols what connections may speak; the first one answers those that speak nothing
  /// @param connectionsMax open connections above which new ones are hung up on
  /// @param detectTimeoutMs how long a connection may take to say what it speaks
  /// @throws IOException if the address cannot be bound: it says which and why
  public static Listener open(
      EventLoops loops,
      InetSocketAddress address,
      List<ConnectionProtocol> protocols,
      int connectionsMax,
      long detectTimeoutMs)
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
                    if (connections.size() >= connectionsMax) {
                      LOG.warn(
                          "{} hung up on: {} connections are open, the limit",
                          channel.remoteAddress(),
                          connectionsMax);
                      channel.close();
                      return;
                    }
                    connections.add(channel);
                    channel.pipeline().addLast(new ProtocolDetector(protocols, detectTimeoutMs));
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
    return new Listener(bound.channel(), connections);
  }

  /// Where it listens, with the port the system gave.
  public InetSocketAddress address() {
    return (InetSocketAddress) server.localAddress();
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
