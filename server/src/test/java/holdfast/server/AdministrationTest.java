package holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ShutdownSignalException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What an administrator can do to a running broker, through the command line and its socket.
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class AdministrationTest {
  @TempDir static Path dir;

  private static AdministeredBroker broker;

  @BeforeAll
  static void start() throws Exception {
    broker = new AdministeredBroker(dir.resolve("data"));
  }

  @AfterAll
  static void stop() throws Exception {
    broker.close();
  }

  private static Path password(String password) throws Exception {
    return Files.writeString(dir.resolve("password"), password + "\nsecond line\n");
  }

  // -- users --

  @Test
  void aUserIsAddedTriedChangedAndDeleted() throws Exception {
    String file = password("one").toString();
    broker.say("users", "add", "anna", "--tags", "administrator,x", "--password-file", file);
    assertThat(broker.rows("users", "--name", "anna"))
        .singleElement()
        .satisfies(row -> assertThat(row.get("tags")).isEqualTo(List.of("administrator", "x")));
    assertThat(broker.say("users", "authenticate", "anna", "--password-file", file))
        .contains("this is the password");
    broker.say("users", "set-password", "anna", "--password-file", password("two").toString());
    password("one");
    assertThat(
            broker.refused(
                ExitStatus.REFUSED, "users", "authenticate", "anna", "--password-file", file))
        .contains("not the password of user 'anna'");
    broker.say("users", "set-tags", "anna", "monitoring");
    assertThat(broker.rows("users", "--name", "anna").getFirst().get("tags"))
        .isEqualTo(List.of("monitoring"));
    broker.say("users", "delete", "anna");
    assertThat(broker.rows("users", "--name", "anna")).isEmpty();
    assertThat(broker.refused(ExitStatus.REFUSED, "users", "delete", "anna"))
        .contains("no user 'anna'");
  }

  @Test
  void aPasswordHashIsCheckedBeforeItIsTaken() throws Exception {
    assertThat(
            broker.refused(
                ExitStatus.USAGE, "users", "add", "hashed", "--password-hash", "not base 64"))
        .contains("not Base64");
    assertThat(
            broker.refused(ExitStatus.USAGE, "users", "add", "hashed", "--password-hash", "AAAA"))
        .contains("3 bytes, not the 36");
    broker.say(
        "users",
        "add",
        "hashed",
        "--password-hash",
        "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR");
    broker.say("users", "authenticate", "hashed", "--password-file", password("test12").toString());
    assertThat(broker.refused(ExitStatus.REFUSED, "users", "add", "hashed", "--password-hash", ""))
        .contains("there is a user 'hashed'");
  }

  // -- virtual hosts, permissions, limits, policies --

  @Test
  void permissionsNeedAUserAVhostAndRegularExpressions() throws Exception {
    broker.say("users", "add", "app", "--password-hash", "");
    broker.say("vhosts", "add", "shop", "--description", "all of it", "--tags", "a,b");
    assertThat(broker.say("vhosts")).contains("all of it", "a, b");
    broker.say("permissions", "set", "app", "^$", ".*", "^q", "--vhost", "shop");
    assertThat(broker.rows("permissions", "--vhost", "shop"))
        .containsExactly(
            Map.of("user", "app", "vhost", "shop", "configure", "^$", "write", ".*", "read", "^q"));
    assertThat(broker.refused(ExitStatus.USAGE, "permissions", "set", "app", "(", ".*", ".*"))
        .contains("'configure' is no regular expression", "in '('");
    assertThat(broker.refused(ExitStatus.REFUSED, "permissions", "set", "nobody", "", "", ""))
        .contains("no user 'nobody'");
    assertThat(
            broker.refused(
                ExitStatus.REFUSED, "permissions", "set", "app", "", "", "", "--vhost", "nowhere"))
        .contains("no vhost 'nowhere'");
    broker.say("permissions", "clear", "app", "--vhost", "shop");
    assertThat(broker.refused(ExitStatus.REFUSED, "permissions", "clear", "app"))
        .contains("has no permissions in vhost '/'");
    broker.say("topic-permissions", "set", "app", "events", "^a", "b$", "--vhost", "shop");
    assertThat(broker.say("topic-permissions")).contains("events", "^a", "b$");
    broker.say("topic-permissions", "clear", "app", "--vhost", "shop");
    assertThat(broker.rows("topic-permissions")).isEmpty();
  }

  @Test
  void limitsAreSetOneByOneAndCleared() throws Exception {
    broker.say("vhosts", "add", "limited");
    broker.say("limits", "set", "--vhost", "limited", "max-queues=5", "max-connections=2");
    broker.say("limits", "set", "--vhost", "limited", "max-connections=-1");
    assertThat(broker.say("limits", "--vhost", "limited"))
        .contains("max-queues")
        .doesNotContain("max-connections");
    assertThat(
            broker.refused(
                ExitStatus.USAGE, "limits", "set", "--vhost", "limited", "max-chanels=1"))
        .contains("no limit 'max-chanels'; there are max-connections, max-queues");
    assertThat(broker.refused(ExitStatus.USAGE, "limits", "set", "max-queues=1"))
        .contains("name one of --vhost and --user");
    assertThat(broker.refused(ExitStatus.USAGE, "limits", "set", "--vhost", "/", "max-queues"))
        .contains("a limit is written max-queues=10");
    broker.say("limits", "clear", "--vhost", "limited");
    assertThat(broker.rows("limits", "--vhost", "limited")).isEmpty();
  }

  @Test
  void theListOfQueuesNamesThePolicyThatApplies() throws Exception {
    broker.say("queues", "add", "tmp.one");
    broker.say("policies", "set", "all", ".*", "{\"max-length\":9}");
    broker.say("policies", "set", "ttl", "^tmp", "{\"message-ttl\":1000}", "--priority", "5");
    broker.say(
        "policies",
        "set",
        "quorum",
        "",
        "{\"max-length\":1}",
        "--priority",
        "9",
        "--apply-to",
        "quorum_queues");
    assertThat(broker.rows("queues", "--name", "tmp.one").getFirst().get("policy"))
        .isEqualTo("ttl");
    broker.say("policies", "delete", "ttl");
    assertThat(broker.rows("queues", "--name", "tmp.one").getFirst().get("policy"))
        .isEqualTo("all");
    assertThat(broker.refused(ExitStatus.USAGE, "policies", "set", "x", ".*", "{\"a\":}"))
        .contains("DEFINITION is not JSON: expected a value at line 1, column 6");
    assertThat(broker.refused(ExitStatus.USAGE, "policies", "set", "x", ".*", "{}"))
        .contains("a policy sets something");
    assertThat(
            broker.refused(
                ExitStatus.USAGE, "policies", "set", "x", "", "{\"a\":1}", "--apply-to", "all!"))
        .contains("apply-to 'all!' is none of");
    broker.say("policies", "clear", "all");
    broker.say("policies", "clear", "quorum");
  }

  // -- queues, exchanges, bindings --

  @Test
  void queuesAreAddedFilledPurgedAndDeleted() throws Exception {
    broker.say("queues", "add", "work", "--argument", "x-queue-mode=lazy");
    try (Connection connection = broker.factory().newConnection();
        Channel channel = connection.createChannel()) {
      channel.confirmSelect();
      channel.basicPublish("", "work", null, new byte[3]);
      channel.waitForConfirmsOrDie(10_000);
      assertThat(broker.refused(ExitStatus.REFUSED, "queues", "delete", "work", "--if-empty"))
          .contains("is not empty");
      assertThat(broker.say("queues", "purge", "work")).contains("messages  1");
      assertThat(broker.refused(ExitStatus.REFUSED, "queues", "add", "work", "--type", "quorum"))
          .contains("inequivalent arg");
      assertThat(broker.refused(ExitStatus.REFUSED, "queues", "add", "odd", "--argument", "x-no=1"))
          .contains("invalid arg 'x-no'");
    }
    broker.say("queues", "delete", "work", "--if-empty", "--if-unused");
    assertThat(broker.refused(ExitStatus.REFUSED, "queues", "delete", "work"))
        .contains("no queue 'work' in vhost '/'");
    assertThat(broker.refused(ExitStatus.REFUSED, "queues", "purge", "work"))
        .contains("no queue 'work'");
  }

  @Test
  void bindingsAreKnownByTheirKeyAndTypedArguments() throws Exception {
    broker.say("exchanges", "add", "by-header", "--type", "headers");
    broker.say("queues", "add", "mail");
    String[] binding = {
      "by-header",
      "mail",
      "--argument",
      "x-match=any",
      "--argument",
      "n=5",
      "--argument",
      "t=\"5\"",
    };
    broker.say(with("bindings", "add", binding));
    assertThat(broker.rows("bindings", "--name", "by-header").getFirst().get("arguments"))
        .asString()
        .isEqualTo("{x-match=any, n=5, t=5}");
    assertThat(broker.say("bindings", "--name", "by-header", "--json"))
        .contains("\"n\":5", "\"t\":\"5\"");
    assertThat(broker.refused(ExitStatus.REFUSED, "bindings", "delete", "by-header", "mail"))
        .contains("no binding of queue 'mail' to exchange 'by-header' with key ''");
    assertThat(
            broker.refused(ExitStatus.REFUSED, "exchanges", "delete", "by-header", "--if-unused"))
        .contains("in use");
    broker.say(with("bindings", "delete", binding));
    broker.say("exchanges", "delete", "by-header", "--if-unused");
    assertThat(broker.refused(ExitStatus.REFUSED, "exchanges", "delete", "by-header"))
        .contains("no exchange 'by-header'");
  }

  private static String[] with(String topic, String verb, String... rest) {
    String[] words = new String[rest.length + 2];
    words[0] = topic;
    words[1] = verb;
    System.arraycopy(rest, 0, words, 2, rest.length);
    return words;
  }

  // -- connections --

  @Test
  void aConnectionIsSeenWithItsChannelsAndConsumersAndClosedForAReason() throws Exception {
    broker.say("queues", "add", "watched");
    CompletableFuture<ShutdownSignalException> ended = new CompletableFuture<>();
    Connection connection = broker.factory().newConnection("the watched one");
    connection.addShutdownListener(ended::complete);
    Channel channel = connection.createChannel();
    channel.confirmSelect();
    channel.basicQos(7);
    channel.basicConsume("watched", false, "tag", (_, _) -> {}, _ -> {});
    channel.basicPublish("", "watched", null, new byte[1]);
    channel.waitForConfirmsOrDie(10_000);

    Map<String, Object> seen =
        broker.rows("connections").stream()
            .filter(row -> "the watched one".equals(row.get("connection_name")))
            .findFirst()
            .orElseThrow();
    String name = String.valueOf(seen.get("name"));
    assertThat(seen).containsEntry("user", "guest").containsEntry("state", "running");
    assertThat(seen.get("peer")).asString().startsWith("127.0.0.1:");
    assertThat(seen.get("product")).isEqualTo("RabbitMQ");
    assertThat(broker.rows("channels", "--name", name))
        .singleElement()
        .satisfies(row -> {
          assertThat(row).containsEntry("mode", "confirm").containsEntry("user", "guest");
          assertThat(row.get("prefetch")).hasToString("7");
          assertThat(row.get("unacknowledged")).hasToString("1");
          assertThat(row.get("unconfirmed")).hasToString("0");
        });
    assertThat(broker.rows("consumers", "--name", "watched"))
        .singleElement()
        .satisfies(row -> {
          assertThat(row).containsEntry("tag", "tag").containsEntry("ack", "manual");
          assertThat(row).containsEntry("active", true).containsEntry("connection", name);
        });

    assertThat(broker.refused(ExitStatus.REFUSED, "connections", "close", "nobody"))
        .contains("no connection 'nobody'");
    assertThat(broker.refused(ExitStatus.USAGE, "connections", "close")).contains("--all");
    assertThat(broker.say("connections", "close", name, "--reason", "moving house"))
        .contains("connections  1");
    AMQP.Connection.Close reason =
        (AMQP.Connection.Close) ended.get(10, TimeUnit.SECONDS).getReason();
    assertThat(reason.getReplyCode()).isEqualTo(AMQP.CONNECTION_FORCED);
    assertThat(reason.getReplyText()).contains("moving house");
    broker.say("queues", "delete", "watched");
  }

  // -- many --

  @Test
  void manyQueuesAreListedWholeAndInPieces() throws Exception {
    int count = 3_000;
    try (Connection connection = broker.factory().newConnection();
        Channel channel = connection.createChannel()) {
      for (int i = 0; i < count; i++) {
        channel.queueDeclare("many.%04d".formatted(i), false, true, false, Map.of());
      }
      assertThat(broker.rows("queues", "--name", "many."))
          .extracting(row -> row.get("name"))
          .hasSize(count)
          .isSorted();
      assertThat(broker.rows("queues", "--name", "many.", "--offset", "10", "--limit", "2"))
          .extracting(row -> row.get("name"))
          .containsExactly("many.0010", "many.0011");
      assertThat(broker.rows("queues", "--vhost", "nowhere")).isEmpty();
      assertThat(broker.refused(ExitStatus.USAGE, "queues", "--limit", "many"))
          .contains("--limit takes a number, not 'many'");
      assertThat(broker.refused(ExitStatus.USAGE, "queues", "--limit", "0"))
          .contains("--limit 1 or more");
    }
  }

  // -- the socket --

  @Test
  void anOperationThatIsNotUnderstoodIsNamed() throws Exception {
    assertThat(ControlClient.ask(broker.data, "queues.lits {}"))
        .contains("unknown operation 'queues.lits'; did you mean queues.list?", "BAD_REQUEST");
    assertThat(ControlClient.ask(broker.data, "queues.list {\"vhots\":\"/\"}"))
        .contains("unknown argument 'vhots'");
    assertThat(ControlClient.ask(broker.data, "queues.list {\"vhost\":7}"))
        .contains("'vhost' should be a text, not 7");
    assertThat(ControlClient.ask(broker.data, "queues.add {\"vhost\":"))
        .contains("the arguments are not JSON: expected a value at line 1");
    assertThat(ControlClient.ask(broker.data, "queues.add {}")).contains("'name' is missing");
  }

  @Test
  void everyOperationOfTheCommandLineIsThere() throws Exception {
    for (Topic topic : Topics.ALL) {
      for (Topic.Verb verb : topic.verbs()) {
        String answer =
            ControlClient.ask(broker.data, topic.name() + "." + verb.name() + " {\"no\":1}");
        assertThat(answer).contains("unknown argument 'no'");
      }
    }
  }

  @Test
  void everyTopicTeachesWithExamplesThatAreUnderstood() throws Exception {
    for (Topic topic : Topics.ALL) {
      assertThat(broker.say(topic.name(), "--help")).contains("Examples:", "--json", "list");
      for (Topic.Verb verb : topic.verbs()) {
        assertThat(broker.say(topic.name(), verb.name(), "--help")).contains("Usage:");
      }
      assertThat(topic.examples()).isNotEmpty();
    }
  }

  @Test
  void statusCountsAndNamesTheListeners() throws Exception {
    assertThat(broker.say("status"))
        .contains("listeners", "127.0.0.1:", "blocked_connections", "disk_free_bytes", "vhosts");
  }

  @Test
  void whoIsBlockedIsNamedWithTheReason() throws Exception {
    try (AdministeredBroker small =
        new AdministeredBroker(dir.resolve("small"), "vm_memory_high_watermark.absolute=16MiB")) {
      Connection connection = small.factory().newConnection("greedy");
      CompletableFuture<String> told = new CompletableFuture<>();
      connection.addBlockedListener(told::complete, () -> {});
      Channel channel = connection.createChannel();
      channel.queueDeclare("memory", false, true, false, Map.of());
      Thread publishing =
          Thread.startVirtualThread(() -> {
            try {
              while (!told.isDone()) {
                channel.basicPublish("", "memory", null, new byte[100_000]);
              }
            } catch (java.io.IOException | ShutdownSignalException closed) {
              told.completeExceptionally(closed);
            }
          });
      assertThat(told.get(30, TimeUnit.SECONDS)).contains("low on memory");
      Map<String, Object> row = small.rows("connections").getFirst();
      assertThat(row).containsEntry("state", "blocked").containsEntry("connection_name", "greedy");
      assertThat(small.say("status"))
          .containsPattern("publishers_blocked +low on memory")
          .containsPattern("blocked_connections +1\n")
          .contains("blocked_connection_names", String.valueOf(row.get("name")));
      publishing.interrupt(); // which closes its socket: nobody reads at the other end
      publishing.join();
    }
  }
}
