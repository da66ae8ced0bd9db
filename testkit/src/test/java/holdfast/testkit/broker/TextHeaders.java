package holdfast.testkit.broker;

import holdfast.core.Arguments;
import holdfast.core.PropertyFormat;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/// Properties as a line of text, `a=1 b=two`: whole numbers are numbers.
final class TextHeaders implements PropertyFormat {
  static final TextHeaders FORMAT = new TextHeaders();

  @Override
  public int id() {
    return 77;
  }

  @Override
  public Arguments headers(byte[] properties) {
    return parse(new String(properties, StandardCharsets.UTF_8).split(" "));
  }

  static Arguments parse(String... pairs) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (String pair : pairs) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        String value = pair.substring(equals + 1);
        values.put(
            pair.substring(0, equals),
            value.matches("-?\\d+")
                ? (Object) Long.valueOf(value)
                : value.matches("-?\\d+\\.\\d+") ? (Object) Double.valueOf(value) : value);
      }
    }
    return Arguments.of(values);
  }
}
