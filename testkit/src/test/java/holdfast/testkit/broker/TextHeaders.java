package holdfast.testkit.broker;

import holdfast.core.Arguments;
import holdfast.core.PropertyFormat;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Properties as a line of text, `a=1 b=two c=true`: whole numbers are numbers. Any of them can be
/// asked for as a property. `expiration` and `priority` are the message's own;
/// `x-death=q/expired/2;r/rejected/1` is where it died.
final class TextHeaders implements PropertyFormat {
  static final TextHeaders FORMAT = new TextHeaders();
  private static final String DEATHS = "x-death";
  private static final String EXPIRATION = "expiration";
  private static final List<String> PARTS = List.of("queue", "reason", "count");

  @Override
  public int id() {
    return 77;
  }

  @Override
  public Arguments headers(byte[] properties) {
    Map<String, Object> values = new LinkedHashMap<>(all(properties).asMap());
    if (values.get(DEATHS) instanceof String deaths) {
      values.put(DEATHS, parseDeaths(deaths));
    }
    return Arguments.of(values);
  }

  private static Arguments all(byte[] properties) {
    return parse(new String(properties, StandardCharsets.UTF_8).split(" "));
  }

  private static List<Map<String, Object>> parseDeaths(String text) {
    List<Map<String, Object>> deaths = new ArrayList<>();
    for (String one : text.split(";")) {
      String[] parts = one.split("/");
      deaths.add(Map.of("queue", parts[0], "reason", parts[1], "count", Long.valueOf(parts[2])));
    }
    return deaths;
  }

  /// For a person to read.
  static String deaths(byte[] properties) {
    return all(properties).get(DEATHS) instanceof String deaths
        ? deaths.replace('/', ' ').replace(";", ", ")
        : "";
  }

  @Override
  public long expirationMs(byte[] properties) {
    return all(properties).get(EXPIRATION) instanceof Long ms ? ms : -1;
  }

  @Override
  public int priority(byte[] properties) {
    return all(properties).get("priority") instanceof Long priority ? priority.intValue() : -1;
  }

  @Override
  public byte[] edited(
      byte[] properties, Arguments headers, Set<String> removedHeaders, boolean noExpiration) {
    Map<String, Object> values = new LinkedHashMap<>(all(properties).asMap());
    values.keySet().removeAll(removedHeaders);
    if (noExpiration) {
      values.remove(EXPIRATION);
    }
    if (headers.get(DEATHS) instanceof List<?> deaths) {
      values.put(DEATHS, deaths.stream().map(TextHeaders::text).collect(Collectors.joining(";")));
    }
    return values.entrySet().stream()
        .map(value -> value.getKey() + "=" + value.getValue())
        .collect(Collectors.joining(" "))
        .getBytes(StandardCharsets.UTF_8);
  }

  private static String text(Object death) {
    Map<?, ?> parts = (Map<?, ?>) death;
    return PARTS.stream().map(part -> parts.get(part).toString()).collect(Collectors.joining("/"));
  }

  @Override
  public @Nullable String property(byte[] properties, String name) {
    Object value = headers(properties).get(name);
    return value == null ? null : value.toString();
  }

  static Arguments parse(String... pairs) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (String pair : pairs) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        values.put(pair.substring(0, equals), value(pair.substring(equals + 1)));
      }
    }
    return Arguments.of(values);
  }

  private static Object value(String text) {
    if (text.matches("-?\\d+")) {
      return Long.valueOf(text);
    }
    if (text.matches("-?\\d+\\.\\d+")) {
      return Double.valueOf(text);
    }
    return text.matches("true|false") ? (Object) Boolean.valueOf(text) : text;
  }
}
