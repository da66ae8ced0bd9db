package holdfast.server;

/// There is no broker to ask, or it does not answer; the message says which and what to do.
final class NoBroker extends Exception {
  private static final long serialVersionUID = 1L;

  NoBroker(String message, Throwable cause) {
    super(message, cause);
  }
}
