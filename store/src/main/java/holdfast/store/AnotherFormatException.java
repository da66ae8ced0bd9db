package holdfast.store;

/// A file is whole and of a format that this version does not read: nothing is damaged.
public final class AnotherFormatException extends CorruptionException {
  private static final long serialVersionUID = 1;

  AnotherFormatException(String message) {
    super(message);
  }
}
