package holdfast.server;

import holdfast.store.CorruptionException;
import holdfast.store.DirectoryLockedException;
import holdfast.store.JournalInspection;
import holdfast.store.JournalVerification;
import holdfast.store.LocalDisk;
import holdfast.store.NoJournalException;
import holdfast.store.ReadOnlyDisk;
import holdfast.store.ReadProgress;
import holdfast.store.Salvage;
import holdfast.store.StoreOptions;
import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

/// `holdfast journal verify | inspect | salvage`: reads a data directory that no broker works on,
/// and says what is there.
final class JournalTool {
  private final PrintStream out;
  private final PrintStream err;

  JournalTool(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  ExitStatus run(Command.Journal command) {
    try (ReadOnlyDisk disk = ReadOnlyDisk.open(command.directory())) {
      ExitStatus status =
          switch (command) {
            case Command.Journal.Verify verify -> verify(disk, verify);
            case Command.Journal.Inspect inspect -> inspect(disk, inspect);
            case Command.Journal.Salvage salvage -> salvage(disk, salvage);
          };
      out.flush();
      return status;
    } catch (NoSuchFileException e) {
      return refuse("there is no directory " + e.getFile());
    } catch (NotDirectoryException e) {
      return refuse(e.getFile() + " is no directory");
    } catch (DirectoryLockedException | CorruptionException | NoJournalException e) {
      return refuse(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      return refuse("cannot go on with " + command.directory() + ": " + e);
    }
  }

  private ExitStatus refuse(String why) {
    err.println("holdfast: " + why);
    return ExitStatus.DATA_REFUSED;
  }

  private ReadProgress progress(String what, String unit, boolean asked) {
    Console console = System.console();
    boolean terminal = console != null && console.isTerminal();
    return asked || terminal ? new ProgressLine(err, what, unit, terminal) : (bytes, total) -> {};
  }

  private static void end(ReadProgress progress) {
    if (progress instanceof ProgressLine line) {
      line.end();
    }
  }

  private JournalVerification read(ReadOnlyDisk disk, boolean withProgress) throws IOException {
    ReadProgress progress = progress("reading", ProgressLine.BYTES, withProgress);
    JournalVerification found = JournalVerification.run(disk, progress);
    end(progress);
    return found;
  }

  private ExitStatus verify(ReadOnlyDisk disk, Command.Journal.Verify command) throws IOException {
    JournalVerification found = read(disk, command.withProgress());
    if (command.asJson()) {
      out.println(Json.write(JournalFacts.of(found)));
    } else {
      out.print(JournalText.of(found, command.directory().toString()));
    }
    return found.isWhole() ? ExitStatus.CLEAN : ExitStatus.DAMAGED;
  }

  private ExitStatus inspect(ReadOnlyDisk disk, Command.Journal.Inspect command)
      throws IOException {
    if (command.log().isPresent()) {
      return entries(disk, command.log().getAsLong(), command.asJson());
    }
    JournalInspection found = JournalInspection.run(disk);
    out.print(command.asJson() ? Json.write(JournalFacts.of(found)) + "\n" : JournalText.of(found));
    return ExitStatus.CLEAN;
  }

  /// A line an entry, also as JSON: a log may hold millions.
  private ExitStatus entries(ReadOnlyDisk disk, long log, boolean asJson) throws IOException {
    if (!asJson) {
      out.print(JournalText.ENTRY_HEADING);
    }
    boolean there =
        JournalInspection.entries(
            disk,
            log,
            entry ->
                out.print(
                    asJson ? Json.write(JournalFacts.of(entry)) + "\n" : JournalText.of(entry)));
    return there ? ExitStatus.CLEAN : refuse("there is no log " + log + " in it");
  }

  private ExitStatus salvage(ReadOnlyDisk disk, Command.Journal.Salvage command)
      throws IOException {
    Path target = command.target();
    if (Files.exists(target) && !isEmptyDirectory(target)) {
      return refuse(target + " is there and not empty; name a directory that is new");
    }
    JournalVerification found = read(disk, command.withProgress());
    if (found.isWhole() && !command.force()) {
      return refuse(
          command.directory()
              + " is whole: a broker can start on it, and nothing need be given up."
              + " --force salvages it all the same");
    }
    ReadProgress progress = progress("writing", "entries", command.withProgress());
    Salvage done = Salvage.run(found, LocalDisk.open(target), StoreOptions.standard(), progress);
    end(progress);
    out.print(done.report());
    out.println();
    out.println("Written to " + target + ", with this text as " + Salvage.REPORT_NAME + ".");
    out.println("Start a broker on it: holdfast --data " + target);
    return ExitStatus.CLEAN;
  }

  private static boolean isEmptyDirectory(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return false;
    }
    try (var entries = Files.newDirectoryStream(directory)) {
      return !entries.iterator().hasNext();
    }
  }
}
