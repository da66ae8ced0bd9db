package holdfast.server;

import holdfast.core.Arguments;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// From the values of JSON to those of [Arguments], and back. A whole number is an integer, any
/// other a double; bytes and times have no form of their own in JSON and become a text and seconds.
final class JsonArguments {
  private JsonArguments() {}

  static Arguments of(Map<String, ? extends @Nullable Object> json) throws OperationRefused {
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    for (Map.Entry<String, ? extends @Nullable Object> entry : json.entrySet()) {
      values.put(entry.getKey(), value(entry.getKey(), entry.getValue()));
    }
    return Arguments.of(values);
  }

  private static @Nullable Object value(String name, @Nullable Object json)
      throws OperationRefused {
    return switch (json) {
      case BigDecimal number -> number(name, number);
      case List<?> list -> {
        List<@Nullable Object> values = new ArrayList<>();
        for (Object each : list) {
          values.add(value(name, each));
        }
        yield values;
      }
      case Map<?, ?> map -> {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          values.put(String.valueOf(entry.getKey()), value(name, entry.getValue()));
        }
        yield values;
      }
      case null -> null;
      default -> json;
    };
  }

  private static Object number(String name, BigDecimal number) throws OperationRefused {
    if (number.scale() > 0) {
      return number.doubleValue();
    }
    try {
      return number.longValueExact();
    } catch (ArithmeticException tooLarge) {
      throw OperationRefused.bad("'" + name + "': " + number + " does not fit 64 bits");
    }
  }

  static Map<String, @Nullable Object> json(Arguments arguments) {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    arguments.asMap().forEach((name, value) -> json.put(name, json(value)));
    return json;
  }

  private static @Nullable Object json(@Nullable Object value) {
    return switch (value) {
      case byte[] bytes -> new String(bytes, StandardCharsets.UTF_8);
      case Instant time -> time.getEpochSecond();
      case List<?> list -> {
        List<@Nullable Object> values = new ArrayList<>();
        list.forEach(each -> values.add(json(each)));
        yield values;
      }
      case Map<?, ?> map -> {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        map.forEach((key, each) -> values.put(String.valueOf(key), json(each)));
        yield values;
      }
      case null -> null;
      default -> value;
    };
  }
}
