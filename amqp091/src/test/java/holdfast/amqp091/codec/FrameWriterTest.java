package holdfast.amqp091.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

class FrameWriterTest {

  @Test
  void theShortFormsWriteWhatTheMethodsWrite() {
    ByteBuf lean = Unpooled.buffer();
    ByteBuf plain = Unpooled.buffer();
    FrameWriter.deliver(lean, 7, "tag", Long.MIN_VALUE, true, "ex", "clé");
    FrameWriter.ack(lean, 65535, 42, true);
    FrameWriter.method(plain, 7, new BasicMethod.Deliver("tag", Long.MIN_VALUE, true, "ex", "clé"));
    FrameWriter.method(plain, 65535, new BasicMethod.Ack(42, true));
    assertThat(Bytes.of(lean)).isEqualTo(Bytes.of(plain));
  }

  @Test
  void everyMethodIsReadBackFromItsFrame() {
    RandomValues values = RandomValues.of("everyMethodIsReadBackFromItsFrame");
    FrameReader reader = new FrameReader(131072);
    for (Class<?> type : RandomValues.methodTypes()) {
      RecordedFrames frames = new RecordedFrames();
      Method method = values.method(type);
      ByteBuf wire = Unpooled.buffer();
      FrameWriter.method(wire, method instanceof ConnectionMethod ? 0 : 3, method);
      assertThat(reader.read(wire, frames)).isTrue();
      assertThat(wire.isReadable()).isFalse();
      assertThat(frames.methods).containsExactly(method);
    }
  }

  @Test
  void aBodyIsSplitAtTheNegotiatedFrameSize() {
    int payloadMax = 4096 - CodecLimits.FRAME_OVERHEAD_BYTES;
    assertThat(bodyFrames(0, 4096)).isZero();
    assertThat(bodyFrames(1, 4096)).isEqualTo(1);
    assertThat(bodyFrames(payloadMax, 4096)).isEqualTo(1);
    assertThat(bodyFrames(payloadMax + 1, 4096)).isEqualTo(2);
    assertThat(bodyFrames(10 * payloadMax, 4096)).isEqualTo(10);
  }

  @Test
  void withoutALimitABodyIsOneFrame() {
    assertThat(bodyFrames(1_000_000, 0)).isEqualTo(1);
  }

  @Test
  void onlyTheAskedForPartOfAnArrayIsTheBody() {
    ByteBuf wire = Unpooled.buffer();
    FrameWriter.content(wire, 1, BasicProperties.of(1), new byte[] {1, 2, 3, 4}, 1, 2, 4096);
    RecordedFrames frames = new RecordedFrames();
    FrameReader reader = new FrameReader(4096);
    while (reader.read(wire, frames)) {}
    assertThat(frames.lines).containsExactly("1 header 2 100001", "1 body 0203");
  }

  @Test
  void aStringTooLongForItsTypeIsOurMistake() {
    ByteBuf wire = Unpooled.buffer();
    String tooLong = "x".repeat(256);
    assertThatThrownBy(() -> FrameWriter.deliver(wire, 1, "", 1, false, "", tooLong))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static int bodyFrames(int length, int frameBytesMax) {
    ByteBuf wire = Unpooled.buffer();
    byte[] body = new byte[length];
    FrameWriter.content(wire, 1, BasicProperties.of(1), body, 0, length, frameBytesMax);
    RecordedFrames frames = new RecordedFrames();
    FrameReader reader = new FrameReader(frameBytesMax == 0 ? Integer.MAX_VALUE : frameBytesMax);
    while (reader.read(wire, frames)) {}
    assertThat(wire.isReadable()).isFalse();
    assertThat(frames.lines.getFirst()).isEqualTo("1 header " + length + " 100001");
    return frames.lines.size() - 1;
  }
}
