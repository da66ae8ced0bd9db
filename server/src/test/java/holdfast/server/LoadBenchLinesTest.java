package holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import holdfast.load.LoadPlan;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoadBenchLinesTest {
  private static Command parse(String options) {
    List<String> words = new ArrayList<>(List.of("bench", "amqp"));
    words.addAll(options.isEmpty() ? List.of() : List.of(options.split(" ")));
    return CommandLines.parse(words.toArray(String[]::new));
  }

  private static LoadPlan plan(String options) {
    return ((Command.BenchAmqp) parse(options)).plan();
  }

  @Test
  void withoutOptionsOneProducerAndOneConsumerConfirmAndAcknowledge() {
    LoadPlan plan = plan("");
    assertThat(plan.broker().toString()).isEqualTo("amqp://127.0.0.1:5672");
    assertThat(plan.producing()).isEqualTo(new LoadPlan.Producing(1, 1000, 0));
    assertThat(plan.consuming()).isEqualTo(new LoadPlan.Consuming(1, false, 1, false, 1000));
    assertThat(plan.messages()).isEqualTo(new LoadPlan.Messages(1024, true, 0, 0, false));
    assertThat(plan.span()).isEqualTo(new LoadPlan.Span(10, 3, 0, false));
    assertThat(plan.queues().arguments()).isEqualTo(Map.of("x-queue-type", "classic"));
    assertThat(plan.threads()).isEqualTo(1);
  }

  @Test
  void optionsSayWhatIsDone() {
    LoadPlan plan =
        plan(
            "--queues 5 --queue-arg x-max-length=7 --queue-arg x-overflow=drop-head --bindings 9"
                + " --produce-only --transient --size 16 --large-every 4 --count 100");
    assertThat(plan.queues().arguments())
        .containsEntry("x-max-length", 7L)
        .containsEntry("x-overflow", "drop-head");
    assertThat(plan.queues().routing()).isEqualTo(LoadPlan.Routing.TOPIC);
    assertThat(plan.consuming().consumers()).isZero();
    assertThat(plan.messages().persistent()).isFalse();
    assertThat(plan.beside().largeBytes()).isEqualTo(1 << 20);
    assertThat(plan.span()).isEqualTo(new LoadPlan.Span(10, 0, 100, false));
    Command.BenchAmqp command = (Command.BenchAmqp) parse("--json there --quiet");
    assertThat(command.json()).contains(Path.of("there"));
    assertThat(command.isQuiet()).isTrue();
    assertThat(command.arguments()).contains("--json", "there");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--size 15 | --size 15: expected a number from 16",
        "--size x | --size x",
        "--producers 1.5 | whole number",
        "--queue-type lazy | classic, quorum or stream",
        "--queue-arg x | KEY=VALUE",
        "--uri http://h | --uri http://h: expected amqp://",
        "--produce-only --consume-only | exclude each other",
        "--persistent --transient | exclude each other",
        "--exchange-fanout --bindings 3 | exclude each other",
        "--ack-every 10 --prefetch 5 | --prefetch",
        "--ack-alternately | --ack-every",
        "--ack-alternately --ack-every 10 --auto-ack | exclude each other",
        "--queue-type stream --auto-ack | --auto-ack",
        "--queue-type quorum --transient-queue | classic",
        "--producers 0 --consumers 0 | nobody",
        "--frobnicate | --frobnicate",
      })
  void aMistakeIsNamed(String options, String named) {
    assertThat(parse(options))
        .isInstanceOfSatisfying(
            Command.Misuse.class, misuse -> assertThat(misuse.text()).contains(named));
  }

  @Test
  void helpTeaches() {
    String help = ((Command.Say) parse("--help")).text();
    assertThat(help).contains("Examples:", "Exit status:", "--count 100000 --drain", "%2f");
    assertThat(help.lines()).allMatch(line -> line.length() <= 80, "fits a terminal");
    for (LoadBenchOption option : LoadBenchOption.values()) {
      assertThat(help).contains(option.option());
    }
  }
}
