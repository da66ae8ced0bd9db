package holdfast.server.e2e;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A program of `src/test/python`, run with the system's Python as its author would run it.
final class PythonProgram implements AutoCloseable {
  private static final String PYTHON = "/usr/bin/python3";

  private final Process process;
  private final Path printed;

  private PythonProgram(Process process, Path printed) {
    this.process = process;
    this.printed = printed;
  }

  static boolean pikaInstalled() throws Exception {
    if (!Files.isExecutable(Path.of(PYTHON))) {
      return false;
    }
    Process asking =
        new ProcessBuilder(PYTHON, "-B", "-c", "import pika")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    return asking.waitFor(30, TimeUnit.SECONDS) && asking.exitValue() == 0;
  }

  static PythonProgram start(Path directory, String program, int port, String... arguments)
      throws IOException {
    Path folder = BrokerProcess.repository().resolve("server/src/test/python");
    List<String> command =
        new ArrayList<>(List.of(PYTHON, "-B", "-u", folder.resolve(program).toString()));
    command.addAll(List.of("--host", "127.0.0.1", "--port", String.valueOf(port)));
    command.addAll(List.of(arguments));
    Path printed = Files.createTempFile(directory, program + "-", ".out");
    Process process =
        new ProcessBuilder(command)
            .redirectInput(new File("/dev/null"))
            .redirectErrorStream(true)
            .redirectOutput(printed.toFile())
            .start();
    return new PythonProgram(process, printed);
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

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
