package holdfast.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import holdfast.store.ByteReader;
import holdfast.store.ByteWriter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Arguments through the journal and back, and when two are the same.
class ArgumentsTest {
  private static Arguments through(Arguments arguments) {
    ByteWriter out = new ByteWriter(16);
    arguments.put(out);
    ByteReader in = new ByteReader(out.toBytes());
    Arguments back = Arguments.get(in);
    assertThat(in.hasMore()).isFalse();
    return back;
  }

  private static Map<String, Object> random(SplittableRandom dice, int depth) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int n = dice.nextInt(5); n > 0; n--) {
      map.put("k" + dice.nextInt(20) + "\u20ac".repeat(dice.nextInt(2)), value(dice, depth));
    }
    return map;
  }

  private static Object value(SplittableRandom dice, int depth) {
    return switch (dice.nextInt(depth > 3 ? 10 : 12)) {
      case 0 -> null;
      case 1 -> dice.nextBoolean();
      case 2 -> (byte) dice.nextInt();
      case 3 -> dice.nextLong();
      case 4 -> (float) dice.nextInt(100);
      case 5 -> Double.longBitsToDouble(dice.nextLong());
      case 6 -> new BigDecimal(BigInteger.valueOf(dice.nextLong()), dice.nextInt(20) - 10);
      case 7 -> "text \ud83d\ude00 " + dice.nextInt();
      case 8 -> new byte[] {(byte) dice.nextInt(), 0, 1};
      case 9 -> Instant.ofEpochMilli(dice.nextLong());
      case 10 -> {
        List<Object> list = new ArrayList<>();
        for (int n = dice.nextInt(4); n > 0; n--) {
          list.add(value(dice, depth + 1));
        }
        yield list;
      }
      default -> random(dice, depth + 1);
    };
  }

  @Test
  void comeBackFromTheJournalAsTheyWent() {
    Seeded.forEach(
        2000,
        dice -> {
          Arguments arguments = Arguments.of(random(dice, 0));
          assertThat(through(arguments)).isEqualTo(arguments);
          assertThat(through(arguments)).hasSameHashCodeAs(arguments);
          assertThat(Arguments.get(new ByteReader(arguments.canonical()))).isEqualTo(arguments);
        });
  }

  @Test
  void areCanonicalWhateverOrderTheirNamesCameIn() {
    Seeded.forEach(
        200,
        dice -> {
          Map<String, Object> map = random(dice, 0);
          List<String> names = new ArrayList<>(map.keySet());
          Collections.reverse(names);
          Map<String, Object> reversed = new LinkedHashMap<>();
          names.forEach(name -> reversed.put(name, map.get(name)));
          assertThat(Arguments.of(reversed)).isEqualTo(Arguments.of(map));
          assertThat(Arguments.of(reversed).canonical()).isEqualTo(Arguments.of(map).canonical());
        });
  }

  @Test
  void compareNumbersAsNumbers() {
    assertThat(Arguments.of(Map.of("n", (byte) 7))).isEqualTo(Arguments.of(Map.of("n", 7L)));
    assertThat(Arguments.of(Map.of("n", 7))).isEqualTo(Arguments.of(Map.of("n", 7.0)));
    assertThat(Arguments.of(Map.of("n", 7))).isNotEqualTo(Arguments.of(Map.of("n", 7.5)));
    assertThat(Arguments.of(Map.of("n", 7))).isNotEqualTo(Arguments.of(Map.of("n", "7")));
    assertThat(Arguments.of(Map.of("n", List.of(1, Map.of("a", 2)))))
        .isEqualTo(Arguments.of(Map.of("n", List.of(1L, Map.of("a", 2.0)))));
  }

  @Test
  void tellAnAbsentValueFromNone() {
    Map<String, Object> nothing = new HashMap<>();
    nothing.put("n", null);
    assertThat(Arguments.of(nothing)).isNotEqualTo(Arguments.NONE);
    assertThat(through(Arguments.of(nothing)).asMap()).containsKey("n");
  }

  @Test
  void cannotBeChangedFromOutside() {
    List<Object> list = new ArrayList<>(List.of(1));
    Map<String, Object> map = new HashMap<>(Map.of("list", list));
    Arguments arguments = Arguments.of(map);
    list.add(2);
    map.put("more", 3);
    assertThat(arguments).isEqualTo(Arguments.of(Map.of("list", List.of(1))));
  }

  @Test
  void refuseWhatNoProtocolKnows() {
    assertThatThrownBy(() -> Arguments.of(Map.of("n", new Object())))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void listsNestedTooDeepAreRefused() {
    ByteWriter out = new ByteWriter(16).varint(1).string("n");
    for (int i = 0; i < 100_000; i++) {
      out.u8(9).varint(1);
    }
    byte[] bytes = out.u8(0).toBytes();
    assertThatThrownBy(() -> Arguments.get(new ByteReader(bytes)))
        .isInstanceOf(ByteReader.MalformedException.class)
        .hasMessageContaining("deeper than 64");
  }

  @Test
  void damagedBytesAreRefusedAndNeverMoreThanThat() {
    Seeded.forEach(
        3000,
        dice -> {
          byte[] bytes = Arguments.of(random(dice, 0)).canonical();
          byte[] damaged = Arrays.copyOf(bytes, dice.nextInt(bytes.length + 1));
          for (int n = dice.nextInt(4); n > 0 && damaged.length > 0; n--) {
            damaged[dice.nextInt(damaged.length)] = (byte) dice.nextInt();
          }
          try {
            assertThat(Arguments.get(new ByteReader(damaged))).isNotNull();
          } catch (ByteReader.MalformedException refused) {
            assertThat(refused).hasMessageMatching("(?s).+");
          }
        });
  }
}
