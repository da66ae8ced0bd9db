package holdfast.server;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// What `holdfast serve` was told on the command line, as it was written.
record ServeArguments(
    Optional<String> data,
    Optional<String> port,
    Optional<String> bind,
    Optional<String> config,
    List<String> sets) {

  /// Understands the plain spelling, `[serve] --option value ...`, without loading the command-line
  /// library: that takes 150-200 ms, a quarter of the whole start. Anything else (help, an
  /// abbreviated or unknown option, another command) is left to [CommandLines], which reads this
  /// one the same.
  static Optional<ServeArguments> parsePlain(String... args) {
    int first = args.length > 0 && args[0].equals("serve") ? 1 : 0;
    List<String> names = new ArrayList<>();
    List<String> values = new ArrayList<>();
    for (int i = first; i < args.length; i++) {
      int equals = args[i].indexOf('=');
      String name = equals < 0 ? args[i] : args[i].substring(0, equals);
      boolean repeated = names.contains(name) && !name.equals("--set");
      boolean valueIsThere = equals >= 0 || (i + 1 < args.length && !args[i + 1].startsWith("-"));
      if (!isOption(name) || repeated || !valueIsThere) {
        return Optional.empty();
      }
      names.add(name);
      values.add(equals < 0 ? args[++i] : args[i].substring(equals + 1));
    }
    return Optional.of(of(name -> allNamed(name, names, values)));
  }

  /// From whatever knows the values given for an option.
  static ServeArguments of(Function<String, List<String>> given) {
    return new ServeArguments(
        given.apply("--data").stream().findFirst(),
        given.apply("--port").stream().findFirst(),
        given.apply("--bind").stream().findFirst(),
        given.apply("--config").stream().findFirst(),
        List.copyOf(given.apply("--set")));
  }

  /// The configuration these arguments ask for. Later goes before earlier: the file, then `--data
  /// --port --bind`, then `--set`.
  Config load() throws ConfigRefused {
    List<ConfigEntry> entries = new ArrayList<>();
    if (config.isPresent()) {
      entries.addAll(ConfigFile.read(Path.of(config.get())));
    }
    if (port.isPresent()) {
      // Who names a port means that one only, not the file's further listeners as well.
      entries.removeIf(entry ->
          ConfigKeys.LISTENERS.covers(entry.key())
              || ConfigKeys.NO_LISTENERS.covers(entry.key())
              || ConfigKeys.TLS_LISTENERS.covers(entry.key()));
      entries.add(new ConfigEntry(ConfigKeys.LISTENER.name(), port.get(), "--port"));
    }
    bind.ifPresent(host -> entries.add(new ConfigEntry(ConfigKeys.BIND.name(), host, "--bind")));
    data.ifPresent(dir -> entries.add(new ConfigEntry(ConfigKeys.DATA_DIR.name(), dir, "--data")));
    for (String set : sets) {
      int equals = set.indexOf('=');
      if (equals <= 0) {
        throw new ConfigRefused(List.of("--set: expected key=value, found '" + set + "'"));
      }
      String key = set.substring(0, equals).strip();
      entries.add(new ConfigEntry(key, set.substring(equals + 1).strip(), "--set"));
    }
    return Config.of(entries);
  }

  private static boolean isOption(String name) {
    return switch (name) {
      case "--data", "--port", "--bind", "--config", "--set" -> true;
      default -> false;
    };
  }

  private static List<String> allNamed(String name, List<String> names, List<String> values) {
    List<String> found = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      if (names.get(i).equals(name)) {
        found.add(values.get(i));
      }
    }
    return found;
  }
}
