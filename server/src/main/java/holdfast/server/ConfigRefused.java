package holdfast.server;

import java.util.List;

/// The configuration has mistakes: all of them, one line each, every line naming where it stands.
final class ConfigRefused extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<String> problems;

  ConfigRefused(List<String> problems) {
    super(String.join("\n", problems));
    this.problems = List.copyOf(problems);
  }

  List<String> problems() {
    return problems;
  }
}
