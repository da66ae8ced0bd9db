package holdfast.net;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyProtocolException;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol.AddressFamily;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes the decoded PROXY header: from here on the peer is whom it names. A header that names
/// nobody, as a proxy's own health check sends it, leaves the socket's addresses. One a connection,
/// on its event loop; gone after the header.
final class ProxiedEnds extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(ProxiedEnds.class);

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!(message instanceof HAProxyMessage header)) {
      ctx.fireChannelRead(message);
      return;
    }
    try {
      AddressFamily family = header.proxiedProtocol().addressFamily();
      boolean named = family == AddressFamily.AF_IPv4 || family == AddressFamily.AF_IPv6;
      if (named && header.command() == HAProxyCommand.PROXY) {
        Peer.proxied(
            ctx.channel(),
            end(header.sourceAddress(), header.sourcePort()),
            end(header.destinationAddress(), header.destinationPort()));
      }
    } finally {
      header.release();
    }
    ctx.pipeline().remove(this);
  }

  private static InetSocketAddress end(String address, int port) {
    return new InetSocketAddress(InetAddress.ofLiteral(address), port);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (!(cause instanceof HAProxyProtocolException)) {
      ctx.fireExceptionCaught(cause);
      return;
    }
    LOG.warn(
        "{} hung up on: its PROXY header makes no sense: {}",
        ctx.channel().remoteAddress(),
        cause.getMessage());
    ctx.close();
  }
}
