package holdfast.amqp091.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Frames as another implementation writes them: Python's pika 1.2.0.
class GoldenFramesTest {
  static final String PIKA_TABLE =
      "0000006001735300000002c3a901694900000001016c6c000001000000000003"
          + "6e656749ffffffff017454000000006553f100016444020000007d0176560161"
          + "410000000b490000000153000000017801664600000004017974000178780000"
          + "000200ff";

  @Test
  void basicPublish() {
    assertSame(
        "01 0001 00000012 003c 0028 0000 06 6f7264657273 03 6e6577 01 ce",
        1,
        new BasicMethod.Publish("orders", "new", true, false));
  }

  @Test
  void basicAckOfManyMessages() {
    String hex = "01 0001 0000000d 003c 0050 0000000000000102 01 ce";
    assertSame(hex, 1, new BasicMethod.Ack(258, true));
    ByteBuf out = Unpooled.buffer();
    FrameWriter.ack(out, 1, 258, true);
    assertThat(Bytes.of(out)).isEqualTo(Bytes.hex(hex));
  }

  @Test
  void basicNackThatRequeues() {
    assertSame(
        "01 0001 0000000d 003c 0078 0000000000000007 02 ce",
        1,
        new BasicMethod.Nack(7, false, true));
  }

  @Test
  void basicDeliver() {
    String hex = "01 0002 00000018 003c 003c 04 63746167 0000000000000001 01 02 6578 02 726b ce";
    assertSame(hex, 2, new BasicMethod.Deliver("ctag", 1, true, "ex", "rk"));
    ByteBuf out = Unpooled.buffer();
    FrameWriter.deliver(out, 2, "ctag", 1, true, "ex", "rk");
    assertThat(Bytes.of(out)).isEqualTo(Bytes.hex(hex));
  }

  @Test
  void queueDeclareWithAnArgument() {
    assertSame(
        "01 0003 0000001f 0032 000a 0000 01 71 0a"
            + "00000012 0c 782d6d61782d6c656e677468 49 0000000a ce",
        3,
        new QueueMethod.Declare("q", false, true, false, true, false, Map.of("x-max-length", 10)));
  }

  @Test
  void connectionTuneOk() {
    assertSame(
        "01 0000 0000000c 000a 001f 07ff 00020000 003c ce",
        0,
        new ConnectionMethod.TuneOk(2047, 131072, 60));
  }

  @Test
  void connectionClose() {
    assertSame(
        "01 0000 0000000e 000a 0032 0140 03 627965 0000 0000 ce",
        0,
        new ConnectionMethod.Close(320, "bye", 0, 0));
  }

  @Test
  void aContentHeaderWithPropertiesAndItsBody() {
    Map<String, Object> headers = new LinkedHashMap<>();
    headers.put("k", "v");
    headers.put("n", 1);
    headers.put("b", true);
    BasicProperties properties =
        BasicProperties.builder()
            .contentType("text/plain")
            .headers(headers)
            .deliveryMode(2)
            .priority(5)
            .build();
    ByteBuf out = Unpooled.buffer();
    byte[] body = "hello".getBytes(StandardCharsets.UTF_8);
    FrameWriter.content(out, 1, properties.raw(), body, 0, 5, 131072);
    byte[] expected =
        Bytes.hex(
            "02 0001 00000032 003c 0000 0000000000000005 b800 0a 746578742f706c61696e"
                + "00000013 016b 53 00000001 76 016e 49 00000001 0162 74 01 02 05 ce"
                + "03 0001 00000005 68656c6c6f ce");
    assertThat(Bytes.of(out)).isEqualTo(expected);
    RecordedFrames frames = new RecordedFrames();
    FrameReader reader = new FrameReader(4096);
    while (reader.read(out, frames)) {}
    assertThat(frames.properties.getFirst().headers()).isEqualTo(headers);
  }

  @Test
  void heartbeat() {
    ByteBuf out = Unpooled.buffer();
    FrameWriter.heartbeat(out);
    assertThat(Bytes.of(out)).isEqualTo(Bytes.hex("08 0000 00000000 ce"));
  }

  private static void assertSame(String hex, int channel, Method method) {
    byte[] frame = Bytes.hex(hex);
    ByteBuf out = Unpooled.buffer();
    FrameWriter.method(out, channel, method);
    assertThat(Bytes.of(out)).isEqualTo(frame);
    RecordedFrames frames = new RecordedFrames();
    assertThat(new FrameReader(4096).read(Bytes.buffer(frame), frames)).isTrue();
    assertThat(frames.methods).containsExactly(method);
  }
}
