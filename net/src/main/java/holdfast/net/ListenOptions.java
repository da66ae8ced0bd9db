package holdfast.net;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a listener does with those who connect.
///
/// @param protocols what connections may speak; the first one answers those that speak nothing
/// @param admission who counts them; one for all listeners of a broker
/// @param handshakeTimeoutMs how long a peer may take from connecting to being logged in
/// @param proxyProtocol whether every connection begins with a PROXY header, and must
/// @param tls what encrypts them; null for a plain listener
public record ListenOptions(
    List<ConnectionProtocol> protocols,
    Admission admission,
    long handshakeTimeoutMs,
    boolean proxyProtocol,
    @Nullable Tls tls) {

  public ListenOptions encryptedBy(Tls by) {
    return new ListenOptions(protocols, admission, handshakeTimeoutMs, proxyProtocol, by);
  }
}
