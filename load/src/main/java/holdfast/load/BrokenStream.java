package holdfast.load;

/// The broker sent what the protocol does not allow: the connection is over, and the run with it.
final class BrokenStream extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BrokenStream(String message) {
    super(message);
  }
}
