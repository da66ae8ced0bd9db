package holdfast.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks at a connection's first bytes and hands it to the protocol that knows them. One a
/// connection, on its event loop. A peer that sends too little for too long is hung up on.
final class ProtocolDetector extends ByteToMessageDecoder {
  private static final Logger LOG = LoggerFactory.getLogger(ProtocolDetector.class);

  private final List<ConnectionProtocol> protocols;
  private final long timeoutMs;
  private @Nullable ScheduledFuture<?> timeout;

  ProtocolDetector(List<ConnectionProtocol> protocols, long timeoutMs) {
    this.protocols = protocols;
    this.timeoutMs = timeoutMs;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    timeout =
        ctx.executor()
            .schedule(
                () -> {
                  LOG.info(
                      "{} said too little to be known within {} ms",
                      ctx.channel().remoteAddress(),
                      timeoutMs);
                  ctx.close();
                },
                timeoutMs,
                TimeUnit.MILLISECONDS);
    ctx.fireChannelActive();
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    boolean undecided = false;
    for (ConnectionProtocol protocol : protocols) {
      if (in.readableBytes() < protocol.identifyingBytes()) {
        undecided = true;
      } else if (protocol.isSpoken(in)) {
        take(ctx, protocol);
        return;
      }
    }
    if (!undecided) {
      refuse(ctx, in);
    }
  }

  private void take(ChannelHandlerContext ctx, ConnectionProtocol protocol) {
    InetSocketAddress peer = (InetSocketAddress) ctx.channel().remoteAddress();
    InetSocketAddress local = (InetSocketAddress) ctx.channel().localAddress();
    ctx.pipeline().addLast(protocol.take(peer, local));
    ctx.pipeline().remove(this); // passes on what has gathered
  }

  private void refuse(ChannelHandlerContext ctx, ByteBuf in) {
    LOG.info("{} speaks no protocol that is served here", ctx.channel().remoteAddress());
    in.skipBytes(in.readableBytes());
    byte[] refusal = protocols.getFirst().refusal();
    ByteBuf answer = refusal == null ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(refusal);
    ctx.writeAndFlush(answer).addListener(ChannelFutureListener.CLOSE);
  }

  @Override
  protected void handlerRemoved0(ChannelHandlerContext ctx) {
    ScheduledFuture<?> running = timeout;
    if (running != null) {
      running.cancel(false);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    LOG.info("{}: {}", ctx.channel().remoteAddress(), cause.toString());
    ctx.close();
  }
}
