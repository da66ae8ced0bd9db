package holdfast.amqp091.codec;

import static holdfast.amqp091.codec.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class FrameReaderTest {
  private static final String HEARTBEAT = "08 0000 00000000 ce";

  private final FrameReader reader = new FrameReader(CodecLimits.FRAME_BYTES_MIN);
  private final RecordedFrames frames = new RecordedFrames();

  @Test
  void readsAFrameACallAndLeavesTheRest() {
    ByteBuf in = Bytes.buffer(Bytes.hex(HEARTBEAT + HEARTBEAT + "08"));
    assertThat(reader.read(in, frames)).isTrue();
    assertThat(in.readableBytes()).isEqualTo(9);
    assertThat(reader.read(in, frames)).isTrue();
    assertThat(reader.read(in, frames)).isFalse();
    assertThat(in.readableBytes()).isEqualTo(1);
    assertThat(frames.lines).containsExactly("heartbeat", "heartbeat");
  }

  @Test
  void aMessageThatArrivesOctetByOctetIsReadLikeOneThatArrivesAtOnce() {
    ByteBuf message = Unpooled.buffer();
    FrameWriter.method(message, 9, new BasicMethod.Publish("ex", "key", false, false));
    byte[] body = "a body in parts".getBytes(StandardCharsets.UTF_8);
    FrameWriter.content(message, 9, BasicProperties.of(2), body, 0, body.length, 4096);
    FrameWriter.heartbeat(message);

    RecordedFrames atOnce = new RecordedFrames();
    ByteBuf copy = message.copy();
    while (new FrameReader(4096).read(copy, atOnce)) {}

    ByteBuf in = Unpooled.buffer();
    while (message.isReadable()) {
      in.writeByte(message.readByte());
      reader.read(in, frames);
    }
    assertThat(frames.lines).hasSize(4).isEqualTo(atOnce.lines);
    assertThat(frames.lines.get(1)).isEqualTo("9 header 15 100002");
  }

  @Test
  void anUnknownFrameTypeIsAFrameErrorAsSoonAsItIsSeen() {
    refused("04 0001 00000000", ReplyCode.FRAME_ERROR, "unknown frame type 4");
  }

  @Test
  void aFrameLongerThanNegotiatedIsAFrameErrorAsSoonAsItIsSeen() {
    refused("03 0001 00000ff9", ReplyCode.FRAME_ERROR, "frame of 4089 octets exceeds 4088");
  }

  @Test
  void aFrameOfFourGigabytesIsAFrameError() {
    refused("01 0001 ffffffff", ReplyCode.FRAME_ERROR, "frame of 4294967295 octets");
  }

  @Test
  void theLongestFrameNegotiatedIsAccepted() {
    byte[] body = new byte[8192 - CodecLimits.FRAME_OVERHEAD_BYTES];
    ByteBuf in = Unpooled.buffer();
    FrameWriter.contentBody(in, 1, body, 0, body.length);
    reader.frameBytesMax(8192);
    assertThat(reader.read(in, frames)).isTrue();
  }

  @Test
  void aFrameSizeBelowTheFloorIsNotNegotiable() {
    assertThatThrownBy(() -> reader.frameBytesMax(4095))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aWrongFrameEndIsAFrameErrorThatQuotesIt() {
    refused("08 0000 00000000 0a", ReplyCode.FRAME_ERROR, "frame end octet is 0x0a, not 0xCE");
  }

  @Test
  void aHeartbeatOffChannelZeroIsAFrameError() {
    refused("08 0001 00000000 ce", ReplyCode.UNEXPECTED_FRAME, "heartbeat on channel 1");
  }

  @Test
  void aHeartbeatWithAPayloadIsAFrameError() {
    refused("08 0000 00000001 00 ce", ReplyCode.FRAME_ERROR, "heartbeat with a payload of 1");
  }

  @Test
  void aContentHeaderOnChannelZeroIsAChannelError() {
    refused(
        "02 0000 0000000e 003c 0000 0000000000000005 0000 ce",
        ReplyCode.CHANNEL_ERROR,
        "content on channel 0");
  }

  @Test
  void aContentBodyOnChannelZeroIsAChannelError() {
    refused("03 0000 00000001 61 ce", ReplyCode.CHANNEL_ERROR, "content on channel 0");
  }

  @Test
  void aMethodOfAChannelOnChannelZeroIsCommandInvalid() {
    refused("01 0000 00000004 005a 000a ce", ReplyCode.COMMAND_INVALID, "90,10 on channel 0");
  }

  @Test
  void aMethodOfTheConnectionOnAChannelIsCommandInvalid() {
    refused(
        "01 0001 00000004 000a 0033 ce", ReplyCode.COMMAND_INVALID, "10,51 of class connection");
  }

  @Test
  void aContentHeaderOfAnotherClassIsAnUnexpectedFrame() {
    refused(
        "02 0001 0000000e 0032 0000 0000000000000005 0000 ce",
        ReplyCode.UNEXPECTED_FRAME,
        "content header of class 50, not 60");
  }

  @Test
  void aContentHeaderCutShortIsASyntaxError() {
    refused("02 0001 00000004 003c 0000 ce", ReplyCode.SYNTAX_ERROR, "ends early");
  }

  @Test
  void aContentHeaderWithoutPropertyFlagsIsASyntaxError() {
    refused(
        "02 0001 0000000c 003c 0000 0000000000000005 ce",
        ReplyCode.SYNTAX_ERROR,
        "property list without flags");
  }

  @Test
  void aBodySizeBeyondSixtyThreeBitsIsASyntaxError() {
    refused(
        "02 0001 0000000e 003c 0000 ffffffffffffffff 0000 ce",
        ReplyCode.SYNTAX_ERROR,
        "body of 18446744073709551615 octets");
  }

  @Test
  void theWeightOfAContentHeaderIsIgnored() {
    ByteBuf in = Bytes.buffer(Bytes.hex("02 0001 0000000e 003c 0007 0000000000000005 0000 ce"));
    assertThat(reader.read(in, frames)).isTrue();
    assertThat(frames.lines).containsExactly("1 header 5 0000");
  }

  @Test
  void afterAnErrorInsideAFrameTheNextFrameCanBeRead() {
    ByteBuf in = Bytes.buffer(Bytes.hex("01 0001 00000004 003c 0063 ce" + HEARTBEAT));
    assertRefused(ReplyCode.COMMAND_INVALID, "unknown", () -> reader.read(in, frames));
    assertThat(reader.read(in, frames)).isTrue();
    assertThat(frames.lines).containsExactly("heartbeat");
  }

  @Test
  void propertiesThatRepeatThemselvesAreMadeOnce() {
    ByteBuf in = Unpooled.buffer();
    FrameWriter.contentHeader(in, 1, 1, BasicProperties.of(2));
    FrameWriter.contentHeader(in, 1, 2, BasicProperties.of(2));
    FrameWriter.contentHeader(in, 1, 3, BasicProperties.of(1));
    while (reader.read(in, frames)) {}
    List<BasicProperties> properties = frames.properties;
    assertThat(properties.get(1)).isSameAs(properties.get(0));
    assertThat(properties.get(2).deliveryMode()).isEqualTo(1);
  }

  @Test
  void aRoutingKeyThatRepeatsItselfIsTheSameString() {
    ByteBuf in = Unpooled.buffer();
    for (int i = 0; i < 2; i++) {
      FrameWriter.method(in, 1, new BasicMethod.Publish("orders", "orders.new.é", true, false));
    }
    while (reader.read(in, frames)) {}
    BasicMethod.Publish first = (BasicMethod.Publish) frames.methods.get(0);
    BasicMethod.Publish second = (BasicMethod.Publish) frames.methods.get(1);
    assertThat(second).isEqualTo(first);
    assertThat(second.routingKey()).isSameAs(first.routingKey());
    assertThat(second.exchange()).isSameAs(first.exchange());
  }

  @Test
  void damagedStreamsAreReadOrRefusedAndNothingElse() {
    RandomValues values = RandomValues.of("damagedStreamsAreReadOrRefusedAndNothingElse");
    var types = RandomValues.methodTypes();
    for (int i = 0; i < 25_000; i++) {
      ByteBuf stream = Unpooled.buffer();
      Method method = values.method(types.get(i % types.size()));
      FrameWriter.method(stream, values.random.nextInt(3), method);
      byte[] properties = BasicProperties.builder().headers(values.table(0)).build().raw();
      FrameWriter.content(stream, 1, properties, new byte[9], 0, 9, 4096);
      byte[] input = values.damaged(Bytes.of(stream));
      ByteBuf in = Bytes.buffer(input);
      Refusals.decodesOrRefuses(
          input,
          () -> {
            while (reader.read(in, frames)) {}
          });
      frames.lines.clear();
      frames.methods.clear();
      frames.properties.forEach(BasicProperties::headers); // accepted, so it decodes
      frames.properties.clear();
    }
  }

  private void refused(String hex, ReplyCode code, String textPart) {
    ByteBuf in = Bytes.buffer(Bytes.hex(hex));
    assertRefused(code, textPart, () -> reader.read(in, frames));
    assertThat(frames.lines).isEmpty();
  }
}
