package holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalToolTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @TempDir Path dir;

  @Test
  void readsTheCommandLineOfEachTool() {
    assertThat(CommandLines.parse("journal", "verify", "/d", "--json"))
        .isEqualTo(new Command.Journal.Verify(Path.of("/d"), true, false));
    assertThat(CommandLines.parse("journal", "inspect", "--log", "7", "/d"))
        .isEqualTo(new Command.Journal.Inspect(Path.of("/d"), OptionalLong.of(7), false));
    assertThat(CommandLines.parse("journal", "salvage", "/d", "--to", "/n", "--force"))
        .isEqualTo(new Command.Journal.Salvage(Path.of("/d"), Path.of("/n"), true, false));
  }

  @Test
  void explainsItselfWithoutATool() {
    assertThat(CommandLines.parse("journal"))
        .isInstanceOfSatisfying(
            Command.Say.class,
            say -> assertThat(say.text()).contains("refuses to start", "salvage", "Exit status"));
  }

  @Test
  void callsAMistakeAMistake() {
    for (String line :
        new String[] {
          "journal verify",
          "journal verfy /d",
          "journal salvage /d",
          "journal inspect /d --log x",
          "--data /d journal verify /d",
          "--port 1 journal verify /d"
        }) {
      assertThat(CommandLines.parse(line.split(" "))).as(line).isInstanceOf(Command.Misuse.class);
    }
  }

  @Test
  void refusesADirectoryWithoutAJournal() {
    assertThat(run(new Command.Journal.Verify(dir, false, false)))
        .isEqualTo(ExitStatus.DATA_REFUSED);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("holds no journal");
  }

  @Test
  void escapesWhatCouldSteerATerminal() {
    assertThat(JournalText.escaped("a\u001b[31m\\\nü\u202e"))
        .isEqualTo("a\\u{1b}[31m\\\\\\nü\\u{202e}");
  }

  @Test
  void tellsProgressWithRateAndTheTimeLeft() {
    assertThat(ProgressLine.text("reading", ProgressLine.BYTES, 1L << 30, 5L << 30, 2_000))
        .isEqualTo("reading: 1.0 GiB of 5.0 GiB, 512.0 MiB/s, 8 s left");
  }

  private ExitStatus run(Command.Journal command) {
    return new JournalTool(new PrintStream(out), new PrintStream(err)).run(command);
  }
}
