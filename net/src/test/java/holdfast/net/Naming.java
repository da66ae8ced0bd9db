package holdfast.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;

/// A protocol for tests: begins with `N`, and answers every read with a line that says who the peer
/// is. With `L` behind it the peer is logged in.
final class Naming implements ConnectionProtocol {
  @Override
  public String name() {
    return "naming";
  }

  @Override
  public int identifyingBytes() {
    return 1;
  }

  @Override
  public boolean isSpoken(ByteBuf firstBytes) {
    return firstBytes.getByte(firstBytes.readerIndex()) == 'N';
  }

  @Override
  public ChannelHandler take(Peer peer) {
    return new ChannelInboundHandlerAdapter() {
      @Override
      public void channelRead(ChannelHandlerContext ctx, Object message) {
        String said = ((ByteBuf) message).toString(StandardCharsets.US_ASCII);
        ReferenceCountUtil.release(message);
        if (said.contains("L")) {
          HalfOpen.end(ctx.channel());
        }
        Object user =
            peer.certificate() == null
                ? "nobody"
                : CertificateLogin.DISTINGUISHED_NAME.user(peer.certificate());
        String line = peer.address() + " " + peer.local() + " " + user + "\n";
        ctx.writeAndFlush(Unpooled.copiedBuffer(line, StandardCharsets.US_ASCII))
            .addListener(io.netty.channel.ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
      }
    };
  }

  @Override
  public byte[] refusal() {
    return "what?".getBytes(StandardCharsets.US_ASCII);
  }
}
