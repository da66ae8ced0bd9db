package holdfast.server;

import holdfast.server.ImportReport.Fate;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// `holdfast definitions export | import`: between a file and the running broker.
final class DefinitionsCommand {
  /// Instead of a file's name: standard input or output.
  private static final String STANDARD = "-";

  /// So many of what was not taken are printed.
  private static final int PRINTED_MAX = 50;

  private final PrintStream out;
  private final PrintStream err;
  private final InputStream in;

  DefinitionsCommand(PrintStream out, PrintStream err, InputStream in) {
    this.out = out;
    this.err = err;
    this.in = in;
  }

  ExitStatus run(Command.Definitions command) {
    try {
      return command.isImport() ? take(command) : give(command);
    } catch (NoBroker absent) {
      err.println("holdfast: " + absent.getMessage());
      return ExitStatus.NO_BROKER;
    } catch (OperationRefused refused) {
      err.println("holdfast: " + refused.text());
      return ExitStatus.REFUSED;
    } catch (NoSuchFileException missing) {
      err.println("holdfast: there is no file " + command.file());
      return ExitStatus.USAGE;
    } catch (IOException failed) {
      err.println("holdfast: cannot read or write " + command.file() + ": " + failed);
      return ExitStatus.USAGE;
    }
  }

  // --- export ---

