package holdfast.server.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The administrator's commands as they are typed, by the shipped launcher: what goes to which
/// stream, the exit status, and a password that comes through a pipe.
class AdministrationIT {
  private final List<Path> directories = new ArrayList<>();

  @BeforeEach
  void requireTheLauncher() {
    String unavailable = BrokerProcess.whyUnavailable();
    assertTrue(unavailable.isEmpty() || !"true".equals(System.getenv("CI")), unavailable);
    assumeTrue(unavailable.isEmpty(), unavailable);
    assumeTrue(System.getProperty(BrokerProcess.COMMAND_PROPERTY) == null, "another broker");
  }

  @AfterEach
  void removeDirectories() {
    directories.forEach(Directories::remove);
  }

  private Path directory() throws IOException {
    Path directory = BrokerProcess.freshDirectory("administration");
    directories.add(directory);
    return directory;
  }

  /// What a command has said.
  private record Said(int status, String out, String err) {}

  private static Said holdfast(Path directory, String input, String... words) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(BrokerProcess.repository().resolve("holdfast").toString());
    command.addAll(List.of(words));
    command.addAll(List.of("--data", directory.resolve("data").toString()));
    Path out = Files.createTempFile("said", ".out");
    Path err = Files.createTempFile("said", ".err");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
      builder.environment().put("HOLDFAST_NO_BUILD", "1");
      Process process = builder.start();
      process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().close();
      assertTrue(process.waitFor(60, TimeUnit.SECONDS), "it does not end");
      return new Said(process.exitValue(), Files.readString(out), Files.readString(err));
    } finally {
      Files.delete(out);
      Files.delete(err);
    }
  }

  @Test
  void aPasswordComesThroughAPipeAndMistakesGoToTheErrorStream() throws Exception {
    Path data = directory();
    try (BrokerProcess broker = BrokerProcess.start(data)) {
      assertTrue(broker.port() > 0);
      Said added = holdfast(data, "s3cret\n", "users", "add", "anna", "--tags", "administrator");
      assertEquals(new Said(0, "", ""), added);
      assertEquals(0, holdfast(data, "s3cret\n", "users", "authenticate", "anna").status());
      Said wrong = holdfast(data, "other\n", "users", "authenticate", "anna");
      assertEquals(6, wrong.status());
      assertEquals("", wrong.out());
      assertEquals("holdfast: this is not the password of user 'anna'\n", wrong.err());
      assertEquals(2, holdfast(data, "", "users", "add", "nobody").status(), "no password");
      assertEquals(2, holdfast(data, "", "users", "frobnicate").status());
      assertEquals(
          "name  tags           password\nanna  administrator  set\n",
          holdfast(data, "", "users", "--name", "anna").out());
    }
    assertEquals(5, holdfast(data, "", "users").status(), "no broker");
  }

  @Test
  void definitionsGoFromOneBrokerToTheNext() throws Exception {
    Path from = directory();
    String exported;
    try (BrokerProcess broker = BrokerProcess.start(from)) {
      assertTrue(broker.port() > 0);
      assertEquals(0, holdfast(from, "", "vhosts", "add", "shop").status());
      assertEquals(0, holdfast(from, "", "queues", "add", "q", "--vhost", "shop").status());
      assertEquals(
          0,
          holdfast(
                  from,
                  "",
                  "bindings",
                  "add",
                  "amq.topic",
                  "q",
                  "--routing-key",
                  "a.#",
                  "--vhost",
                  "shop")
              .status());
      exported = holdfast(from, "", "definitions", "export", "-").out();
    }
    Path to = directory();
    try (BrokerProcess broker = BrokerProcess.start(to)) {
      assertTrue(broker.port() > 0);
      holdfast(to, "", "users", "delete", "guest"); // if there is a default user, it is the other's
      Said taken = holdfast(to, exported, "definitions", "import", "-");
      assertEquals(0, taken.status(), taken.err());
      assertEquals(exported, holdfast(to, "", "definitions", "export", "-").out());
      Said malformed = holdfast(to, "{\"queues\":\n[}", "definitions", "import", "-");
      assertEquals(2, malformed.status());
      assertEquals(
          "holdfast: nothing was taken from -: expected a value at line 2, column 2\n",
          malformed.err());
    }
  }
}
