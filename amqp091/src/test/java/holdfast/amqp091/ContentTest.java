package holdfast.amqp091;

import static org.assertj.core.api.Assertions.assertThat;

import holdfast.amqp091.codec.BasicMethod;
import holdfast.amqp091.codec.BasicProperties;
import holdfast.core.MemoryBudget;
import holdfast.core.Message;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// A body is put together from frames of any size, in memory for what has come and little more.
class ContentTest {
  private final MemoryBudget memory = new MemoryBudget(Long.MAX_VALUE, Long.MAX_VALUE);
  private final Content content = new Content(memory);
  private final Random dice = new Random(42);

  private void begin(int bytes) {
    content.begin(new BasicMethod.Publish("", "q", false, false));
    content.header(bytes, BasicProperties.EMPTY);
  }

  private byte[] takeAll() {
    if (!content.isInPieces()) {
      return content.takeBody();
    }
    byte[][] pieces = content.takePieces();
    ByteBuf all = Unpooled.buffer();
    for (byte[] piece : pieces) {
      all.writeBytes(piece);
    }
    return Arrays.copyOf(all.array(), all.writerIndex());
  }

  @Test
  void isTheBodyThatWasSentHoweverItWasCut() {
    int small = Message.pieceBytes(1);
    for (int length : new int[] {1, 5_000, small - 1, small, small + 1, 2 * small, 6_000_001}) {
      int piece = Message.pieceBytes(length);
      for (int frameMax : new int[] {4_088, 131_064, piece, 6_000_001}) {
        byte[] body = new byte[length];
        dice.nextBytes(body);
        ByteBuf in = Unpooled.wrappedBuffer(body);
        begin(length);
        for (int sent = 0; sent < length; ) {
          int now = Math.min(length - sent, 1 + dice.nextInt(frameMax));
          boolean whole = content.body(in, sent, now);
          sent += now;
          assertThat(whole).isEqualTo(sent == length);
          assertThat(memory.used()).isLessThanOrEqualTo(2L * sent + piece);
        }
        assertThat(content.isInPieces()).isEqualTo(length > piece);
        assertThat(takeAll()).isEqualTo(body);
        assertThat(memory.used()).as("what it held while it came").isZero();
      }
    }
  }

  @Test
  void takesNoMemoryForWhatIsOnlyAnnounced() {
    begin(100_000_000);
    content.body(Unpooled.wrappedBuffer(new byte[10]), 0, 10);
    assertThat(memory.used()).isLessThan(100);
    content.drop();
    assertThat(memory.used()).isZero();
  }
}
