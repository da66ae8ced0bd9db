package holdfast.server;

import java.util.Optional;

/// One setting that may be given: its name as RabbitMQ knows it where RabbitMQ has it, its type,
/// its default as it would be written (empty: unset), and a line of documentation.
///
/// A name that ends in `<name>` is a family: `listeners.tcp.<name>` covers `listeners.tcp.1`.
record ConfigKey<T>(String name, ValueType<T> type, String defaultText, String doc) {
  private static final String ANY_NAME = "<name>";

  /// Keys are told apart by their names.
  boolean is(ConfigKey<?> other) {
    return name.equals(other.name);
  }

  boolean isFamily() {
    return name.endsWith(ANY_NAME);
  }

  /// What stands for `<name>` in a family's member; empty when the key is none of it.
  Optional<String> memberName(String key) {
    String prefix = familyPrefix();
    return isFamily() && key.startsWith(prefix) && key.length() > prefix.length()
        ? Optional.of(key.substring(prefix.length()))
        : Optional.empty();
  }

  boolean covers(String key) {
    return name.equals(key) || memberName(key).isPresent();
  }

  /// The name to compare a mistyped key with: a family takes the key's own last part.
  String nameNear(String key) {
    return isFamily() ? familyPrefix() + key.substring(key.lastIndexOf('.') + 1) : name;
  }

  Optional<T> defaultValue() {
    return defaultText.isEmpty() ? Optional.empty() : type.parse(defaultText);
  }

  private String familyPrefix() {
    return isFamily() ? name.substring(0, name.length() - ANY_NAME.length()) : name;
  }
}