  private ExitStatus give(Command.Definitions command)
      throws IOException, NoBroker, OperationRefused {
    Map<String, @Nullable Object> arguments = new LinkedHashMap<>();
    command.vhost().ifPresent(host -> arguments.put("vhost", host));
    String request = "definitions.export " + Json.write(arguments);
    if (command.file().equals(STANDARD)) {
      Path draft = Files.createTempFile("holdfast-definitions-", ".json");
      try {
        fetch(command.dataDir(), request, draft);
        Files.copy(draft, out);
        out.flush();
      } finally {
        Files.deleteIfExists(draft);
      }
      return ExitStatus.CLEAN;
    }
    Path target = Path.of(command.file()).toAbsolutePath();
    // Beside it, so that it is moved in one go; for its owner alone, since hashes are in it.
    Path draft = Files.createTempFile(target.getParent(), ".definitions-", ".json");
    try {
      fetch(command.dataDir(), request, draft);
      Files.move(draft, target, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(draft);
    }
    return ExitStatus.CLEAN;
  }

  private static void fetch(Path dataDir, String request, Path draft)
      throws IOException, NoBroker, OperationRefused {
    try (OutputStream to = Files.newOutputStream(draft)) {
      ControlClient.copy(dataDir, request, to);
    }
    byte[] start;
    try (InputStream from = Files.newInputStream(draft)) {
      start = from.readNBytes(ControlServer.ERROR_START.length());
    }
    if (new String(start, java.nio.charset.StandardCharsets.US_ASCII)
        .equals(ControlServer.ERROR_START)) {
      throw AdministerCommand.refusal(JsonReader.read(Files.readString(draft)));
    }
  }

  // --- import ---

  private ExitStatus take(Command.Definitions command)
      throws IOException, NoBroker, OperationRefused {
    if (!command.file().equals(STANDARD)) {
      return take(command, Path.of(command.file()));
    }
    // It is read more than once.
    Path copy = Files.createTempFile("holdfast-definitions-", ".json");
    try {
      Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
      return take(command, copy);
    } finally {
      Files.deleteIfExists(copy);
    }
  }

  private ExitStatus take(Command.Definitions command, Path file)
      throws IOException, NoBroker, OperationRefused {
    java.io.Console console = System.console();
    boolean isTerminal = console != null && console.isTerminal() && !command.asJson();
    ImportReport report;
    try {
      report =
          new DefinitionsImport(
                  new DefinitionsFile(file),
                  command.vhost(),
                  target(command.dataDir()),
                  done -> {
                    if (isTerminal) {
                      err.print("\r" + done + " definitions");
                      err.flush();
                    }
                  })
              .run();
    } catch (IllegalArgumentException malformed) {
      err.println(
          "holdfast: nothing was taken from " + command.file() + ": " + malformed.getMessage());
      return ExitStatus.USAGE;
    }
    if (isTerminal) {
      err.println();
    }
    if (command.asJson()) {
      out.println(Json.write(report.json()));
    } else {
      print(report);
    }
    return report.count(Fate.REFUSED) == 0 ? ExitStatus.CLEAN : ExitStatus.REFUSED;
  }

  private static DefinitionsImport.Target target(Path dataDir) {
    return (section, items, vhost) -> {
      Map<String, @Nullable Object> arguments = new LinkedHashMap<>();
      arguments.put("section", section);
      arguments.put("vhost", vhost);
      arguments.put("items", items);
      Object answer =
          AdministerCommand.answer(
              ControlClient.ask(dataDir, "definitions.take " + Json.write(arguments)));
      return ImportReport.of(Asked.of(answer));
    };
  }

  private void print(ImportReport report) {
    out.println(report.summary());
    List<Map<String, @Nullable Object>> rows =
        report.lines().stream().limit(PRINTED_MAX).map(DefinitionsCommand::row).toList();
    if (!rows.isEmpty()) {
      out.println();
      out.print(Table.ofRows(rows));
    }
    long named = report.count(Fate.KEPT) + report.count(Fate.SKIPPED) + report.count(Fate.REFUSED);
    if (named > rows.size()) {
      out.println(
          "... and "
              + (named - rows.size())
              + " more; --json names up to "
              + ImportReport.NAMED_MAX);
    }
  }

  private static Map<String, @Nullable Object> row(ImportReport.Line line) {
    Map<String, @Nullable Object> row = new LinkedHashMap<>();
    row.put(
        "what",
        switch (line.fate()) {
          case KEPT -> "kept as it is";
          case SKIPPED -> "without meaning here";
          case REFUSED -> "refused";
          case TAKEN -> "taken";
          case SAME -> "the same";
        });
    row.put("section", line.section());
    row.put("name", line.name());
    row.put("reason", line.reason());
    return row;
  }

  /// At boot, into the broker of this process: a file, or all of a directory's in their order.
  static void load(Path path, Administration administration, org.slf4j.Logger log)
      throws StartRefused {
    for (Path file : filesOf(path)) {
      try {
        ImportReport report =
            new DefinitionsImport(
                    new DefinitionsFile(file),
                    Optional.empty(),
                    (section, items, vhost) -> take(administration, section, items, vhost),
                    done -> {})
                .run();
        log.info("definitions of {}: {}", file, report.summary());
        for (ImportReport.Line line : report.lines()) {
          if (line.fate() == Fate.REFUSED) {
            log.warn("{}: {} '{}' refused: {}", file, line.section(), line.name(), line.reason());
          }
        }
      } catch (IOException | IllegalArgumentException | OperationRefused | NoBroker failed) {
        throw new StartRefused(
            ExitStatus.USAGE,
            "cannot load the definitions of " + file + ": " + failed.getMessage(),
            failed);
      }
    }
  }

  private static ImportReport take(
      Administration administration, String section, List<?> items, String vhost)
      throws OperationRefused {
    Map<String, @Nullable Object> arguments = new LinkedHashMap<>();
    arguments.put("section", section);
    arguments.put("vhost", vhost);
    arguments.put("items", items);
    return ImportReport.of(Asked.of(administration.run("definitions.take", new Asked(arguments))));
  }

  private static List<Path> filesOf(Path path) throws StartRefused {
    if (!Files.exists(path)) {
      throw new StartRefused(
          ExitStatus.USAGE,
          "there are no definitions at "
              + path
              + ": put the file there, or take load_definitions out of the configuration");
    }
    if (!Files.isDirectory(path)) {
      return List.of(path);
    }
    try (var files = Files.list(path)) {
      return files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    } catch (IOException failed) {
      throw new StartRefused(
          ExitStatus.USAGE, "cannot list the definitions in " + path + ": " + failed, failed);
    }
  }
}
