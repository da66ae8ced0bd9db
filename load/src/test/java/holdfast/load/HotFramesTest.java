package holdfast.load;

import static org.assertj.core.api.Assertions.assertThat;

import holdfast.amqp091.codec.BasicProperties;
import holdfast.amqp091.codec.FrameWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class HotFramesTest {
  @Test
  void anAckIsThatOfTheCodec() {
    for (boolean multiple : new boolean[] {false, true}) {
      ByteBuf ours = Unpooled.buffer();
      ByteBuf expected = Unpooled.buffer();
      HotFrames.ack(ours, 0x0102030405060708L, multiple);
      FrameWriter.ack(expected, Link.CHANNEL, 0x0102030405060708L, multiple);
      assertThat(ByteBufUtil.hexDump(ours)).isEqualTo(ByteBufUtil.hexDump(expected));
      assertThat(ours.readableBytes()).isEqualTo(HotFrames.ACK_BYTES);
    }
  }

  @Test
  void aConsumerTagSaysItsCode() {
    for (int code : new int[] {0, 1, 63, 64, 4095, 4096, 262_144, HotFrames.CONSUMERS_MAX - 1}) {
      String tag = HotFrames.tag(code);
      assertThat(tag).matches("[0-o]{4}");
      int letters = ByteBuffer.wrap(tag.getBytes(StandardCharsets.US_ASCII)).getInt();
      assertThat(HotFrames.code(letters)).isEqualTo(code);
    }
  }

  @Test
  void aStampSaysRunProducerAndNumber() {
    long stamp = HotFrames.stamp(HotFrames.RUNS - 1, HotFrames.PRODUCERS_MAX - 1) + 5_000_000_000L;
    assertThat(HotFrames.run(stamp)).isEqualTo(HotFrames.RUNS - 1);
    assertThat(HotFrames.producer(stamp)).isEqualTo(HotFrames.PRODUCERS_MAX - 1);
    assertThat(HotFrames.number(stamp)).isEqualTo(5_000_000_000L);
  }

  @Test
  void theStampStandsAtTheStartOfTheBody() {
    BasicProperties properties = BasicProperties.EMPTY.toBuilder().expiration("60000").build();
    byte[] content = HotFrames.content(1, properties, 16, 4096);
    int at = HotFrames.stampAt(properties);
    assertThat(content[at - 1]).as("of the body frame's size").isEqualTo((byte) 16);
    assertThat(content[at]).isEqualTo((byte) 'h');
    assertThat(content).hasSize(at + 16 + 1);
  }
}
