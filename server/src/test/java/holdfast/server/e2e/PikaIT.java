package holdfast.server.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Programs written with pika against the packaged broker. Needs `python3-pika`; without it these
/// tests are skipped, except where `CI` is `true`.
class PikaIT {
  private Path directory;

  @BeforeEach
  void findWhatIsNeeded() throws Exception {
    boolean required = "true".equals(System.getenv("CI"));
    boolean pika = PythonProgram.pikaInstalled();
    assertTrue(pika || !required, "pika is missing: apt-get install python3-pika");
    assumeTrue(pika, "skipped: pika is not installed (apt-get install python3-pika)");
    String unavailable = BrokerProcess.whyUnavailable();
    assertTrue(unavailable.isEmpty() || !required, unavailable);
    assumeTrue(unavailable.isEmpty(), unavailable);
    directory = BrokerProcess.freshDirectory("pika");
  }

  @AfterEach
  void removeData() {
    if (directory != null) {
      Directories.remove(directory);
    }
  }

  @Test
  void passesWhatPikaProgramsExpect() throws Exception {
    try (BrokerProcess broker = BrokerProcess.start(directory);
        PythonProgram suite = PythonProgram.start(directory, "pika_suite.py", broker.port())) {
      int code = suite.await(180);
      assertEquals(0, code, suite::printedOrNothing);
    }
  }

  @Test
  void whatWasSentBeforeAKillReachesTheWorkerAfterIt() throws Exception {
    BrokerProcess broker = BrokerProcess.start(directory);
    try {
      for (int number = 1; number <= 5; number++) {
        send(broker, "task " + number);
      }
    } finally {
      broker.kill();
    }
    try (BrokerProcess again = BrokerProcess.start(directory);
        PythonProgram worker =
            PythonProgram.start(directory, "worker.py", again.port(), "--count", "5")) {
      int code = worker.await(30);
      assertEquals(0, code, worker::printedOrNothing);
      String expected =
          " [*] Waiting for messages\n"
              + " [x] Received 'task 1'\n [x] Received 'task 2'\n [x] Received 'task 3'\n"
              + " [x] Received 'task 4'\n [x] Received 'task 5'\n";
      assertEquals(expected, worker.printed());
    }
  }

  @Test
  void aWorkerWaitsForTasksThatComeLater() throws Exception {
    try (BrokerProcess broker = BrokerProcess.start(directory);
        PythonProgram first =
            PythonProgram.start(directory, "worker.py", broker.port(), "--count", "1");
        PythonProgram second =
            PythonProgram.start(directory, "worker.py", broker.port(), "--count", "1")) {
      Await.until(
          "both workers to wait",
          () -> first.printed().contains("Waiting") && second.printed().contains("Waiting"));
      send(broker, "one");
      send(broker, "two");
      assertEquals(0, first.await(30), first::printedOrNothing);
      assertEquals(0, second.await(30), second::printedOrNothing);
      String both = first.printed() + second.printed();
      assertTrue(both.contains("'one'") && both.contains("'two'"), both);
    }
  }

  private void send(BrokerProcess broker, String task) throws Exception {
    try (PythonProgram sender = PythonProgram.start(directory, "send.py", broker.port(), task)) {
      assertEquals(0, sender.await(30), sender::printedOrNothing);
    }
  }
}
