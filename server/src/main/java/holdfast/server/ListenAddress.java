package holdfast.server;

import java.net.InetSocketAddress;
import java.util.Optional;

/// Where a listener is to listen: a host name or literal address and a port, not yet resolved. Port
/// 0 takes a free one. An empty host stands for the address that `bind` names.
record ListenAddress(String host, int port) {
  private static final int PORT_MAX = 65_535;

  /// Reads `5672`, `127.0.0.1:5672`, `localhost:5672`, `[::1]:5672` and, as RabbitMQ writes it,
  /// `::1:5672`.
  static Optional<ListenAddress> parse(String text) {
    int colon = text.lastIndexOf(':');
    Optional<Integer> port = parsePort(text.substring(colon + 1));
    if (colon < 0) {
      return port.map(number -> new ListenAddress("", number));
    }
    String host = text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    if (!isHost(host)) {
      return Optional.empty();
    }
    String named = host;
    return port.map(number -> new ListenAddress(named, number));
  }

  static boolean isHost(String text) {
    return !text.isEmpty()
        && text.chars().allMatch(c -> Character.isLetterOrDigit(c) || ".:-_%".indexOf(c) >= 0);
  }

  private static Optional<Integer> parsePort(String text) {
    if (text.isEmpty() || text.length() > 5 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return Optional.empty();
    }
    int port = Integer.parseInt(text);
    return port <= PORT_MAX ? Optional.of(port) : Optional.empty();
  }

  ListenAddress orHost(String bind) {
    return host.isEmpty() ? new ListenAddress(bind, port) : this;
  }

  /// Resolves the host, which may ask a name server.
  InetSocketAddress resolve() throws StartRefused {
    InetSocketAddress address = new InetSocketAddress(host, port);
    if (address.isUnresolved()) {
      throw new StartRefused(
          ExitStatus.ADDRESS_REFUSED, "cannot listen on " + this + ": unknown host '" + host + "'");
    }
    return address;
  }

  /// As it is written in the ready line: `host:port`, an IPv6 address in brackets; `0.0.0.0` for
  /// every address of the machine, whichever family the system bound.
  static String text(InetSocketAddress address) {
    if (address.getAddress().isAnyLocalAddress()) {
      return new ListenAddress("0.0.0.0", address.getPort()).toString();
    }
    return new ListenAddress(address.getAddress().getHostAddress(), address.getPort()).toString();
  }

  @Override
  public String toString() {
    return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
  }
}
