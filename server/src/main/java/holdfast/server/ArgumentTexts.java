package holdfast.server;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads the values that stand on a command line: `x-message-ttl=60000`.
final class ArgumentTexts {
  private ArgumentTexts() {}

  static BigDecimal number(String option, String text) throws OperationRefused {
    if (!text.matches("-?\\d{1,18}")) {
      throw OperationRefused.bad(option + " takes a number, not '" + text + "'");
    }
    return new BigDecimal(text);
  }

  /// `max-queues=10` and others.
  static Map<String, @Nullable Object> numbers(List<String> words) throws OperationRefused {
    Map<String, @Nullable Object> numbers = new LinkedHashMap<>();
    for (String word : words) {
      int equals = equalsIn(word, "a limit is written max-queues=10");
      numbers.put(
          word.substring(0, equals), number(word.substring(0, equals), word.substring(equals + 1)));
    }
    return numbers;
  }

  /// Values are typed by how they look: a number, true or false, JSON in quotes or brackets, or a
  /// text.
  static Map<String, @Nullable Object> table(String option, List<String> words)
      throws OperationRefused {
    Map<String, @Nullable Object> table = new LinkedHashMap<>();
    for (String word : words) {
      int equals = equalsIn(word, option + " takes NAME=VALUE");
      String name = word.substring(0, equals);
      table.put(name, typed(name, word.substring(equals + 1)));
    }
    return table;
  }

  private static int equalsIn(String word, String otherwise) throws OperationRefused {
    int equals = word.indexOf('=');
    if (equals < 1) {
      throw OperationRefused.bad(otherwise + ", not '" + word + "'");
    }
    return equals;
  }

  private static @Nullable Object typed(String name, String text) throws OperationRefused {
    boolean isJson =
        text.matches("true|false|-?\\d{1,18}(\\.\\d{1,18})?")
            || !text.isEmpty() && "\"[{".indexOf(text.charAt(0)) >= 0;
    return isJson ? json(name, text) : text;
  }

  private static @Nullable Object json(String name, String text) throws OperationRefused {
    try {
      return JsonReader.read(text);
    } catch (IllegalArgumentException malformed) {
      throw OperationRefused.bad(name + " is not JSON: " + malformed.getMessage());
    }
  }

  static Object object(String name, String text) throws OperationRefused {
    if (json(name, text) instanceof Map<?, ?> map) {
      return map;
    }
    throw OperationRefused.bad(
        name + " is an object in JSON, such as '{\"max-length\":1000}', not '" + text + "'");
  }
}
