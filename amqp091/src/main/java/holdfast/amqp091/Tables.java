package holdfast.amqp091;

import holdfast.amqp091.codec.LongString;
import holdfast.amqp091.codec.WireInteger;
import holdfast.core.Arguments;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// From this protocol's tables to the core's arguments: any integer is a number, octets are octets.
final class Tables {
  private Tables() {}

  static Arguments arguments(Map<String, @Nullable Object> table) {
    return table.isEmpty() ? Arguments.NONE : Arguments.of(map(table));
  }

  private static Map<String, @Nullable Object> map(Map<?, ? extends @Nullable Object> table) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    table.forEach((name, value) -> map.put(String.valueOf(name), value(value)));
    return map;
  }

  private static @Nullable Object value(@Nullable Object value) {
    return switch (value) {
      case WireInteger n -> n.longValue();
      case LongString s -> s.bytes();
      case List<?> list -> {
        List<@Nullable Object> values = new ArrayList<>(list.size());
        for (Object element : list) {
          values.add(value(element));
        }
        yield values;
      }
      case Map<?, ?> map -> map(map);
      case Instant time -> inMilliseconds(time) ? time : (Object) time.getEpochSecond();
      case null -> null;
      default -> value;
    };
  }

  /// The wire counts seconds in 64 bits, the core milliseconds: what is too far off is a number.
  private static boolean inMilliseconds(Instant time) {
    return Math.abs(time.getEpochSecond()) < Long.MAX_VALUE / 1_000;
  }
}
