package holdfast.broker;

import org.jspecify.annotations.Nullable;

/// A request to the embedded broker that could not be met; the message says why.
public final class MessagingException extends RuntimeException {
  private static final long serialVersionUID = 1;

  MessagingException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
