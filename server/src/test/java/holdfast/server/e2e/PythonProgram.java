package holdfast.server.e2e;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A program of `src/test/python`, run with the system's Python as its author would run it.
final class PythonProgram implements AutoCloseable {
  private static final String PYTHON = "/usr/bin/python3";

  private final ForeignProgram program;

  private PythonProgram(ForeignProgram program) {
    this.program = program;
  }

  static boolean pikaInstalled() throws Exception {
    return installed("pika");
  }

  static boolean installed(String module) throws InterruptedException {
    return ForeignProgram.runs(PYTHON, "-B", "-c", "import " + module);
  }

  static PythonProgram start(Path directory, String program, int port, String... arguments)
      throws IOException {
    Path folder = BrokerProcess.repository().resolve("server/src/test/python");
    List<String> command =
        new ArrayList<>(List.of(PYTHON, "-B", "-u", folder.resolve(program).toString()));
    command.addAll(List.of("--host", "127.0.0.1", "--port", String.valueOf(port)));
    command.addAll(List.of(arguments));
    return new PythonProgram(ForeignProgram.start(directory, program, command, Map.of()));
  }

  String printed() throws IOException {
    return program.printed();
  }

  /// For a failure's message, which may not fail itself.
  String printedOrNothing() {
    return program.printedOrNothing();
  }

  /// Waits for the program's own end; the exit code, or -1 when it had to be ended.
  int await(int seconds) throws InterruptedException {
    return program.await(seconds);
  }

  @Override
  public void close() {
    program.close();
  }
}
