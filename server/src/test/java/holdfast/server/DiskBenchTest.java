package holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import holdfast.store.LocalDisk;
import holdfast.store.TimeModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class DiskBenchTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @TempDir Path dir;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "bench                          | holdfast bench disk",
        "bench disc                     | Did you mean disk",
        "bench disk --seconds 0         | --seconds 0: expected a number from 1 to 3,600",
        "bench disk --seconds soon      | --seconds soon: expected a number",
        "bench disk --latency-ms NaN    | --latency-ms NaN: expected a number",
        "bench disk --rate -1           | --rate -1: expected a number",
        "bench disk --record-bytes 5000000 | --record-bytes 5000000: expected a number from 1 to",
        "bench disk --port 1            | --port",
        "--port 1 bench disk            | --port is for 'serve', not for 'bench disk'",
      })
  void aMistakeEndsWithTwoAndSaysWhatIsExpected(String line, String says)
      throws InterruptedException {
    assertThat(run(line.strip().split(" +"))).isEqualTo(ExitStatus.USAGE);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .startsWith("holdfast: ")
        .contains(says.strip());
    assertThat(out.size()).isZero();
  }

  @Test
  void takesItsOptions() {
    assertThat(
            CommandLines.parse(
                ("--data /d bench disk --seconds 2.5 --latency-ms 5 --rate 1e5 --record-bytes 64"
                        + " --svg p.svg --json")
                    .split(" ")))
        .isEqualTo(
            new Command.BenchDisk(
                new DiskBenchArguments(
                    Path.of("/d"),
                    2.5,
                    true,
                    Optional.of(Path.of("p.svg")),
                    OptionalDouble.of(5),
                    OptionalDouble.of(1e5),
                    64)));
    assertThat(CommandLines.parse("bench", "disk", "--data", "/e"))
        .isEqualTo(new Command.BenchDisk(wish(OptionalDouble.empty(), OptionalDouble.empty())));
  }

  @Test
  void measuresARealDiskAndLeavesNothingBehind() throws Exception {
    Path data = dir.resolve("new");
    Path svg = dir.resolve("picture.svg");
    ExitStatus status =
        run(("bench disk --json --seconds 1 --rate 1 --data " + data + " --svg " + svg).split(" "));
    assertThat(status).as(err.toString(StandardCharsets.UTF_8)).isEqualTo(ExitStatus.CLEAN);
    assertThat(data).as("made for the run, gone with it").doesNotExist();
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("sync: turn 1 of 1");
    Map<?, ?> document = (Map<?, ?>) JsonReader.read(out.toString(StandardCharsets.UTF_8).strip());
    assertThat(document.keySet().stream().map(String::valueOf))
        .contains("directory", "durability", "warnings", "swing", "model", "cells", "choice");
    Map<?, ?> model = (Map<?, ?>) document.get("model");
    assertThat(model.keySet().stream().map(String::valueOf))
        .containsExactly(
            "transfer_bytes_per_second",
            "write_us",
            "sync_us",
            "hand_over_us",
            "half_transfer_bytes");
    List<?> cells = (List<?>) document.get("cells");
    assertThat(cells).hasSize(30 * DiskPolicy.all().size());
    for (Object each : cells) {
      Map<?, ?> cell = (Map<?, ?>) each;
      for (String key :
          List.of("predicted_us", "measured_p50_us", "measured_p99_us", "measured_per_second")) {
        assertThat(((Number) cell.get(key)).doubleValue()).as("%s of %s", key, cell).isPositive();
      }
    }
    assertThat(((Map<?, ?>) document.get("choice")).get("policy")).isEqualTo("sync");
    assertThat(
            DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(svg.toFile())
                .getElementsByTagName("circle")
                .getLength())
        .isGreaterThan(20);
  }

  @Test
  void leavesADataDirectoryAsItWas() throws Exception {
    Files.writeString(dir.resolve("journal.seg"), "a broker's");
    // What a killed run has left.
    Path left = Files.createDirectory(dir.resolve(DiskScratch.NAME));
    Files.writeString(left.resolve("spare-1.seg"), "zeros");
    assertThat(run("bench", "disk", "--seconds", "1", "--data", dir.toString()))
        .isEqualTo(ExitStatus.CLEAN);
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("  R  ", "  W  ", "  F  ", "  H  ", "Policy sync", "4 MiB", "10000");
    try (var names = Files.list(dir)) {
      assertThat(names).containsExactly(dir.resolve("journal.seg"));
    }
  }

  @Test
  void whatCannotBeMeasuredIsRefusedWithTheReason() throws Exception {
    Path file = Files.writeString(dir.resolve("file"), "");
    assertThat(run("bench", "disk", "--data", file.toString())).isEqualTo(ExitStatus.DATA_REFUSED);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains(file.toString());
    err.reset();
    try (LocalDisk held = LocalDisk.open(dir.resolve(DiskScratch.NAME))) {
      assertThat(run("bench", "disk", "--data", dir.toString())).isEqualTo(ExitStatus.DATA_REFUSED);
      assertThat(err.toString(StandardCharsets.UTF_8)).contains("another 'holdfast bench disk'");
      assertThat(held.names()).isNotEmpty();
    }
  }

  @Test
  void choosesThePolicyThatPromisesMostAmongThoseThatDo() {
    DiskPolicy strong = DiskPolicy.all().getFirst();
    DiskPolicy weak = new DiskPolicy("weak", "the kernel has it", strong.options(), strong.model());
    List<DiskPolicy> policies = List.of(strong, weak);
    List<DiskFigures.Cell> cells =
        List.of(
            cell("sync", 100, 50_000, 2e6),
            cell("sync", 1, 5_000, 1e6),
            cell("weak", 1, 60_000, 1e4));
    assertThat(choice(policies, cells, 5, 40_000)).hasValue(cells.get(0));
    assertThat(choice(policies, cells, 5, 4_000)).as("the fewest that do").hasValue(cells.get(1));
    assertThat(choice(policies, cells, 0.5, 4_000)).hasValue(cells.get(2));
    assertThat(choice(policies, cells, 5, 70_000)).isEmpty();
  }

  private static Optional<DiskFigures.Cell> choice(
      List<DiskPolicy> policies, List<DiskFigures.Cell> cells, double ms, double rate) {
    return DiskChoice.of(wish(OptionalDouble.of(ms), OptionalDouble.of(rate)), policies, cells)
        .cell();
  }

  private static DiskBenchArguments wish(OptionalDouble latencyMs, OptionalDouble rate) {
    return new DiskBenchArguments(
        Path.of("/e"), 15, false, Optional.empty(), latencyMs, rate, 1024);
  }

  private static DiskFigures.Cell cell(String policy, int outstanding, double rate, double p99Ns) {
    return new DiskFigures.Cell(
        policy, 1024, outstanding, p99Ns, new DiskLoad.Measured(rate, p99Ns / 2, p99Ns, 100));
  }

  @Test
  void predictsDiskAndProcessor() {
    TimeModel model = new TimeModel(1e9, 30_000, 70_000, 20_000);
    DiskWork work = new DiskWork(500, 0.5);
    // 10 x (976 + 48) bytes are three blocks; the processor takes 500 + 488 ns for each.
    assertThat(work.groupNs(model, 10, 976, 2 << 20))
        .isCloseTo(12_288 + 120_000 + 9_880, within(1e-6));
    assertThat(cell("sync", 100, 250_000, 1e6).predictedRate()).isCloseTo(100_000, within(1e-6));
    assertThat(cell("sync", 100, 250_000, 1e6).rateError()).isCloseTo(1.5, within(1e-9));
    assertThat(cell("sync", 100, 250_000, 1e6).latencyError()).isCloseTo(-0.5, within(1e-9));
  }

  @Test
  void writesFiguresForPeople() {
    List<String> shown = new ArrayList<>();
    for (double value : new double[] {0.1234, 1.234, 12.34, 1234.4, 3}) {
      shown.add(DiskFigures.plain(value));
    }
    assertThat(shown).containsExactly("0.123", "1.23", "12.3", "1,234", "3");
    assertThat(DiskFigures.size(64)).isEqualTo("64 B");
    assertThat(DiskFigures.size(1536)).isEqualTo("1536 B");
    assertThat(DiskFigures.size(4 << 20)).isEqualTo("4 MiB");
  }

  @Test
  void theScratchIsClearedWhenItsOwnerIsStopped() throws IOException {
    try (DiskScratch scratch = DiskScratch.open(dir)) {
      Files.writeString(dir.resolve(DiskScratch.NAME).resolve("x"), "x");
      assertThat(scratch.isStopping()).isFalse();
    }
    assertThat(dir).isEmptyDirectory();
  }

  private ExitStatus run(String... args) throws InterruptedException {
    return new Main(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8))
        .run(args);
  }
}
