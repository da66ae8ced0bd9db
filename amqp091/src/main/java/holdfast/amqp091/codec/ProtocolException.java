package holdfast.amqp091.codec;

/// Carries a [ProtocolError] out of the decoder to the connection, which answers it. It is raised
/// by what a peer sends, so it must be cheap: no stack trace, no suppression.
public final class ProtocolException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient ProtocolError error;

  public ProtocolException(ProtocolError error) {
    super(error.replyText(), null, false, false);
    this.error = error;
  }

  public ProtocolException(ReplyCode code, String text) {
    this(ProtocolError.of(code, text));
  }

  static ProtocolException syntax(String text) {
    return new ProtocolException(ReplyCode.SYNTAX_ERROR, text);
  }

  public ProtocolError error() {
    return error;
  }
}
