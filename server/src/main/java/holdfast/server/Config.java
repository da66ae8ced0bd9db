package holdfast.server;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// All that was configured, checked: every key is known and every value is what its key expects.
/// Immutable; what was not given falls back to the key's default.
final class Config {
  /// By the name as written, the last one given for it.
  private final SequencedMap<String, ConfigEntry> entries;

  private Config(SequencedMap<String, ConfigEntry> entries) {
    this.entries = entries;
  }

  /// From entries in order of precedence, the weakest first.
  static Config of(List<ConfigEntry> layered) throws ConfigRefused {
    SequencedMap<String, ConfigEntry> entries = new LinkedHashMap<>();
    List<String> problems = new ArrayList<>();
    for (ConfigEntry entry : layered) {
      problem(entry).ifPresent(problems::add);
      entries.put(entry.key(), entry);
    }
    if (!problems.isEmpty()) {
      throw new ConfigRefused(problems);
    }
    return new Config(entries);
  }

  private static Optional<String> problem(ConfigEntry entry) {
    Optional<ConfigKey<?>> found = ConfigKeys.find(entry.key());
    if (found.isEmpty()) {
      String hint =
          ConfigKeys.nearest(entry.key())
              .map(name -> "; did you mean '" + name + "'?")
              .orElse("; docs/configuration.md lists all keys");
      return Optional.of(entry.origin() + ": unknown key '" + entry.key() + "'" + hint);
    }
    ConfigKey<?> key = found.get();
    if (key.type().parse(entry.value()).isPresent()) {
      return Optional.empty();
    }
    // A password is not for the terminal or a log.
    String shown = isSecret(key) ? "" : " = '" + entry.value() + "'";
    return Optional.of(
        entry.origin() + ": " + entry.key() + shown + ": expected " + key.type().expected());
  }

  private static boolean isSecret(ConfigKey<?> key) {
    return key.is(ConfigKeys.DEFAULT_PASS) || key.is(TlsKeys.KEY_PASSWORD);
  }

  boolean isGiven(ConfigKey<?> key) {
    return entries.containsKey(key.name());
  }

  /// The value given for a key, or its default; empty only for a key without either.
  <T> Optional<T> find(ConfigKey<T> key) {
    ConfigEntry entry = entries.get(key.name());
    return entry == null ? key.defaultValue() : key.type().parse(entry.value());
  }

  /// The value given for a key that has a default, or that default.
  <T> T value(ConfigKey<T> key) {
    return find(key).orElseThrow();
  }

  /// The members given of a family, by what stands for `<name>`, in the order given.
  <T> Map<String, T> family(ConfigKey<T> key) {
    SequencedMap<String, T> members = new LinkedHashMap<>();
    for (ConfigEntry entry : entries.values()) {
      if (ConfigKeys.find(entry.key()).filter(key::is).isPresent()) {
        key.memberName(entry.key())
            .ifPresent(name -> members.put(name, key.type().parse(entry.value()).orElseThrow()));
      }
    }
    return members;
  }
}
