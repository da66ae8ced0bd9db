package holdfast.cost;

import holdfast.net.ConnectionProtocol;
import holdfast.net.Peer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// A protocol with a counter between each of its connections and the socket. Counted on event
/// loops, read by the test.
final class CountedProtocol implements ConnectionProtocol {
  private final ConnectionProtocol inner;
  private final @Nullable ByteBufAllocator allocator;
  private final AtomicLong reads = new AtomicLong();
  private final AtomicLong flushes = new AtomicLong();
  private final List<Executor> loops = new CopyOnWriteArrayList<>();

  /// @param allocator what connections take their buffers from; null for the usual one
  CountedProtocol(ConnectionProtocol inner, @Nullable ByteBufAllocator allocator) {
    this.inner = inner;
    this.allocator = allocator;
  }

  /// Reads of a socket that brought something.
  long reads() {
    return reads.get();
  }

  /// Flushes that had something to write: at least one system call each.
  long flushes() {
    return flushes.get();
  }

  /// The loop of each connection so far, in the order in which they came.
  List<Executor> loops() {
    return loops;
  }

  @Override
  public String name() {
    return inner.name();
  }

  @Override
  public int identifyingBytes() {
    return inner.identifyingBytes();
  }

  @Override
  public boolean isSpoken(ByteBuf firstBytes) {
    return inner.isSpoken(firstBytes);
  }

  @Override
  public ChannelHandler take(Peer peer) {
    return new Counter(inner.take(peer));
  }

  @Override
  public byte @Nullable [] refusal() {
    return inner.refusal();
  }

  private final class Counter extends ChannelDuplexHandler {
    private final ChannelHandler connection;
    private boolean unflushed;

    Counter(ChannelHandler connection) {
      this.connection = connection;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
      if (allocator != null) {
        ctx.channel().config().setAllocator(allocator);
      }
      loops.add(ctx.executor());
      ctx.pipeline().addLast(connection);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      reads.incrementAndGet();
      ctx.fireChannelRead(message);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
      unflushed |= ((ByteBuf) message).isReadable();
      ctx.write(message, promise);
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
      if (unflushed) {
        unflushed = false;
        flushes.incrementAndGet();
      }
      ctx.flush();
    }
  }
}
