package holdfast.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes sure that a connection begins with a PROXY protocol header, of version 1 or 2, and hands
/// it to the decoder. Without one the connection is refused at its first byte: a client that could
/// reach this port past the proxy could otherwise say that it is anybody. One a connection, on its
/// event loop.
final class ProxyHeader extends ByteToMessageDecoder {
  private static final Logger LOG = LoggerFactory.getLogger(ProxyHeader.class);
  private static final byte[] TEXT = "PROXY ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] BINARY = {
    0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A
  };

  /// What a header of version 2 may carry besides the addresses.
  private static final int EXTRA_BYTES_MAX = 4096;

  private boolean refused;

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (refused) {
      in.skipBytes(in.readableBytes());
      return;
    }
    if (begins(in, TEXT) || begins(in, BINARY)) {
      if (in.readableBytes() >= (in.getByte(in.readerIndex()) == TEXT[0] ? TEXT : BINARY).length) {
        String self = ctx.name();
        ctx.pipeline().addAfter(self, "proxied-ends", new ProxiedEnds());
        ctx.pipeline().addAfter(self, "proxy-header", new HAProxyMessageDecoder(EXTRA_BYTES_MAX));
        ctx.pipeline().remove(this); // passes on what has gathered
      }
      return;
    }
    refused = true;
    LOG.warn(
        "{} hung up on: it sends no PROXY header, which proxy_protocol demands of every connection",
        ctx.channel().remoteAddress());
    in.skipBytes(in.readableBytes());
    ctx.close();
  }

  private static boolean begins(ByteBuf in, byte[] signature) {
    int compared = Math.min(in.readableBytes(), signature.length);
    for (int i = 0; i < compared; i++) {
      if (in.getByte(in.readerIndex() + i) != signature[i]) {
        return false;
      }
    }
    return true;
  }
}
