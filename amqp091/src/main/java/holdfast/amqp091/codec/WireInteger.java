package holdfast.amqp091.codec;

/// An integer in a table whose wire type has no Java type of its own. It keeps its letter, so that
/// it is written as it was read; to everyone else it is a [Number] like any other.
///
/// | letter | range |
/// |---|---|
/// | `B` | 0 to 2^8 - 1 |
/// | `u` | 0 to 2^16 - 1 |
/// | `i` | 0 to 2^32 - 1 |
/// | `L` | 64 bits, signed: some clients write it for `l` |
/// | `T` | a timestamp in seconds that is too far away to be an [java.time.Instant] |
public final class WireInteger extends Number {
  private static final long serialVersionUID = 1L;

  private final char letter;
  private final long value;

  private WireInteger(char letter, long value) {
    this.letter = letter;
    this.value = value;
  }

  /// Throws `IllegalArgumentException` for another letter or a value out of its range.
  public static WireInteger of(char letter, long value) {
    long max =
        switch (letter) {
          case 'B' -> 0xFFL;
          case 'u' -> 0xFFFFL;
          case 'i' -> 0xFFFF_FFFFL;
          case 'L', 'T' -> Long.MAX_VALUE;
          default -> throw new IllegalArgumentException("no wire integer has letter " + letter);
        };
    if (value > max || (value < 0 && letter != 'L' && letter != 'T')) {
      throw new IllegalArgumentException(value + " does not fit type " + letter);
    }
    return new WireInteger(letter, value);
  }

  char letter() {
    return letter;
  }

  @Override
  public int intValue() {
    return (int) value;
  }

  @Override
  public long longValue() {
    return value;
  }

  @Override
  public float floatValue() {
    return value;
  }

  @Override
  public double doubleValue() {
    return value;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof WireInteger that && letter == that.letter && value == that.value;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(value) * 31 + letter;
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
