package holdfast.amqp091.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ProtocolErrorTest {

  @Test
  void theReplyTextBeginsWithTheNameOfTheCode() {
    ProtocolError error = new ProtocolError(ReplyCode.NOT_FOUND, "no queue 'q'", 50, 10);
    assertThat(error.replyText()).isEqualTo("NOT_FOUND - no queue 'q'");
  }

  @Test
  void theReplyTextIsCutBetweenCharactersToFitAShortString() {
    for (int pad = 0; pad < 4; pad++) {
      String text = "x".repeat(pad) + "\uD83D\uDE00".repeat(100);
      String cut = ProtocolError.of(ReplyCode.NOT_FOUND, text).replyText();
      assertThat(cut.getBytes(StandardCharsets.UTF_8)).hasSizeBetween(252, 255);
      assertThat("NOT_FOUND - " + text).startsWith(cut);
    }
  }

  @Test
  void aHardErrorClosesTheConnectionAndASoftOneTheChannel() {
    assertThat(Arrays.stream(ReplyCode.values()).filter(code -> !code.hard()))
        .extracting(ReplyCode::code)
        .containsExactly(200, 311, 312, 313, 403, 404, 405, 406);
    assertThat(ReplyCode.of(504)).isEqualTo(ReplyCode.CHANNEL_ERROR);
    assertThat(ReplyCode.of(999)).isNull();
  }

  @Test
  void theExceptionIsCheapAndCarriesTheError() {
    ProtocolError error = ProtocolError.of(ReplyCode.FRAME_ERROR, "text").at(60, 40);
    ProtocolException exception = new ProtocolException(error);
    assertThat(exception.getStackTrace()).isEmpty();
    assertThat(exception.error()).isEqualTo(error);
    assertThat(exception).hasMessage("FRAME_ERROR - text");
  }
}
