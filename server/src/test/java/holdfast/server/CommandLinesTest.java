package holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLinesTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @TempDir Path dir;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "serve",
        "--port 0",
        "serve --port 0 --data /d --bind ::1 --config c",
        "--port=0 --set a=b --set=c=d=e --data=",
        "serve --set a=b",
      })
  void bothParsersReadAPlainCommandLineTheSame(String line) {
    String[] args = line.isEmpty() ? new String[0] : line.split(" ");
    assertThat(CommandLines.parse(args))
        .isEqualTo(new Command.Serve(ServeArguments.parsePlain(args).orElseThrow()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--help",
        "status",
        "--port",
        "--port 1 --port 2",
        "serve serve",
        "--prot 1",
        "--port --data",
        "--port 1 serve",
      })
  void whatIsNotPlainIsLeftToTheWholeParser(String line) {
    assertThat(ServeArguments.parsePlain(line.split(" "))).isEmpty();
  }

  @Test
  void optionsMayStandBeforeTheCommand() {
    assertThat(CommandLines.parse("--port", "1", "--set", "a=1", "serve", "--set", "a=2"))
        .isInstanceOfSatisfying(
            Command.Serve.class,
            serve -> {
              assertThat(serve.arguments().port()).contains("1");
              assertThat(serve.arguments().sets()).containsExactly("a=1", "a=2");
            });
    assertThat(CommandLines.parse("--data", "/d", "queues", "--json"))
        .isEqualTo(new Command.Inspect("queues", Path.of("/d"), true));
    assertThat(CommandLines.parse("--data", "/d", "queues", "--data", "/e"))
        .isEqualTo(new Command.Inspect("queues", Path.of("/e"), false));
    assertThat(CommandLines.parse("status"))
        .isEqualTo(new Command.Inspect("status", Path.of("./holdfast-data"), false));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"--port", "--port 1 --port 2", "frobnicate", "--port 1 status", "status --port 1"})
  void aMistakeEndsWithTwoAndSaysWhatToDo(String line) throws InterruptedException {
    assertThat(run(line.split(" "))).isEqualTo(ExitStatus.USAGE);
    assertThat(err.toString(StandardCharsets.UTF_8)).startsWith("holdfast: ");
    assertThat(out.size()).isZero();
  }

  @Test
  void aMistypedCommandOrOptionIsSuggested() throws InterruptedException {
    run("stats");
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("status", "holdfast --help");
    run("--prot", "1");
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("--port");
  }

  @Test
  void aWrongSettingEndsWithTwoBeforeAnythingIsTouched() throws InterruptedException {
    Path data = dir.resolve("data");
    assertThat(run("--data", data.toString(), "--set", "heartbeet=1", "--port", "x"))
        .isEqualTo(ExitStatus.USAGE);
    assertThat(err.toString(StandardCharsets.UTF_8).lines())
        .hasSize(2)
        .allMatch(line -> line.startsWith("holdfast: --"));
    assertThat(data).doesNotExist();
  }

  @Test
  void helpTeaches() throws InterruptedException {
    assertThat(run("--help")).isEqualTo(ExitStatus.CLEAN);
    String help = out.toString(StandardCharsets.UTF_8);
    assertThat(help)
        .contains("./holdfast-data", "5672", "--set", "Examples:", "Exit status:", "queues");
    assertThat(help.lines()).allMatch(line -> line.length() <= 80, "fits a terminal");
    assertThat(help).as("no path is broken").doesNotContain("\n/", " /holdfast-data");
    assertThat(err.size()).isZero();
    for (String command : List.of("serve", "status", "queues", "connections", "bench")) {
      out.reset();
      assertThat(run(command, "--help")).isEqualTo(ExitStatus.CLEAN);
      assertThat(out.toString(StandardCharsets.UTF_8)).contains("--data", command);
    }
  }

  @Test
  void versionIsOneLine() throws InterruptedException {
    assertThat(run("--version")).isEqualTo(ExitStatus.CLEAN);
    assertThat(out.toString(StandardCharsets.UTF_8)).matches("Holdfast \\S+\\R");
  }

  @Test
  void withoutABrokerTheClientCommandsSayHowToStartOne() throws InterruptedException {
    Path data = dir.resolve("none");
    assertThat(run("status", "--data", data.toString())).isEqualTo(ExitStatus.NO_BROKER);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .startsWith("holdfast: no broker is running on data directory " + data)
        .contains("start one with ./holdfast");
  }

  private ExitStatus run(String... args) throws InterruptedException {
    return new Main(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8))
        .run(args);
  }
}
