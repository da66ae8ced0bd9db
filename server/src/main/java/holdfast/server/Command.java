package holdfast.server;

import holdfast.load.LoadPlan;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// What the command line asked for.
sealed interface Command {
  record Serve(ServeArguments arguments) implements Command {}

  /// Ask a running broker: `status`, `queues` or `connections`.
  record Inspect(String request, Path dataDir, boolean asJson) implements Command {}

  /// Have a running broker do an operation of [Topics].
  ///
  /// @param secret whether a password is to be read first
  /// @param secretFile where from; empty for the terminal or standard input
  record Administer(
      String topic,
      String verb,
      Map<String, Object> arguments,
      boolean secret,
      Optional<String> secretFile,
      Path dataDir,
      boolean asJson)
      implements Command {}

  /// Definitions into a running broker, or out of it.
  ///
  /// @param file `-` for standard input or output
  record Definitions(
      boolean isImport, String file, Optional<String> vhost, Path dataDir, boolean asJson)
      implements Command {}

  /// Measure the disk under a data directory.
  record BenchDisk(DiskBenchArguments arguments) implements Command {}

  /// Load a broker.
  ///
  /// @param json where the whole result goes
  /// @param arguments as they were given, for the result
  record BenchAmqp(LoadPlan plan, Optional<Path> json, boolean isQuiet, List<String> arguments)
      implements Command {}

  /// Look at, or save what is left of, a data directory that no broker works on.
  sealed interface Journal extends Command {
    Path directory();

    record Verify(Path directory, boolean asJson, boolean withProgress) implements Journal {}

    /// @param log the log whose entries are listed; all there is but entries if empty
    record Inspect(Path directory, OptionalLong log, boolean asJson) implements Journal {}

    record Salvage(Path directory, Path target, boolean force, boolean withProgress)
        implements Journal {}
  }

  /// Help or the version, for standard output.
  record Say(String text) implements Command {}

  /// A mistake, for standard error.
  record Misuse(String text) implements Command {}
}
