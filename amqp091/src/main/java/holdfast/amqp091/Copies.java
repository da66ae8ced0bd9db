package holdfast.amqp091;

import holdfast.amqp091.codec.BasicMethod;
import holdfast.amqp091.codec.BasicProperties;
import holdfast.amqp091.codec.ProtocolError;
import holdfast.amqp091.codec.ProtocolException;
import holdfast.amqp091.codec.ReplyCode;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Further routing keys in a message's headers: in CC for everybody to see, in BCC for nobody.
final class Copies {
  private static final String OPEN = "CC";
  private static final String BLIND = "BCC";

  private Copies() {}

  /// The keys in both headers, each once.
  static List<String> keys(BasicProperties properties) {
    if (!properties.hasHeaders()) {
      return List.of();
    }
    Object open = properties.header(OPEN);
    Object blind = properties.header(BLIND);
    if (open == null && blind == null) {
      return List.of();
    }
    Set<String> keys = new LinkedHashSet<>();
    addKeys(OPEN, open, keys);
    addKeys(BLIND, blind, keys);
    return List.copyOf(keys);
  }

  private static void addKeys(String header, @Nullable Object value, Set<String> keys) {
    if (value == null) {
      return;
    }
    if (!(value instanceof List<?> list)) {
      throw refused("header " + header + " is not an array of strings");
    }
    for (Object key : list) {
      if (!(key instanceof String text)) {
        throw refused("header " + header + " holds something that is not a string of UTF-8");
      }
      keys.add(text);
    }
  }

  /// The properties as the receivers are to see them.
  static BasicProperties withoutBlind(BasicProperties properties) {
    if (!properties.hasHeaders() || properties.header(BLIND) == null) {
      return properties;
    }
    Map<String, @Nullable Object> headers = new LinkedHashMap<>(properties.headers());
    headers.remove(BLIND);
    return properties.toBuilder().headers(headers).build();
  }

  private static ProtocolException refused(String text) {
    return new ProtocolException(
        new ProtocolError(
            ReplyCode.PRECONDITION_FAILED,
            "invalid message: " + text,
            BasicMethod.CLASS_ID,
            BasicMethod.Publish.ID));
  }
}
