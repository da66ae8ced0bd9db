package holdfast.net;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/// The threads that serve connections, by epoll where its native library loads and by the JDK's
/// selector elsewhere. A connection belongs to one of them for its whole life.
public final class EventLoops implements AutoCloseable {
  private static final long CLOSE_MS = 2_000;

  private final EventLoopGroup group;
  private final Executor executor;
  private final boolean epoll;

  public EventLoops(int threads) {
    this(threads, UnaryOperator.identity());
  }

  /// @param around stands between the loops and the system, for who counts their turns
  EventLoops(int threads, UnaryOperator<IoHandlerFactory> around) {
    epoll = Epoll.isAvailable();
    IoHandlerFactory factory = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    group =
        new MultiThreadIoEventLoopGroup(
            threads, new DefaultThreadFactory("loop"), around.apply(factory));
    executor = group.next();
  }

  /// What is in use, for the log: `epoll` or `nio`.
  public String kind() {
    return epoll ? "epoll" : "nio";
  }

  /// One of the loops. Not the group: that would take a turn of those in which connections are
  /// spread over the loops.
  public Executor executor() {
    return executor;
  }

  EventLoopGroup group() {
    return group;
  }

  Class<? extends ServerChannel> serverChannel() {
    return epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
  }

  /// Ends the threads; waits for them a moment.
  @Override
  public void close() {
    group.shutdownGracefully(0, CLOSE_MS, TimeUnit.MILLISECONDS).awaitUninterruptibly(CLOSE_MS);
  }
}
