package holdfast.amqp091.codec;

import static holdfast.amqp091.codec.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ShortStringCacheTest {
  private final ShortStringCache cache = new ShortStringCache();

  @Test
  void theSameOctetsGiveTheSameString() {
    String first = get("orders.created");
    assertThat(get("orders.created")).isSameAs(first);
    assertThat(get("")).isEmpty();
  }

  @Test
  void stringsInTheSameSlotReplaceEachOtherAndStayRight() {
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < 10 * CodecLimits.STRING_CACHE_SLOTS; i++) {
        assertThat(get("key." + i)).isEqualTo("key." + i);
      }
    }
  }

  @Test
  void similarKeysSpreadOverTheSlots() {
    String[] strings = new String[64];
    Arrays.setAll(strings, i -> get("sensor.0000" + (10 + i) + ".temperature"));
    long kept = 0;
    for (int i = 0; i < strings.length; i++) {
      kept += get("sensor.0000" + (10 + i) + ".temperature") == strings[i] ? 1 : 0;
    }
    assertThat(kept).isGreaterThan(32);
  }

  @Test
  void longStringsAreDecodedButNotKept() {
    String key = "k".repeat(CodecLimits.CACHED_STRING_BYTES_MAX + 1);
    String first = get(key);
    assertThat(get(key)).isEqualTo(first).isNotSameAs(first);
  }

  @Test
  void octetsThatAreNotUtf8AreRefusedEveryTime() {
    byte[] bytes = {(byte) 0xED, (byte) 0xA0, (byte) 0x80};
    for (int i = 0; i < 2; i++) {
      assertRefused(ReplyCode.SYNTAX_ERROR, "not valid UTF-8", () -> cache.get(bytes, 3));
    }
  }

  private String get(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return cache.get(Arrays.copyOf(bytes, 255), bytes.length);
  }
}
