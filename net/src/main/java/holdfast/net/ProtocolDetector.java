package holdfast.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks at a connection's first bytes and hands it to the protocol that knows them. One a
/// connection, on its event loop; behind TLS, where there is TLS. A peer that sends too little for
/// too long is the business of [HalfOpen].
final class ProtocolDetector extends ByteToMessageDecoder {
  private static final Logger LOG = LoggerFactory.getLogger(ProtocolDetector.class);

  private final List<ConnectionProtocol> protocols;

  ProtocolDetector(List<ConnectionProtocol> protocols) {
    this.protocols = protocols;
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
    ctx.pipeline().addLast(protocol.take(Peer.of(ctx.channel())));
    ctx.pipeline().remove(this); // passes on what has gathered
  }

  private void refuse(ChannelHandlerContext ctx, ByteBuf in) {
    if (isTlsHello(in)) {
      LOG.warn(
          "{} hung up on: it begins with TLS, and this listener has none; let the client connect"
              + " without, or to a port of listeners.ssl",
          Peer.named(ctx.channel()));
    } else {
      LOG.info("{} speaks no protocol that is served here", Peer.named(ctx.channel()));
    }
    in.skipBytes(in.readableBytes());
    byte[] refusal = protocols.getFirst().refusal();
    ByteBuf answer = refusal == null ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(refusal);
    ctx.writeAndFlush(answer).addListener(ChannelFutureListener.CLOSE);
  }

  /// A record of type handshake, of TLS 1.x.
  private static boolean isTlsHello(ByteBuf in) {
    int at = in.readerIndex();
    return in.readableBytes() >= 2 && in.getByte(at) == 0x16 && in.getByte(at + 1) == 3;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    LOG.info("{}: {}", Peer.named(ctx.channel()), cause.toString());
    ctx.close();
  }
}
