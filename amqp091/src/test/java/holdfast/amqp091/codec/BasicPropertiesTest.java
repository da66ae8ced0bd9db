package holdfast.amqp091.codec;

import static holdfast.amqp091.codec.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BasicPropertiesTest {

  @Test
  void withoutPropertiesEverythingHasItsDefault() {
    BasicProperties none = BasicProperties.EMPTY;
    assertThat(none.deliveryMode()).isEqualTo(1);
    assertThat(none.persistent()).isFalse();
    assertThat(none.priority()).isEqualTo(-1);
    assertThat(none.hasHeaders()).isFalse();
    assertThat(none.headers()).isEmpty();
    assertThat(none.header("a")).isNull();
    assertThat(none.expiration()).isNull();
    assertThat(none.timestamp()).isNull();
  }

  @Test
  void everyPropertyIsReadAsItWasSet() {
    BasicProperties all = all();
    assertThat(all.contentType()).isEqualTo("text/plain");
    assertThat(all.contentEncoding()).isEqualTo("gzip");
    assertThat(all.headers()).isEqualTo(Map.of("CC", "q"));
    assertThat(all.header("CC")).isEqualTo("q");
    assertThat(all.deliveryMode()).isEqualTo(2);
    assertThat(all.persistent()).isTrue();
    assertThat(all.priority()).isEqualTo(255);
    assertThat(all.correlationId()).isEqualTo("é");
    assertThat(all.replyTo()).isEqualTo("reply");
    assertThat(all.expiration()).isEqualTo("60000");
    assertThat(all.messageId()).isEqualTo("id");
    assertThat(all.timestamp()).isEqualTo(-1L);
    assertThat(all.type()).isEmpty();
    assertThat(all.userId()).isEqualTo("guest");
    assertThat(all.appId()).isEqualTo("app");
    assertThat(all.clusterId()).isEqualTo("cluster");
  }

  @Test
  void theListOfADeliveryModeAloneIsThreeOctets() {
    assertThat(BasicProperties.of(2)).isEqualTo(Bytes.hex("1000 02"));
    assertThat(BasicProperties.parse(BasicProperties.of(2)).persistent()).isTrue();
    assertThat(BasicProperties.builder().deliveryMode(2).build().raw())
        .isEqualTo(BasicProperties.of(2));
  }

  @Test
  void aBuilderKeepsWhatItIsNotAskedToChange() {
    assertThat(all().toBuilder().build().raw()).isEqualTo(all().raw());
    BasicProperties changed = all().toBuilder().expiration(null).headers(Map.of("a", 1)).build();
    assertThat(changed.expiration()).isNull();
    assertThat(changed.headers()).isEqualTo(Map.of("a", 1));
    assertThat(changed.clusterId()).isEqualTo("cluster");
    assertThat(changed.toBuilder().expiration("60000").headers(Map.of("CC", "q")).build().raw())
        .isEqualTo(all().raw());
  }

  @Test
  void anIdThatIsNotTextPassesUnharmed() {
    byte[] raw = Bytes.hex("0400 02 ff00");
    BasicProperties binary = BasicProperties.parse(raw);
    assertThat(binary.correlationId()).isEqualTo("\uFFFD\0");
    assertThat(binary.toBuilder().priority(1).priority(-1).build().raw()).isEqualTo(raw);
  }

  @Test
  void aListWithoutFlagsIsRefused() {
    refused("00", "without flags");
  }

  @Test
  void flagsThatContinueAreRefused() {
    refused("0001 0000", "property flags continue");
  }

  @Test
  void aFlagForAFifteenthPropertyIsRefused() {
    refused("0002", "a property that class basic does not have");
  }

  @Test
  void octetsAfterTheLastPropertyAreRefused() {
    refused("1000 02 00", "1 octets follow the last property");
  }

  @Test
  void aPropertyThatIsAnnouncedAndMissingIsRefused() {
    refused("1000", "delivery-mode takes 1 octets where only 0 are left");
    refused("8000", "content-type takes 1 octets where only 0 are left");
    refused("2000 000000", "headers takes 4 octets where only 3 are left");
  }

  @Test
  void aShortStringLongerThanTheListIsRefused() {
    refused("8000 05 61", "content-type takes 6 octets where only 2 are left");
  }

  @Test
  void aTimestampCutShortIsRefused() {
    refused("0040 00000000", "timestamp takes 8 octets where only 4 are left");
  }

  @Test
  void headersOfFourGigabytesAreRefused() {
    refused("2000 ffffffff 61", "headers takes 4294967299 octets where only 5 are left");
  }

  @Test
  void malformedHeadersAreRefusedOnArrival() {
    refused("2000 00000003 01 61 21", "unknown field type 0x21");
  }

  @Test
  void anyListCutShortIsRefused() {
    byte[] raw = all().raw();
    for (int length = 0; length < raw.length; length++) {
      byte[] cut = Arrays.copyOf(raw, length);
      assertRefused(ReplyCode.SYNTAX_ERROR, "", () -> BasicProperties.parse(cut));
    }
  }

  @Test
  void aStringTooLongToSendIsOurMistake() {
    String tooLong = "x".repeat(256);
    assertThatThrownBy(() -> BasicProperties.builder().type(tooLong))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void whateverIsAcceptedCanBeLookedUpAndRebuilt() {
    RandomValues values = RandomValues.of("whateverIsAcceptedCanBeLookedUpAndRebuilt");
    for (int i = 0; i < 40_000; i++) {
      byte[] input = values.damaged(all().toBuilder().headers(values.table(0)).build().raw());
      Refusals.decodesOrRefuses(
          input,
          () -> {
            BasicProperties accepted = BasicProperties.parse(input);
            accepted.headers();
            accepted.header("CC");
            accepted.clusterId();
            accepted.timestamp();
            assertThat(accepted.toBuilder().build().raw()).isEqualTo(input);
          });
    }
  }

  private static BasicProperties all() {
    return BasicProperties.builder()
        .contentType("text/plain")
        .contentEncoding("gzip")
        .headers(Map.of("CC", "q"))
        .deliveryMode(2)
        .priority(255)
        .correlationId("é")
        .replyTo("reply")
        .expiration("60000")
        .messageId("id")
        .timestamp(-1L)
        .type("")
        .userId("guest")
        .appId("app")
        .clusterId("cluster")
        .build();
  }

  private static void refused(String hex, String textPart) {
    byte[] raw = Bytes.hex(hex);
    assertRefused(ReplyCode.SYNTAX_ERROR, textPart, () -> BasicProperties.parse(raw));
  }
}
