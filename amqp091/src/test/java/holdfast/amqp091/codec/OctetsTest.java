package holdfast.amqp091.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class OctetsTest {

  @Test
  void everySequenceOfTwoOctetsIsJudgedAsTheJdkDoes() {
    for (int i = 0; i < 1 << 16; i++) {
      assertJudgedAsTheJdkDoes(new byte[] {(byte) (i >> 8), (byte) i});
    }
  }

  @Test
  void randomSequencesAreJudgedAsTheJdkDoes() {
    RandomValues values = RandomValues.of("randomSequencesAreJudgedAsTheJdkDoes");
    for (int i = 0; i < 100_000; i++) {
      byte[] bytes = values.string(3).getBytes(StandardCharsets.UTF_8);
      assertJudgedAsTheJdkDoes(i % 2 == 0 ? bytes : values.damaged(bytes));
      byte[] high = values.octets(6);
      for (int at = 0; at < high.length; at++) {
        high[at] |= (byte) (at == 0 ? 0xE0 : 0x80);
      }
      assertJudgedAsTheJdkDoes(high);
    }
  }

  private static void assertJudgedAsTheJdkDoes(byte[] bytes) {
    boolean valid;
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      valid = true;
    } catch (CharacterCodingException e) {
      valid = false;
    }
    if (Octets.isUtf8(bytes, 0, bytes.length) != valid) {
      assertThat(valid).as(HexFormat.of().formatHex(bytes)).isEqualTo(!valid);
    }
  }
}
