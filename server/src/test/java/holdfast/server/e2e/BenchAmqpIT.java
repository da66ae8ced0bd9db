package holdfast.server.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import holdfast.server.JsonText;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// `holdfast bench amqp` as it is shipped, against the packaged broker.
class BenchAmqpIT {
  private static TestedBroker broker;

  @BeforeAll
  static void startBroker() throws Exception {
    Needed.packagedBroker();
    broker = TestedBroker.start("bench-amqp");
  }

  @AfterAll
  static void stopBroker() {
    if (broker != null) {
      broker.close();
      broker = null;
    }
  }

  private record Ran(int status, String printed, Map<?, ?> json) {
    double number(String key) {
      return ((Number) json.get(key)).doubleValue();
    }

    Map<?, ?> map(String key) {
      return (Map<?, ?>) json.get(key);
    }
  }

  private static Ran bench(String... options) throws Exception {
    Path json = broker.directory().resolve("bench.json");
    Files.deleteIfExists(json);
    List<String> command =
        new ArrayList<>(
            List.of(
                BrokerProcess.repository().resolve("holdfast").toString(),
                "bench",
                "amqp",
                "--uri",
                "amqp://127.0.0.1:" + broker.port(),
                "--json",
                json.toString()));
    command.addAll(List.of(options));
    try (ForeignProgram program =
        ForeignProgram.start(
            broker.directory(), "bench", command, Map.of("HOLDFAST_NO_BUILD", "1"))) {
      int status = program.await(90);
      return new Ran(status, program.printed(), (Map<?, ?>) JsonText.read(Files.readString(json)));
    }
  }

  @Test
  void aSecondOfConfirmedMessagesIsMeasured() throws Exception {
    Ran ran = bench("--seconds", "1", "--warmup", "0.5", "--confirms", "100", "--drain");
    assertThat(ran.status()).as(ran.printed()).isZero();
    assertThat(ran.printed()).contains("confirm", "delivery", "p99.9");
    assertThat(ran.number("published")).isPositive().isEqualTo(ran.number("confirmed"));
    assertThat(ran.number("received")).isEqualTo(ran.number("published"));
    for (String none : List.of("missing", "duplicates", "disordered", "nacked", "returned")) {
      assertThat(ran.number(none)).as(none).isZero();
    }
    assertThat(ran.number("seconds")).isBetween(0.9, 5.0);
    assertThat(ran.number("confirmed_per_s")).isPositive();
    assertThat(ran.number("cpu_seconds")).isPositive();
    for (String latency : List.of("confirm_us", "delivery_us")) {
      Map<?, ?> found = ran.map(latency);
      assertThat(((Number) found.get("samples")).longValue()).isPositive();
      double before = 0;
      for (String percentile : List.of("p50", "p90", "p99", "p999", "max")) {
        double value = ((Number) found.get(percentile)).doubleValue();
        assertThat(value).as(latency + " " + percentile).isGreaterThanOrEqualTo(before);
        before = value;
      }
      assertThat(before).isPositive();
    }
    assertThat((List<?>) ran.json().get("per_second")).isNotEmpty();
    assertThat((List<?>) ran.json().get("arguments")).anyMatch("--confirms"::equals);
  }

  @Test
  void everyKindOfConnectionWorksAtOnce() throws Exception {
    Ran ran =
        bench(
            "--count",
            "4000",
            "--rate",
            "4000",
            "--drain",
            "--queues",
            "3",
            "--producers",
            "2",
            "--consumers",
            "2",
            "--idle-connections",
            "20",
            "--slow-consumers",
            "1",
            "--headers",
            "2",
            "--large-size",
            "300000",
            "--threads",
            "2",
            "--ack-every",
            "7",
            "--ack-alternately");
    assertThat(ran.status()).as(ran.printed()).isZero();
    assertThat(ran.number("published")).isEqualTo(4000);
    assertThat(ran.number("received")).as("a queue of four is the slow one's").isEqualTo(3000);
    assertThat(((Number) ran.map("large").get("received")).longValue()).isPositive();
    assertThat(((Number) ran.map("slow").get("received")).longValue()).isPositive();
  }

  @Test
  void whatTheBrokerRefusesIsNamed() throws Exception {
    Ran none = bench("--seconds", "1", "--no-declare", "--queue", "nowhere");
    assertThat(none.status()).isEqualTo(6);
    assertThat(none.printed()).contains("404", "nowhere");
    Ran full =
        bench(
            "--count",
            "1000",
            "--produce-only",
            "--queue-arg",
            "x-max-length=10",
            "--queue-arg",
            "x-overflow=reject-publish");
    assertThat(full.status()).as(full.printed()).isEqualTo(7);
    assertThat(full.printed()).contains("refused");
    assertThat(full.number("nacked")).isEqualTo(990);
    Ran lost =
        bench("--count", "100", "--drain", "--mandatory", "--no-declare", "--consumers", "0");
    assertThat(lost.status()).isEqualTo(7);
    assertThat(lost.number("returned")).isEqualTo(100);
  }
}
