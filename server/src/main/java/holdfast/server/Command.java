package holdfast.server;

import java.nio.file.Path;

/// What the command line asked for.
sealed interface Command {
  record Serve(ServeArguments arguments) implements Command {}

  /// Ask a running broker: `status`, `queues` or `connections`.
  record Inspect(String request, Path dataDir, boolean asJson) implements Command {}

  /// Help or the version, for standard output.
  record Say(String text) implements Command {}

  /// A mistake, for standard error.
  record Misuse(String text) implements Command {}
}
