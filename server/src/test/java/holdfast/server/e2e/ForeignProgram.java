package holdfast.server.e2e;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// A process that is not ours, its output kept in a file. It ends with the test that started it.
final class ForeignProgram implements AutoCloseable {
  private final Process process;
  private final Path printed;

  private ForeignProgram(Process process, Path printed) {
    this.process = process;
    this.printed = printed;
  }

  static ForeignProgram start(
      Path directory, String name, List<String> command, Map<String, String> environment)
      throws IOException {
    Path printed = Files.createTempFile(directory, name + "-", ".out");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectInput(new File("/dev/null"))
            .redirectErrorStream(true)
            .redirectOutput(printed.toFile());
    builder.environment().putAll(environment);
    return new ForeignProgram(builder.start(), printed);
  }

  /// Whether a command can be run and ends well: how a test asks for what it needs.
  static boolean runs(String... command) throws InterruptedException {
    return runs(30, command);
  }

  static boolean runs(int seconds, String... command) throws InterruptedException {
    try {
      Process asking =
          new ProcessBuilder(command)
              .redirectInput(new File("/dev/null"))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return asking.waitFor(seconds, TimeUnit.SECONDS) && asking.exitValue() == 0;
    } catch (IOException missing) {
      return false;
    }
  }

  String printed() throws IOException {
    return Files.readString(printed);
  }

  /// For a failure's message, which may not fail itself.
  String printedOrNothing() {
    try {
      return printed();
    } catch (IOException unreadable) {
      return "(no output: " + unreadable + ")";
    }
  }

  /// Waits for the program's own end; the exit code, or -1 when it had to be ended.
  int await(int seconds) throws InterruptedException {
    if (process.waitFor(seconds, TimeUnit.SECONDS)) {
      return process.exitValue();
    }
    close();
    return -1;
  }

  /// With its children, if it has any: orphans would hold on to the broker.
  @Override
  public void close() {
    List<ProcessHandle> family = process.descendants().toList();
    process.destroyForcibly();
    family.forEach(ProcessHandle::destroyForcibly);
  }
}
