package holdfast.net;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.AttributeKey;
import java.net.InetSocketAddress;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/// The two ends of a connection, as the client's own machine sees them: behind a proxy that says so
/// they are those of the header, not of the socket.
///
/// @param address where the client is
/// @param local the address of ours that it connected to
/// @param certificate the one it has proved to own and that a trusted authority has signed; null
///   without TLS, and where none was asked for or given
/// @param encrypted whether it speaks TLS
public record Peer(
    InetSocketAddress address,
    InetSocketAddress local,
    @Nullable X509Certificate certificate,
    boolean encrypted) {
  private static final AttributeKey<Ends> PROXIED = AttributeKey.valueOf(Peer.class, "proxied");

  private record Ends(InetSocketAddress source, InetSocketAddress destination) {}

  /// A proxy says between whom it stands.
  static void proxied(Channel channel, InetSocketAddress source, InetSocketAddress destination) {
    channel.attr(PROXIED).set(new Ends(source, destination));
  }

  /// What is known now: complete after the proxy's header and the TLS handshake.
  static Peer of(Channel channel) {
    Ends proxied = channel.attr(PROXIED).get();
    return new Peer(
        proxied != null ? proxied.source : (InetSocketAddress) channel.remoteAddress(),
        proxied != null ? proxied.destination : (InetSocketAddress) channel.localAddress(),
        verified(channel),
        channel.pipeline().get(SslHandler.class) != null);
  }

  /// For the log: where the client is, as far as that is known.
  static Object named(Channel channel) {
    Ends proxied = channel.attr(PROXIED).get();
    return proxied == null ? channel.remoteAddress() : proxied.source;
  }

  /// The engine only lets a certificate through that it has verified.
  private static @Nullable X509Certificate verified(Channel channel) {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    if (tls == null) {
      return null;
    }
    try {
      Certificate[] chain = tls.engine().getSession().getPeerCertificates();
      return chain[0] instanceof X509Certificate own ? own : null;
    } catch (SSLPeerUnverifiedException none) {
      return null;
    }
  }
}
