package holdfast.amqp091.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

class ProtocolHeaderTest {

  @Test
  void whatIsWrittenIsRecognised() {
    ByteBuf out = Unpooled.buffer();
    ProtocolHeader.write(out);
    assertThat(Bytes.of(out)).isEqualTo(Bytes.hex("414d5150 00000901"));
    assertThat(ProtocolHeader.match(out)).isEqualTo(ProtocolHeader.Match.YES);
    assertThat(out.readableBytes()).isEqualTo(ProtocolHeader.BYTES);
  }

  @Test
  void aRightBeginningIsIncomplete() {
    byte[] header = Bytes.hex("414d5150 00000901");
    for (int length = 0; length < header.length; length++) {
      ByteBuf in = Unpooled.wrappedBuffer(header, 0, length);
      assertThat(ProtocolHeader.match(in)).isEqualTo(ProtocolHeader.Match.INCOMPLETE);
    }
  }

  @Test
  void anotherProtocolIsSeenAtItsFirstWrongOctet() {
    assertNoMatch("47"); // GET ...
    assertNoMatch("414d5150 01010009"); // AMQP 0-9
    assertNoMatch("414d5150 00010000"); // AMQP 1.0
    assertNoMatch("414d5150 03010000"); // AMQP 1.0 with SASL
    assertNoMatch("160301"); // TLS
  }

  private static void assertNoMatch(String hex) {
    assertThat(ProtocolHeader.match(Bytes.buffer(Bytes.hex(hex))))
        .isEqualTo(ProtocolHeader.Match.NO);
  }
}
