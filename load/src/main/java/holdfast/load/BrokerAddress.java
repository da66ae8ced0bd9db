package holdfast.load;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/// Where the broker is, and as whom to log in there.
///
/// @param insecure whether any certificate will do
/// @param authority the certificates of the authority that is trusted, in PEM; the system's if
///   empty
public record BrokerAddress(
    String host,
    int port,
    String user,
    String password,
    String vhost,
    boolean isTls,
    boolean insecure,
    Optional<Path> authority) {

  public static final String DEFAULT_URI = "amqp://guest:guest@127.0.0.1:5672/%2f";

  private static final int PORT = 5672;
  private static final int TLS_PORT = 5671;

  /// Reads an AMQP URI. What it leaves out is guest, guest, the port of the scheme and the vhost
  /// `/`. Throws `IllegalArgumentException`, whose message says what is wrong.
  public static BrokerAddress of(String text, boolean insecure, Optional<Path> authority) {
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(text + " is not a URI", e);
    }
    boolean isTls = "amqps".equals(uri.getScheme());
    if (!isTls && !"amqp".equals(uri.getScheme()) || uri.getHost() == null) {
      throw new IllegalArgumentException(
          text + ": expected amqp://USER:PASSWORD@HOST:PORT/VHOST, or amqps:");
    }
    String[] login =
        uri.getRawUserInfo() == null ? new String[0] : uri.getRawUserInfo().split(":", 2);
    String path = uri.getRawPath();
    return new BrokerAddress(
        uri.getHost(),
        uri.getPort() >= 0 ? uri.getPort() : isTls ? TLS_PORT : PORT,
        login.length > 0 ? decoded(login[0]) : "guest",
        login.length > 1 ? decoded(login[1]) : "guest",
        path == null || path.length() <= 1 ? "/" : decoded(path.substring(1)),
        isTls,
        insecure,
        authority);
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  /// Shows no password.
  @Override
  public String toString() {
    return (isTls ? "amqps://" : "amqp://") + host + ":" + port;
  }
}
