package holdfast.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a connection is until its peer has logged in: counted, and given so long for all of it, the
/// proxy's header, TLS and the protocol's own handshake. First in the pipeline, on the connection's
/// event loop; leaves when the protocol says that it is open, or with the connection.
public final class HalfOpen extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(HalfOpen.class);

  private final Admission admission;
  private final long timeoutMs;
  private @Nullable ScheduledFuture<?> timeout;

  HalfOpen(Admission admission, long timeoutMs) {
    this.admission = admission;
    this.timeoutMs = timeoutMs;
  }

  /// The peer is who it says and may be here: called by protocols, on the connection's loop.
  public static void end(Channel channel) {
    if (channel.pipeline().get(HalfOpen.class) != null) {
      channel.pipeline().remove(HalfOpen.class);
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    timeout = ctx.executor().schedule(() -> giveUp(ctx), timeoutMs, TimeUnit.MILLISECONDS);
  }

  private void giveUp(ChannelHandlerContext ctx) {
    LOG.info("{}: not open after {} ms", Peer.named(ctx.channel()), timeoutMs);
    ctx.close(); // from here, below TLS: who is silent is not waited for
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    ScheduledFuture<?> running = timeout;
    if (running != null) {
      running.cancel(false);
    }
    admission.handshakeOver();
  }
}
