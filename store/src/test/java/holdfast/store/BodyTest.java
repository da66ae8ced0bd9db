package holdfast.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BodyTest {
  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  /// As a reader takes it who knows only of runs.
  private static byte[] runByRun(Body body) {
    byte[] all = new byte[body.length()];
    for (int at = 0; at < all.length; at += body.runAt(at)) {
      System.arraycopy(body.arrayAt(at), body.offsetAt(at), all, at, body.runAt(at));
    }
    return all;
  }

  @Test
  void isTheSameBytesWholeAndInPieces() {
    int small = Body.pieceBytes(1);
    for (int length : new int[] {1, 1000, small, small + 1, 777_777, 4_194_303, 5_555_555}) {
      byte[] whole = random(length);
      int each = Body.pieceBytes(length);
      byte[][] pieces = new byte[(length + each - 1) / each][];
      for (int i = 0; i < pieces.length; i++) {
        int from = i * each;
        pieces[i] = Arrays.copyOfRange(whole, from, Math.min(length, from + each));
      }
      for (Body body : new Body[] {Body.of(whole), Body.of(pieces)}) {
        assertThat(body.length()).isEqualTo(length);
        assertThat(body.toBytes()).isEqualTo(whole);
        assertThat(runByRun(body)).isEqualTo(whole);
        int last = length - 1;
        assertThat(body.arrayAt(last)[body.offsetAt(last)]).isEqualTo(whole[last]);
        assertThat(body.runAt(last)).isEqualTo(1);
      }
    }
  }

  @Test
  void refusesAShortPieceInTheMiddle() {
    byte[][] pieces = {new byte[10], new byte[10]};
    assertThatThrownBy(() -> Body.of(pieces)).hasMessage("piece 0 of a body of 20 bytes has 10");
  }
}
