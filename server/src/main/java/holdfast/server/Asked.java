package holdfast.server;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The arguments of an operation, or one object of a definitions file: a JSON map, read with a
/// clear word for whatever is missing or of the wrong type.
record Asked(Map<String, @Nullable Object> values) {
  static Asked of(@Nullable Object json) throws OperationRefused {
    if (!(json instanceof Map<?, ?> map)) {
      throw OperationRefused.bad("expected an object, found " + shown(json));
    }
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    map.forEach((key, value) -> values.put(String.valueOf(key), value));
    return new Asked(values);
  }

  boolean has(String name) {
    return values.get(name) != null;
  }

  /// A text that has to be there, and may be empty.
  String text(String name) throws OperationRefused {
    Optional<String> text = optional(name);
    if (text.isEmpty()) {
      throw OperationRefused.bad("'" + name + "' is missing");
    }
    return text.get();
  }

  /// A text that has to be there, with something in it.
  String name(String name) throws OperationRefused {
    String text = text(name);
    if (text.isEmpty()) {
      throw OperationRefused.bad("'" + name + "' is empty");
    }
    return text;
  }

  String text(String name, String otherwise) throws OperationRefused {
    return optional(name).orElse(otherwise);
  }

  Optional<String> optional(String name) throws OperationRefused {
    return switch (values.get(name)) {
      case null -> Optional.empty();
      case String text -> Optional.of(text);
      case Object other -> throw wrong(name, "a text", other);
    };
  }

  boolean flag(String name, boolean otherwise) throws OperationRefused {
    return switch (values.get(name)) {
      case null -> otherwise;
      case Boolean flag -> flag;
      case String text when text.equals("true") -> true; // as older tools write them
      case String text when text.equals("false") -> false;
      case Object other -> throw wrong(name, "true or false", other);
    };
  }

  boolean flag(String name) throws OperationRefused {
    return flag(name, false);
  }

  long number(String name, long otherwise) throws OperationRefused {
    Object value = values.get(name);
    return value == null ? otherwise : whole(name, value);
  }

  private static long whole(String name, Object value) throws OperationRefused {
    try {
      return switch (value) {
        case BigDecimal number -> number.longValueExact();
        case Long number -> number;
        case Integer number -> number;
        default -> throw wrong(name, "a whole number", value);
      };
    } catch (ArithmeticException notWhole) {
      throw wrong(name, "a whole number", value);
    }
  }

  /// A list; empty if it is not there.
  List<?> list(String name) throws OperationRefused {
    return switch (values.get(name)) {
      case null -> List.of();
      case List<?> list -> list;
      case Object other -> throw wrong(name, "a list", other);
    };
  }

  /// Tags and the like: a list of texts, or one text with commas, as older tools write them.
  List<String> words(String name) throws OperationRefused {
    List<String> words = new ArrayList<>();
    if (values.get(name) instanceof String text) {
      for (String word : text.split(",")) {
        words.add(word.strip());
      }
    } else {
      for (Object word : list(name)) {
        words.add(String.valueOf(word).strip());
      }
    }
    words.removeIf(String::isEmpty);
    return words;
  }

  /// A map; empty if it is not there. An empty list counts as one too: some brokers write that.
  Map<String, @Nullable Object> table(String name) throws OperationRefused {
    return switch (values.get(name)) {
      case null -> Map.of();
      case List<?> list when list.isEmpty() -> Map.of();
      case Map<?, ?> map -> of(map).values();
      case Object other -> throw wrong(name, "an object", other);
    };
  }

  /// A map of whole numbers, such as limits.
  Map<String, Long> numbers(String name) throws OperationRefused {
    Map<String, Long> numbers = new LinkedHashMap<>();
    for (Map.Entry<String, @Nullable Object> entry : table(name).entrySet()) {
      Object value = entry.getValue();
      if (value == null) {
        throw wrong(entry.getKey(), "a whole number", "null");
      }
      numbers.put(entry.getKey(), whole(entry.getKey(), value));
    }
    return numbers;
  }

  private static OperationRefused wrong(String name, String expected, Object found) {
    return OperationRefused.bad("'" + name + "' should be " + expected + ", not " + shown(found));
  }

  private static String shown(@Nullable Object value) {
    String text = Json.write(value);
    return text.length() <= 60 ? text : text.substring(0, 60) + "...";
  }
}
