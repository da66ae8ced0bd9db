package holdfast.net;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.nio.channels.ClosedChannelException;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Stands behind TLS and says what became of it: one line for a handshake that failed, the end of
/// the connection when the peer has said goodbye, and its failures later on as what they are, I/O.
/// One a connection, on its event loop.
final class TlsOutcome extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(TlsOutcome.class);

  private boolean failed;

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent done && !done.isSuccess()) {
      failed = true;
      tell(ctx, done.cause());
      ctx.close();
    } else if (event instanceof SslCloseCompletionEvent) {
      ctx.close(); // half a connection is none
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  private static void tell(ChannelHandlerContext ctx, Throwable cause) {
    Object peer = Peer.named(ctx.channel());
    switch (cause) {
      case NotSslRecordException plain ->
          LOG.warn(
              "{} hung up on: it does not speak TLS, and this listener does (listeners.ssl); let the"
                  + " client use TLS, or a port of listeners.tcp",
              peer);
      case ClosedChannelException gone ->
          LOG.debug("{} has gone before the TLS handshake was done", peer);
      default -> LOG.warn("{} hung up on: the TLS handshake failed: {}", peer, text(cause));
    }
  }

  private static String text(Throwable cause) {
    String message = cause.getMessage();
    return message == null ? cause.toString() : message;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (failed) {
      return; // the same again, and said already
    }
    boolean tls = cause instanceof DecoderException && cause.getCause() instanceof SSLException;
    ctx.fireExceptionCaught(tls ? cause.getCause() : cause);
  }
}
