package holdfast.server.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// RabbitMQ's load generator, PerfTest, as published. Maven fetches it into its repository the
/// first time. A run has so many messages, and it ends well only if a consumer got every one of
/// them.
class PerfTestIT {
  private static final int MESSAGES = 20_000;
  private static final Pattern SUMMARY =
      Pattern.compile("(sending|receiving) rate avg: (\\d+) msg/s");

  private static String classPath;
  private static TestedBroker broker;

  @BeforeAll
  static void startBroker() throws Exception {
    classPath = classPath();
    broker = TestedBroker.start("perf-test");
  }

  @AfterAll
  static void stopBroker() {
    if (broker != null) {
      broker.close();
      broker = null;
    }
  }

  private static String classPath() throws Exception {
    Path home = BrokerProcess.repository();
    Path kept = home.resolve("server/target/perf-test.classpath");
    if (!Files.exists(kept)) {
      boolean fetched =
          ForeignProgram.runs(
              180,
              home.resolve("mvnw").toString(),
              "-q",
              "-B",
              "-ntp",
              "-f",
              home.resolve("server/src/test/maven/perf-test.xml").toString(),
              "dependency:build-classpath",
              "-Dmdep.outputFile=" + kept);
      Needed.present(fetched, "Maven could not fetch PerfTest");
    }
    return Files.readString(kept).strip();
  }

  /// Runs PerfTest until every message has been received, or fails; what it printed.
  private static String run(String queue, String... options) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                classPath,
                "com.rabbitmq.perf.PerfTest",
                "-h",
                "amqp://127.0.0.1:" + broker.port()));
    command.addAll(List.of("-u", queue, "-ad", "false", "-z", "30", "-st", "5"));
    command.addAll(List.of(options));
    try (ForeignProgram program =
        ForeignProgram.start(broker.directory(), "perf-test", command, Map.of())) {
      assertEquals(0, program.await(60), program::printedOrNothing);
      String printed = program.printed();
      Matcher rates = SUMMARY.matcher(printed);
      int seen = 0;
      while (rates.find()) {
        assertTrue(Integer.parseInt(rates.group(2)) > 0, printed);
        seen++;
      }
      assertEquals(2, seen, () -> "no rates in the summary:\n" + printed);
      assertTrue(!printed.contains("nacked: 1") && !printed.contains("returned: 1"), printed);
      return printed;
    }
  }

  private static String[] counted(String... options) {
    List<String> all = new ArrayList<>(List.of(options));
    all.addAll(List.of("-C", String.valueOf(MESSAGES), "-D", String.valueOf(MESSAGES)));
    return all.toArray(String[]::new);
  }

  private static void assertEmptyAndRemove(String queue) throws Exception {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setPort(broker.port());
    try (Connection connection = factory.newConnection("perf-test");
        Channel channel = connection.createChannel()) {
      Await.until("the queue to be empty", () -> channel.messageCount(queue) == 0);
      channel.queueDelete(queue);
    }
  }

  @Test
  void everyConfirmedMessageIsReceived() throws Exception {
    String[] options = counted("-c", "200", "-f", "persistent", "-f", "mandatory", "-q", "100");
    String printed = run("perf.confirms", options);
    assertTrue(printed.contains("confirmed"), printed);
    assertEmptyAndRemove("perf.confirms");
  }

  @Test
  void aQuorumQueueWithGroupedAcknowledgements() throws Exception {
    run(
        "perf.quorum",
        counted("-c", "200", "-f", "persistent", "-q", "200", "-A", "50", "--quorum-queue"));
    assertEmptyAndRemove("perf.quorum");
  }

  @Test
  void producersAndConsumersInTransactions() throws Exception {
    run("perf.tx", counted("-m", "20", "-n", "20", "-f", "persistent", "-q", "100"));
    assertEmptyAndRemove("perf.tx");
  }

  @Test
  void messagesThatAreFetchedOneByOne() throws Exception {
    run("perf.polling", "-C", "2000", "-D", "2000", "--polling", "-f", "persistent", "-c", "100");
    assertEmptyAndRemove("perf.polling");
  }

  @Test
  void aStreamIsReadFromItsBeginning() throws Exception {
    String[] options =
        counted("-c", "200", "-f", "persistent", "-q", "200", "--stream-queue", "-sco", "first");
    run("perf.stream", options);
  }
}
