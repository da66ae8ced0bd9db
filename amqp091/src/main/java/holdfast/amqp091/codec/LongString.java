package holdfast.amqp091.codec;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The octets of a long string that need not be text: credentials, challenges, and table values of
/// type `S` that are not valid UTF-8. It wraps its array without a copy: nobody writes to it again.
/// It never shows its content, so that a logged method shows no password.
public final class LongString {
  private final byte[] bytes;

  private LongString(byte[] bytes) {
    this.bytes = bytes;
  }

  public static LongString of(byte[] bytes) {
    return new LongString(bytes);
  }

  public static LongString of(String text) {
    return new LongString(text.getBytes(StandardCharsets.UTF_8));
  }

  /// The octets themselves, not a copy.
  public byte[] bytes() {
    return bytes;
  }

  /// The octets as UTF-8; malformed sequences become U+FFFD.
  public String text() {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LongString that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return "LongString[" + bytes.length + " bytes]";
  }
}
