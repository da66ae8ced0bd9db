package holdfast.server;

import java.nio.file.Path;
import java.util.OptionalLong;

/// What the command line asked for.
sealed interface Command {
  record Serve(ServeArguments arguments) implements Command {}

  /// Ask a running broker: `status`, `queues` or `connections`.
  record Inspect(String request, Path dataDir, boolean asJson) implements Command {}

  /// Measure the disk under a data directory.
  record BenchDisk(DiskBenchArguments arguments) implements Command {}

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
