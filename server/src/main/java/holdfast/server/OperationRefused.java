package holdfast.server;

/// What an administrator asked for cannot be done; the message is all that is shown, so it says
/// what was wrong and what to do.
final class OperationRefused extends Exception {
  private static final long serialVersionUID = 1L;

  /// The kinds of refusal, for programs.
  enum Kind {
    /// The question itself is wrong.
    BAD_REQUEST,
    NOT_FOUND,
    /// Something stands in the way.
    CONFLICT,
    /// The broker did not answer in time.
    UNAVAILABLE
  }

  private final Kind kind;

  OperationRefused(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  static OperationRefused bad(String message) {
    return new OperationRefused(Kind.BAD_REQUEST, message);
  }

  static OperationRefused notFound(String message) {
    return new OperationRefused(Kind.NOT_FOUND, message);
  }

  static OperationRefused conflict(String message) {
    return new OperationRefused(Kind.CONFLICT, message);
  }

  Kind kind() {
    return kind;
  }

  String text() {
    return String.valueOf(getMessage());
  }
}
