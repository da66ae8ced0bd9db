package holdfast.store;

/// The journal has failed for good: a write or a force did not succeed, and what is on disk behind
/// it is unknown. Nothing more is confirmed; only a new start, which recovers, goes on.
public final class StoreFailedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  StoreFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
