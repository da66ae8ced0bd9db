package holdfast.server;

import java.util.List;

/// What an administrator may ask about one kind of thing, for the command line and whoever else
/// passes operations on: `users`, with `list`, `add` and so on.
///
/// @param verbs the first is what happens when none is named
record Topic(String name, String description, List<Verb> verbs, List<String> examples) {
  /// One operation.
  record Verb(String name, String description, List<Parameter> parameters) {
    boolean takes(String key) {
      return parameters.stream().anyMatch(parameter -> parameter.key().equals(key));
    }
  }

  /// One argument of it.
  ///
  /// @param key its name in JSON; with `--` before it, and a hyphen for an underscore, its option
  /// @param label what the help calls the value
  record Parameter(String key, Shape shape, String label, String description) {
    String option() {
      return "--" + key.replace('_', '-');
    }
  }

  /// How an argument is given.
  enum Shape {
    /// A word at its place.
    WORD,
    /// One that may be left out.
    LAST_WORD,
    /// All words that are left: a list.
    WORDS,
    /// All words that are left, `name=N` each: an object of numbers.
    NUMBERS,
    /// A word that is JSON.
    JSON,
    /// `--key VALUE`.
    TEXT,
    /// `--key N`.
    NUMBER,
    /// `--key`.
    FLAG,
    /// `--key NAME=VALUE`, any number of times: an object of typed values.
    TABLE,
    /// A secret: from a file, a prompt or standard input.
    SECRET
  }

  static Parameter word(String key, String description) {
    return new Parameter(key, Shape.WORD, key.toUpperCase(java.util.Locale.ROOT), description);
  }

  static Parameter lastWord(String key, String description) {
    return new Parameter(key, Shape.LAST_WORD, key.toUpperCase(java.util.Locale.ROOT), description);
  }

  static Parameter text(String key, String label, String description) {
    return new Parameter(key, Shape.TEXT, label, description);
  }

  static Parameter number(String key, String label, String description) {
    return new Parameter(key, Shape.NUMBER, label, description);
  }

  static Parameter flag(String key, String description) {
    return new Parameter(key, Shape.FLAG, "", description);
  }
}
