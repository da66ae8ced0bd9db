package holdfast.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The examples do what they say, a second time on the same directory as well.
@Timeout(60)
final class ExamplesTest {
  @TempDir private Path directory;

  private interface Program {
    void main(String[] args) throws Exception;
  }

  private List<String> linesOf(Program program) throws Exception {
    PrintStream before = System.out;
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    System.setOut(new PrintStream(output, true, UTF_8));
    try {
      program.main(new String[] {directory.toString()});
    } finally {
      System.setOut(before);
    }
    return output.toString(UTF_8).lines().toList();
  }

  @Test
  void theEmbeddedQueueFindsWhatWasNotAcknowledgedAfterARestart() throws Exception {
    for (int run = 0; run < 2; run++) {
      assertThat(linesOf(EmbeddedQueue::main))
          .containsSubsequence(
              "received bread",
              "received milk",
              "-- restart --",
              "2 orders are left",
              "received milk (perhaps not for the first time)")
          .anyMatch(line -> line.startsWith("received salt"));
    }
  }

  @Test
  void everyTaskOfTheTaskQueueIsDoneThoughWorkersBreakDown() throws Exception {
    for (int run = 0; run < 2; run++) {
      List<String> lines = linesOf(TaskQueue::main);
      assertThat(lines).contains("12 tasks are done");
      assertThat(lines).filteredOn(line -> line.contains("broke down")).hasSize(3);
      assertThat(lines).filteredOn(line -> line.endsWith(", second try")).hasSizeBetween(3, 12);
    }
  }

  @Test
  void theDurableLogsHoldEveryOrderOnce() throws Exception {
    assertThat(linesOf(DurableLogs::main))
        .containsExactly(
            "order 0 is done", "-- restart --", "open: order 1", "open: order 2", "done: order 0");
    assertThat(linesOf(DurableLogs::main))
        .contains("order 1 is done", "open: order 5", "done: order 0", "done: order 1")
        .doesNotContain("open: order 1");
  }
}
