package holdfast.core;

import static org.assertj.core.api.Assertions.assertThat;

import holdfast.core.AccountsRig.Peer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Who may do what, and that it is asked again when permissions change.
class AccessTest {
  private static final holdfast.core.Arguments NONE = holdfast.core.Arguments.NONE;

  @TempDir Path directory;
  private AccountsRig rig;

  @BeforeEach
  void open() throws IOException {
    rig = new AccountsRig(directory);
    rig.user("owner", ".*", ".*", ".*");
    Peer owner = rig.new Peer("owner", "/");
    assertThat(
            owner.does(
                owner.queue("q", false, NONE),
                owner.exchange("x", "direct", false, NONE),
                owner.exchange("y", "fanout", false, NONE),
                owner.exchange("t", "topic", false, NONE)))
        .isNull();
  }

  @AfterEach
  void close() throws IOException {
    rig.close();
  }

  private static holdfast.core.Arguments with(String name, String value) {
    return holdfast.core.Arguments.of(Map.of(name, value));
  }

  private record Case(String needs, Function<Peer, Command> command) {}

  /// What is needed, as `right kind name`, one after the other.
  static Stream<Arguments> operations() {
    return Stream.of(
            new Case("configure queue new", p -> p.queue("new", false, NONE)),
            new Case("configure queue amq.gen-1", p -> p.queue("", false, NONE)),
            new Case(
                "configure queue new, read queue new, write exchange dead",
                p -> p.queue("new", false, with("x-dead-letter-exchange", "dead"))),
            new Case(
                "configure queue new, read queue new, write exchange amq.default",
                p -> p.queue("new", false, with("x-dead-letter-exchange", ""))),
            new Case(
                "configure queue q",
                p -> p.queue("q", false, with("x-dead-letter-exchange", "dead"))),
            new Case(
                "configure queue q",
                p -> new Command.DeleteQueue(p.session, "q", false, false, false)),
            new Case("configure exchange new", p -> p.exchange("new", "direct", false, NONE)),
            new Case(
                "configure exchange new, read exchange new, write exchange other",
                p -> p.exchange("new", "direct", false, with("alternate-exchange", "other"))),
            new Case(
                "configure exchange x",
                p -> new Command.DeleteExchange(p.session, "x", false, false)),
            new Case("write queue q, read exchange x", p -> p.bind(false, true, "x", "q", "k")),
            new Case("write queue q, read exchange x", p -> p.bind(true, true, "x", "q", "k")),
            new Case("write exchange y, read exchange x", p -> p.bind(false, false, "x", "y", "")),
            new Case("write exchange y, read exchange x", p -> p.bind(true, false, "x", "y", "")),
            new Case("read queue q", p -> new Command.PurgeQueue(p.session, "q", false)),
            new Case("read queue q", p -> p.get("q")),
            new Case("read queue q", p -> p.consume("q")),
            new Case("write exchange x", p -> p.publish("x", "k")),
            new Case("write exchange amq.default", p -> p.publish("", "q")))
        .map(c -> Arguments.of(c.needs, c.command));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("operations")
  void anOperationNeedsWhatRabbitMqSaysAndNothingElse(
      String needs, Function<Peer, Command> command) {
    List<String> rights = List.of(needs.split(", "));
    // Each of the needed rights is taken away in turn, all the others being there.
    for (int missing = 0; missing < rights.size(); missing++) {
      String[] parts = rights.get(missing).split(" ");
      String others = "^(?!" + parts[2].replace(".", "\\.") + "$)";
      Map<String, String> given =
          new java.util.HashMap<>(Map.of("configure", ".*", "write", ".*", "read", ".*"));
      given.put(parts[0], others);
      rig.user("u", given.get("configure"), given.get("write"), given.get("read"));
      Peer peer = rig.new Peer("u", "/");
      assertThat(peer.does(command.apply(peer)))
          .isEqualTo(
              parts[0]
                  + " access to "
                  + parts[1]
                  + " '"
                  + parts[2]
                  + "' in vhost '/' refused for user 'u'");
    }
    String[] patterns = {"", "", ""};
    List<String> order = List.of("configure", "write", "read");
    for (String right : rights) {
      String[] parts = right.split(" ");
      int at = order.indexOf(parts[0]);
      String name = "^" + parts[2].replace(".", "\\.") + "$";
      patterns[at] = patterns[at].isEmpty() ? name : patterns[at] + "|" + name;
    }
    rig.user("u", patterns[0], patterns[1], patterns[2]);
    Peer peer = rig.new Peer("u", "/");
    String refused = peer.does(command.apply(peer));
    assertThat(refused == null || !refused.contains("refused for user")).as(refused).isTrue();
  }

  @Test
  void aPassiveDeclareNeedsOneOfTheThree() {
    for (int right = 0; right < 3; right++) {
      rig.user("u", right == 0 ? "q" : "", right == 1 ? "q" : "", right == 2 ? "q" : "");
      Peer peer = rig.new Peer("u", "/");
      assertThat(peer.does(peer.queue("q", true, NONE))).isNull();
    }
    rig.user("u", "", "", "");
    Peer peer = rig.new Peer("u", "/");
    assertThat(peer.does(peer.queue("q", true, NONE)))
        .isEqualTo("access to queue 'q' in vhost '/' refused for user 'u'");
    assertThat(peer.does(peer.exchange("x", "direct", true, NONE)))
        .isEqualTo("access to exchange 'x' in vhost '/' refused for user 'u'");
  }

  @Test
  void whatIsNotThereIsNotToldToThoseWhoMayNotUseIt() {
    rig.user("u", "", "", "");
    Peer peer = rig.new Peer("u", "/");
    assertThat(peer.does(peer.publish("nowhere", "k"))).startsWith("write access to exchange");
    assertThat(peer.does(peer.get("nothing"))).startsWith("read access to queue");
    rig.user("u", "", ".*", "");
    assertThat(peer.does(peer.publish("nowhere", "k"))).startsWith("no exchange 'nowhere'");
  }

  @Test
  void aDecisionIsMadeAgainWhenPermissionsChange() {
    rig.user("u", "", "x", "q");
    Peer peer = rig.new Peer("u", "/");
    assertThat(peer.does(peer.publish("x", ""), peer.publish("x", ""), peer.get("q"))).isNull();
    rig.done(new Change.PutPermissions("/", "u", new Permissions("", "y", "")));
    assertThat(peer.does(peer.publish("x", ""))).contains("refused for user 'u'");
    assertThat(peer.does(peer.get("q"))).contains("refused for user 'u'");
    assertThat(peer.does(peer.publish("y", ""))).isNull();
    rig.done(new Change.DeletePermissions("/", "u"));
    assertThat(peer.does(peer.publish("y", ""))).contains("refused for user 'u'");
    assertThat(peer.events).noneMatch(Event.ForcedOut.class::isInstance);
  }

  @Test
  void topicsAreAskedForWhereThereArePermissionsForThem() {
    rig.user("u", "", ".*", ".*");
    Peer peer = rig.new Peer("u", "/");
    assertThat(peer.does(peer.publish("t", "any.key"))).isNull();
    rig.done(
        new Change.PutTopicPermissions("/", "u", "t", "^{username}\\.", "^{vhost}{username}$"));
    assertThat(peer.does(peer.publish("t", "u.a"), peer.publish("t", "u.b"))).isNull();
    assertThat(peer.does(peer.publish("t", "v.a")))
        .isEqualTo("write access to topic 'v.a' in exchange 't' in vhost '/' refused for user 'u'");
    assertThat(peer.does(peer.bind(false, true, "t", "q", "/u"))).isNull();
    assertThat(peer.does(peer.bind(false, true, "t", "q", "u.a")))
        .isEqualTo("read access to topic 'u.a' in exchange 't' in vhost '/' refused for user 'u'");
    assertThat(peer.does(peer.publish("x", "v.a"))).as("not a topic exchange").isNull();
    assertThat(peer.does(peer.publish("amq.topic", "v.a"))).as("another exchange").isNull();
    rig.done(new Change.PutTopicPermissions("/", "u", "", "^only$", ".*"));
    assertThat(peer.does(peer.publish("amq.topic", "v.a"))).as("now all are").isNotNull();
    rig.done(new Change.DeleteTopicPermissions("/", "u", null));
    assertThat(peer.does(peer.publish("t", "v.a"))).isNull();
    assertThat(rig.accounts().topicPermissions()).isEmpty();
  }

  @Test
  void theNameOfAUserIsNoExpression() {
    rig.done(new Change.PutUser(AccountsRig.user(".*")));
    rig.done(new Change.PutPermissions("/", ".*", new Permissions("", ".*", "")));
    rig.done(new Change.PutTopicPermissions("/", ".*", "t", "^{username}$", "{client_id}"));
    Peer peer = rig.new Peer(".*", "/");
    assertThat(peer.does(peer.publish("t", "anything"))).isNotNull();
    assertThat(peer.does(peer.publish("t", ".*"))).isNull();
  }

  @Test
  void ourOwnClientsMayDoEverything() {
    rig.rig.declare("mine", true);
    rig.finish();
    assertThat(rig.rig.events).noneMatch(Event.Failed.class::isInstance);
    assertThat(rig.rig.queue("mine").name()).isEqualTo("mine");
  }
}
