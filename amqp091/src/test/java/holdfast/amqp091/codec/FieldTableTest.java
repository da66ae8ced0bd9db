package holdfast.amqp091.codec;

import static holdfast.amqp091.codec.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class FieldTableTest {

  @Test
  void anEmptyTableIsItsLength() {
    assertThat(FieldTable.encode(Map.of())).isEqualTo(Bytes.hex("00000000"));
    assertThat(FieldTable.decode(Bytes.hex("00000000"))).isEmpty();
  }

  @Test
  void everyTypeLetterIsReadIntoItsJavaType() {
    assertReads("74 01", true);
    assertReads("74 00", false);
    assertReads("62 ff", (byte) -1);
    assertReads("42 ff", WireInteger.of('B', 255));
    assertReads("73 ffff", (short) -1);
    assertReads("75 ffff", WireInteger.of('u', 65535));
    assertReads("49 ffffffff", -1);
    assertReads("69 ffffffff", WireInteger.of('i', 4294967295L));
    assertReads("6c ffffffffffffffff", -1L);
    assertReads("4c ffffffffffffffff", WireInteger.of('L', -1));
    assertReads("66 3fc00000", 1.5f);
    assertReads("64 3ff8000000000000", 1.5);
    assertReads("44 02 0000007d", new BigDecimal("1.25"));
    assertReads("44 00 ffffffff", new BigDecimal("-1"));
    assertReads("53 00000002 c3a9", "é");
    assertReads("53 00000001 e9", LongString.of(new byte[] {(byte) 0xE9}));
    assertReads("78 00000002 00ff", new byte[] {0, -1});
    assertReads("54 000000006553f100", Instant.ofEpochSecond(1_700_000_000));
    assertReads("54 7fffffffffffffff", WireInteger.of('T', Long.MAX_VALUE));
    assertReads("41 00000003 56 74 01", Arrays.asList(null, true));
    assertReads("46 00000004 01 79 74 00", Map.of("y", false));
    assertReads("56", null);
  }

  @Test
  void aTableFromPythonsClientComesBackOctetForOctet() {
    byte[] bytes = Bytes.hex(GoldenFramesTest.PIKA_TABLE);
    Map<String, Object> table = FieldTable.decode(bytes);
    assertThat(table.keySet()).containsExactly("s", "i", "l", "neg", "t", "d", "v", "a", "f", "x");
    assertThat(table)
        .containsEntry("s", "é")
        .containsEntry("i", 1)
        .containsEntry("l", 1L << 40)
        .containsEntry("neg", -1)
        .containsEntry("t", Instant.ofEpochSecond(1_700_000_000))
        .containsEntry("d", new BigDecimal("1.25"))
        .containsEntry("v", null)
        .containsEntry("a", List.of(1, "x"))
        .containsEntry("f", Map.of("y", false));
    assertThat(FieldTable.encode(table)).isEqualTo(bytes);
  }

  @Test
  void randomTablesComeBackOctetForOctet() {
    RandomValues values = RandomValues.of("randomTablesComeBackOctetForOctet");
    for (int i = 0; i < 5_000; i++) {
      Map<String, Object> table = values.table(0);
      byte[] bytes = FieldTable.encode(table);
      Map<String, Object> back = FieldTable.decode(bytes);
      assertThat(back).isEqualTo(table);
      assertThat(FieldTable.encode(back)).isEqualTo(bytes);
      assertThat(FieldTable.check(bytes, 0, bytes.length)).isEqualTo(bytes.length);
      table.forEach((name, value) ->
          assertThat(FieldTable.find(bytes, 0, bytes.length, name)).isEqualTo(value));
    }
  }

  @Test
  void damagedTablesAreDecodedOrRefusedAndCheckedAlike() {
    RandomValues values = RandomValues.of("damagedTablesAreDecodedOrRefusedAndCheckedAlike");
    for (int i = 0; i < 40_000; i++) {
      byte[] input = values.damaged(FieldTable.encode(values.table(0)));
      String decoding = refusal(input, () -> FieldTable.decode(input, 0, input.length));
      String checking = refusal(input, () -> FieldTable.check(input, 0, input.length));
      assertThat(checking).isEqualTo(decoding);
    }
  }

  @Test
  void whatFollowsATableInABufferIsLeftAlone() {
    ByteBuf in = Bytes.buffer(Bytes.hex("00000003 01 61 56 77"));
    assertThat(FieldTable.decode(in)).containsOnlyKeys("a");
    assertThat(in.readableBytes()).isEqualTo(1);
  }

  @Test
  void ofANameThatComesTwiceTheLastValueCounts() {
    byte[] bytes = Bytes.hex("00000008 01 61 74 01 01 61 74 00");
    assertThat(FieldTable.decode(bytes)).containsExactly(Map.entry("a", false));
    assertThat(FieldTable.find(bytes, 0, bytes.length, "a")).isEqualTo(false);
  }

  @Test
  void aFieldThatIsNotThereIsNotFound() {
    byte[] bytes = FieldTable.encode(Map.of("aa", 1));
    assertThat(FieldTable.find(bytes, 0, bytes.length, "a")).isNull();
  }

  @Test
  void aTableThatClaimsFourGigabytesIsRefused() {
    refused("ffffffff", "table of 4294967295 octets where only 0 are left");
  }

  @Test
  void aStringThatClaimsFourGigabytesIsRefused() {
    refused("00000007 01 61 53 ffffffff", "string of 4294967295 octets where only 0 are left");
  }

  @Test
  void aByteArrayLongerThanItsTableIsRefused() {
    refused("00000008 01 61 78 00000002 00", "byte array of 2 octets where only 1 are left");
  }

  @Test
  void aNestedTableLongerThanItsTableIsRefused() {
    refused("00000007 01 61 46 00000001", "nested table or array of 1 octets");
  }

  @Test
  void aNestedArrayLongerThanItsTableIsRefused() {
    refused("00000007 01 61 41 00000001", "nested table or array of 1 octets");
  }

  @Test
  void anUnknownTypeLetterIsRefused() {
    refused("00000003 01 61 21", "unknown field type 0x21");
  }

  @Test
  void aFieldWithoutATypeIsRefused() {
    refused("00000002 01 61", "table ends inside a field");
  }

  @Test
  void aNumberCutShortIsRefused() {
    refused("00000005 01 61 49 0000", "table ends inside a field");
  }

  @Test
  void anElementMayNotReachBeyondItsArray() {
    // one octet is missing in the array, though the table would have it
    refused("0000000d 01 61 41 00000002 49 00 0000 0000", "table ends inside a field");
  }

  @Test
  void aNameThatIsNotUtf8IsRefused() {
    refused("00000003 01 ff 56", "field name is not valid UTF-8");
  }

  @Test
  void octetsAfterATableAreRefused() {
    assertRefused(
        ReplyCode.SYNTAX_ERROR,
        "2 octets follow the table",
        () -> FieldTable.decode(Bytes.hex("00000000 0000")));
  }

  @Test
  void aTableWithoutALengthIsRefused() {
    assertRefused(
        ReplyCode.SYNTAX_ERROR,
        "table without a length",
        () -> FieldTable.decode(Bytes.buffer(new byte[3])));
  }

  @Test
  void nestingIsAllowedUpToItsLimitAndNoDeeper() {
    byte[] deepest = nested(CodecLimits.TABLE_DEPTH_MAX);
    assertThat(FieldTable.encode(FieldTable.decode(deepest))).isEqualTo(deepest);
    byte[] tooDeep = nested(CodecLimits.TABLE_DEPTH_MAX + 1);
    assertRefused(
        ReplyCode.SYNTAX_ERROR, "nested deeper than 32", () -> FieldTable.decode(tooDeep));
    assertRefused(
        ReplyCode.SYNTAX_ERROR,
        "nested deeper than 32",
        () -> FieldTable.check(tooDeep, 0, tooDeep.length));
  }

  @Test
  void tenThousandLevelsDoNotOverflowTheStack() {
    byte[] hostile = nested(10_000);
    assertRefused(
        ReplyCode.SYNTAX_ERROR, "nested deeper than 32", () -> FieldTable.decode(hostile));
  }

  @Test
  void whatDoesNotFitTheWireIsOurMistakeAndNotThePeers() {
    for (Object value :
        List.of(
            new Object(),
            'c',
            new BigDecimal("1e1"),
            new BigDecimal("12345678901"),
            Map.of(1, 2))) {
      assertThatThrownBy(() -> FieldTable.encode(Map.of("a", value)))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> FieldTable.encode(Map.of("a".repeat(256), 1)))
        .isInstanceOf(IllegalArgumentException.class);
    Map<String, Object> endless = new HashMap<>();
    endless.put("a", endless);
    assertThatThrownBy(() -> FieldTable.encode(endless))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aWireIntegerRefusesWhatItsLetterCannotHold() {
    assertThatThrownBy(() -> WireInteger.of('B', 256)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> WireInteger.of('u', -1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> WireInteger.of('i', 1L << 32))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> WireInteger.of('I', 1)).isInstanceOf(IllegalArgumentException.class);
  }

  private static void assertReads(String valueHex, Object expected) {
    byte[] field = Bytes.concat(Bytes.hex("01 6b"), Bytes.hex(valueHex));
    ByteBuf length = Unpooled.buffer().writeInt(field.length);
    byte[] bytes = Bytes.concat(Bytes.of(length), field);
    Object value = FieldTable.decode(bytes).get("k");
    assertThat(Objects.deepEquals(value, expected)).as("%s is %s", valueHex, expected).isTrue();
    assertThat(FieldTable.encode(FieldTable.decode(bytes))).isEqualTo(bytes);
  }

  private static void refused(String hex, String textPart) {
    byte[] bytes = Bytes.hex(hex);
    assertRefused(ReplyCode.SYNTAX_ERROR, textPart, () -> FieldTable.decode(bytes));
    assertRefused(ReplyCode.SYNTAX_ERROR, textPart, () -> FieldTable.check(bytes, 0, bytes.length));
  }

  private static String refusal(byte[] input, Runnable decoding) {
    String[] text = {"accepted"};
    Refusals.decodesOrRefuses(
        input,
        () -> {
          try {
            decoding.run();
          } catch (ProtocolException e) {
            text[0] = e.error().text();
          }
        });
    return text[0];
  }

  private static byte[] nested(int levels) {
    ByteBuf out = Unpooled.buffer();
    for (int level = levels; level > 0; level--) {
      out.writeInt(level == 1 ? 0 : (level - 1) * 7);
      if (level > 1) {
        out.writeByte(1).writeByte('a').writeByte('F');
      }
    }
    return Bytes.of(out);
  }
}
