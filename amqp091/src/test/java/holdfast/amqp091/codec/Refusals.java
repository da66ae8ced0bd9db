package holdfast.amqp091.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.HexFormat;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/// What a decoder must answer to what it cannot accept.
final class Refusals {
  private Refusals() {}

  static ProtocolError assertRefused(ReplyCode code, String textPart, ThrowingCallable decoding) {
    ProtocolException refusal = catchThrowableOfType(ProtocolException.class, decoding);
    assertThat(refusal).as("a refusal").isNotNull();
    assertThat(refusal.error().code()).isEqualTo(code);
    assertThat(refusal.error().text()).contains(textPart);
    return refusal.error();
  }

  /// Runs the decoder; it may refuse, and that is all it may do.
  static void decodesOrRefuses(byte[] input, Runnable decoding) {
    try {
      decoding.run();
    } catch (ProtocolException expected) {
      assertThat(expected.error().replyText()).isNotEmpty();
    } catch (RuntimeException | Error e) {
      throw new AssertionError("input " + HexFormat.of().formatHex(input), e);
    }
  }
}
