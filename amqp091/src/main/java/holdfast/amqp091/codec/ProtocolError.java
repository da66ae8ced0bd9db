package holdfast.amqp091.codec;

import java.nio.charset.StandardCharsets;

/// What a peer did wrong, as a value: it becomes the arguments of `channel.close` or
/// `connection.close`. Class and method are those of the method at fault, 0 when there is none.
public record ProtocolError(ReplyCode code, String text, int classId, int methodId) {

  /// An error that no method caused, or none yet known.
  public static ProtocolError of(ReplyCode code, String text) {
    return new ProtocolError(code, text, 0, 0);
  }

  /// The same error, blamed on a method.
  public ProtocolError at(int classId, int methodId) {
    return new ProtocolError(code, text, classId, methodId);
  }

  /// The reply text as clients know it, `NOT_FOUND - no queue 'x'`, cut to fit a short string: the
  /// text may quote a name that alone fills one.
  public String replyText() {
    String whole = code.name() + " - " + text;
    byte[] bytes = whole.getBytes(StandardCharsets.UTF_8);
    if (bytes.length <= CodecLimits.SHORT_STRING_BYTES_MAX) {
      return whole;
    }
    int end = CodecLimits.SHORT_STRING_BYTES_MAX;
    while ((bytes[end] & 0xC0) == 0x80) {
      end--; // never inside a character
    }
    return new String(bytes, 0, end, StandardCharsets.UTF_8);
  }
}
