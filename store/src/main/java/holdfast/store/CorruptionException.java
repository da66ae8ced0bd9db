package holdfast.store;

import java.io.IOException;

/// Bytes that had been confirmed are damaged or missing. Nothing is skipped silently: the store
/// refuses to open and the message names the file, the place and what was expected there.
public sealed class CorruptionException extends IOException permits AnotherFormatException {
  private static final long serialVersionUID = 1;

  public CorruptionException(String message) {
    super(message);
  }
}
