package holdfast.core;

import static org.assertj.core.api.Assertions.assertThat;

import holdfast.core.AccountsRig.Peer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What administrators change: judged, kept, and felt by those it is about.
class AdministrationTest {
  private static final Permissions ALL = new Permissions(".*", ".*", ".*");

  @TempDir Path directory;
  private AccountsRig rig;

  @BeforeEach
  void open() throws IOException {
    rig = new AccountsRig(directory);
  }

  @AfterEach
  void close() throws IOException {
    rig.close();
  }

  private void reopen() throws IOException {
    rig.close();
    open();
  }

  @Test
  void everythingOutlivesARestart() throws IOException {
    Arguments metadata =
        Arguments.of(
            Map.of("description", "of a", "tags", List.of("x"), "default_queue_type", "quorum"));
    rig.done(new Change.PutHost("a", metadata));
    User admin =
        new User(
            "admin",
            Passwords.hash(new byte[4], "p", User.Hashing.SHA_512),
            User.Hashing.SHA_512,
            List.of("administrator", "own"));
    rig.done(new Change.PutUser(admin));
    rig.done(new Change.PutUser(new User("none", new byte[0], User.Hashing.SHA_256, List.of())));
    rig.done(new Change.PutPermissions("a", "admin", new Permissions("c", "w", "r")));
    rig.done(new Change.PutTopicPermissions("a", "admin", "amq.topic", "w", "r"));
    rig.done(new Change.PutPolicy("a", AccountsRig.policy("p", "^q", -3, "max-length", 5), false));
    rig.done(new Change.PutPolicy("a", AccountsRig.policy("p", "^o", 7, "expires", 9), true));
    rig.done(new Change.PutHostLimits("a", Map.of("max-connections", 3L, "max-queues", -1L)));
    rig.done(new Change.PutUserLimits("admin", Map.of("max-channels", 2L)));
    Accounts before = rig.accounts();
    assertThat(before.hostLimits()).isEqualTo(Map.of("a", Map.of("max-connections", 3L)));
    reopen();
    Accounts after = rig.accounts();
    assertThat(after.users().keySet()).isEqualTo(before.users().keySet());
    User read = after.users().get("admin");
    assertThat(read.passwordHash()).isEqualTo(admin.passwordHash());
    assertThat(read.hashing()).isEqualTo(User.Hashing.SHA_512);
    assertThat(read.tags()).isEqualTo(admin.tags());
    assertThat(after.hosts()).isEqualTo(before.hosts()).containsEntry("a", metadata);
    assertThat(after.permissions()).isEqualTo(before.permissions()).hasSize(1);
    assertThat(after.topicPermissions()).isEqualTo(before.topicPermissions()).hasSize(1);
    assertThat(after.policies()).containsExactlyInAnyOrderElementsOf(before.policies()).hasSize(2);
    assertThat(after.hostLimits()).isEqualTo(before.hostLimits());
    assertThat(after.userLimits()).isEqualTo(before.userLimits()).hasSize(1);
  }

  @Test
  void whatIsTakenBackStaysAway() throws IOException {
    rig.user("u", ".*", ".*", ".*");
    rig.done(new Change.PutPolicy("/", AccountsRig.policy("p", "", 0, "expires", 9), false));
    rig.done(new Change.PutHostLimits("/", Map.of("max-queues", 1L)));
    rig.done(new Change.PutUserLimits("u", Map.of("max-channels", 1L)));
    rig.done(new Change.DeletePermissions("/", "u"));
    rig.done(new Change.DeletePolicy("/", "p", false));
    rig.done(new Change.PutHostLimits("/", Map.of()));
    rig.done(new Change.PutUserLimits("u", Map.of()));
    reopen();
    Accounts after = rig.accounts();
    assertThat(after.users()).containsOnlyKeys("u");
    assertThat(after.permissions()).isEmpty();
    assertThat(after.policies()).isEmpty();
    assertThat(after.hostLimits()).isEmpty();
    assertThat(after.userLimits()).isEmpty();
  }

  @Test
  void anAnswerWaitsForTheDisk() {
    List<String> answers = rig.begin(new Change.PutUser(AccountsRig.user("u")));
    rig.rig.run();
    assertThat(answers).isEmpty();
    rig.finish();
    assertThat(answers).containsExactly("");
  }

  @Test
  void mistakesAreToldAndChangeNothing() {
    rig.user("u", ".*", ".*", ".*");
    Accounts before = rig.accounts();
    assertThat(rig.change(new Change.PutPermissions("/", "u", new Permissions("a(", "", ""))))
        .startsWith("invalid regular expression 'a(': Unclosed group");
    assertThat(rig.change(new Change.PutPermissions("no", "u", ALL)))
        .isEqualTo("vhost 'no' not found");
    assertThat(rig.change(new Change.PutPermissions("/", "no", ALL)))
        .isEqualTo("user 'no' not found");
    assertThat(rig.change(new Change.PutTopicPermissions("/", "u", "t", "", "[")))
        .startsWith("invalid regular expression '['");
    assertThat(rig.change(new Change.PutUser(new User("", new byte[0], sha(), List.of()))))
        .isEqualTo("the name of a user is empty");
    assertThat(rig.change(new Change.PutUser(new User("v", new byte[5], sha(), List.of()))))
        .startsWith("a password hash of 5 bytes for user 'v'");
    assertThat(rig.change(new Change.PutUserLimits("u", Map.of("max-queues", 1L))))
        .isEqualTo("unknown limit 'max-queues': it is not one of max-connections, max-channels");
    assertThat(
            rig.change(
                new Change.PutHost("h", Arguments.of(Map.of("default_queue_type", "linear")))))
        .startsWith("invalid default_queue_type 'linear' for vhost 'h'");
    assertThat(rig.change(new Change.PutHost("h".repeat(256), Arguments.NONE)))
        .startsWith("the name of a vhost is longer");
    assertThat(rig.change(new Change.DeleteUser("no"))).isEqualTo("user 'no' not found");
    assertThat(rig.change(new Change.DeleteHost("no"))).isEqualTo("vhost 'no' not found");
    assertThat(rig.change(new Change.DeletePolicy("/", "no", true)))
        .isEqualTo("operator policy 'no' in vhost '/' not found");
    assertThat(rig.change(new Change.DeleteTopicPermissions("/", "u", null)))
        .isEqualTo("topic permissions of user 'u' in vhost '/' not found");
    List<String> tags = java.util.Collections.nCopies(300, "a tag that takes some room");
    assertThat(rig.change(new Change.PutUser(new User("v", new byte[0], sha(), tags))))
        .startsWith("a definition of ")
        .endsWith("the limit is 4096 bytes");
    assertThat(rig.accounts()).isSameAs(before);
  }

  private static User.Hashing sha() {
    return User.Hashing.SHA_256;
  }

  @Test
  void theFirstUserIsMadeOnceAndMayDoEverything() throws IOException {
    rig.rig.shard.administration().ensureUser(AccountsRig.user("guest"), List.of("/"));
    rig.finish();
    reopen();
    assertThat(rig.accounts().permissions()).isEqualTo(Map.of(new Accounts.Key("/", "guest"), ALL));
    rig.user("own", "", "", "");
    rig.done(new Change.DeleteUser("guest"));
    rig.rig.shard.administration().ensureUser(AccountsRig.user("guest"), List.of("/"));
    assertThat(rig.accounts().users()).containsOnlyKeys("own");
  }

  @Test
  void aDeletedUserHasToGoAndLeavesNothing() throws IOException {
    rig.user("u", ".*", ".*", ".*");
    rig.user("v", ".*", ".*", ".*");
    rig.done(new Change.PutTopicPermissions("/", "u", "amq.topic", "", ""));
    rig.done(new Change.PutUserLimits("u", Map.of("max-channels", 5L)));
    Peer gone = rig.new Peer("u", "/");
    Peer stays = rig.new Peer("v", "/");
    Peer late = rig.new Peer("u", "/");
    gone.does(gone.queue("q", false, Arguments.NONE));
    stays.does(stays.get("q"));
    rig.done(new Change.DeleteUser("u"));
    assertThat(gone.events).contains(new Event.ForcedOut(gone.client, "user 'u' is deleted"));
    assertThat(stays.events).noneMatch(Event.ForcedOut.class::isInstance);
    assertThat(late.does(late.get("q"))).contains("refused for user 'u'");
    assertThat(late.events).contains(new Event.ForcedOut(late.client, "user 'u' is deleted"));
    // The next one of that name begins with nothing.
    rig.done(new Change.PutUser(AccountsRig.user("u")));
    reopen();
    assertThat(rig.accounts().permissions()).containsOnlyKeys(new Accounts.Key("/", "v"));
    assertThat(rig.accounts().topicPermissions()).isEmpty();
    assertThat(rig.accounts().userLimits()).isEmpty();
  }

  @Test
  void whoMayComeInIsCountedAgainstTheLimits() {
    rig.user("u", ".*", ".*", ".*");
    rig.user("v", ".*", ".*", ".*");
    rig.done(new Change.PutUser(AccountsRig.user("w")));
    assertThat(refusal("w", "/")).isEqualTo("access to vhost '/' refused for user 'w'");
    assertThat(refusal("u", "no")).isEqualTo("vhost 'no' not found");
    rig.done(new Change.PutUserLimits("u", Map.of("max-connections", 1L)));
    rig.done(new Change.PutHostLimits("/", Map.of("max-connections", 2L)));
    Peer first = rig.new Peer("u", "/");
    assertThat(refusal("u", "/"))
        .isEqualTo("connection refused for user 'u': user connection limit (1) is reached");
    Peer second = rig.new Peer("v", "/");
    assertThat(refusal("v", "/"))
        .isEqualTo("access to vhost '/' refused for user 'v': connection limit (2) is reached");
    second.does(new Command.CloseClient(second.client.control()));
    first.does(new Command.CloseClient(first.client.control()));
    assertThat(first.events).contains(new Event.ClientClosed(first.client));
    rig.new Peer("u", "/");
    rig.new Peer("v", "/");
  }

  private String refusal(String user, String host) {
    Admission admission = rig.rig.shard.administration().admit(user, host);
    assertThat(admission).isInstanceOf(Admission.Refused.class);
    CoreError error = ((Admission.Refused) admission).error();
    assertThat(error.kind()).isEqualTo(CoreError.Kind.NOT_ALLOWED);
    return error.text();
  }

  @Test
  void sessionsOfAUserAreCountedOverAllItsConnections() {
    rig.user("u", ".*", ".*", ".*");
    rig.done(new Change.PutUserLimits("u", Map.of("max-channels", 2L)));
    Peer a = rig.new Peer("u", "/");
    Peer b = rig.new Peer("u", "/");
    assertThat(a.client.openSession()).isNull();
    assertThat(b.client.openSession()).isNull();
    assertThat(b.client.openSession())
        .isEqualTo(
            new CoreError(
                CoreError.Kind.NOT_ALLOWED,
                "number of channels opened for user 'u' has reached the maximum allowed user limit"
                    + " of 2"));
    a.does(new Command.CloseSession(a.session));
    assertThat(b.client.openSession()).isNull();
  }

  @Test
  void aHostTakesNoMoreQueuesThanItMay() {
    rig.user("u", ".*", ".*", ".*");
    rig.done(new Change.PutHostLimits("/", Map.of("max-queues", 1L)));
    Peer peer = rig.new Peer("u", "/");
    assertThat(peer.does(peer.queue("a", false, Arguments.NONE))).isNull();
    assertThat(peer.does(peer.queue("a", false, Arguments.NONE))).as("again").isNull();
    assertThat(peer.does(peer.queue("b", false, Arguments.NONE)))
        .isEqualTo("cannot declare queue 'b': queue limit in vhost '/' (1) is reached");
  }

  @Test
  void theDefaultTypeIsForQueuesThatCanBeOfIt() {
    rig.user("u", ".*", ".*", ".*");
    Peer peer = rig.new Peer("u", "/");
    assertThat(peer.does(peer.queue("old", false, Arguments.NONE))).isNull();
    rig.done(new Change.PutHost("/", Arguments.of(Map.of("default_queue_type", "quorum"))));
    assertThat(peer.does(peer.queue("new", false, Arguments.NONE))).isNull();
    assertThat(rig.rig.queue("new").type()).isEqualTo("quorum");
    assertThat(peer.does(peer.queue("new", false, Arguments.NONE))).as("again").isNull();
    assertThat(peer.does(peer.queue("old", false, Arguments.NONE))).as("older").isNull();
    Command exclusive =
        new Command.DeclareQueue(
            peer.session, "mine", "", false, true, true, false, Arguments.NONE, false);
    assertThat(peer.does(exclusive)).isNull();
    assertThat(rig.rig.queue("mine").type()).isEqualTo("classic");
    Arguments classic = Arguments.of(Map.of("x-queue-type", "classic"));
    assertThat(peer.does(peer.queue("said", false, classic))).isNull();
    assertThat(rig.rig.queue("said").type()).isEqualTo("classic");
    assertThat(peer.does(peer.queue("new", false, classic))).startsWith("inequivalent arg");
  }

  @Test
  void aDeletedHostTakesEverythingWithItAndItsNameIsFree() throws IOException {
    rig.done(new Change.PutHost("h", Arguments.NONE));
    rig.done(new Change.PutUser(AccountsRig.user("u")));
    rig.done(new Change.PutPermissions("h", "u", ALL));
    rig.done(new Change.PutTopicPermissions("h", "u", "t", "", ""));
    rig.done(new Change.PutPolicy("h", AccountsRig.policy("p", "", 0, "expires", 9), false));
    rig.done(new Change.PutHostLimits("h", Map.of("max-queues", 100L)));
    Peer peer = rig.new Peer("u", "h");
    for (int i = 0; i < 30; i++) {
      assertThat(
              peer.does(
                  peer.queue("q" + i, false, Arguments.NONE),
                  peer.exchange("x" + i, "fanout", false, Arguments.NONE),
                  peer.bind(false, true, "x" + i, "q" + i, "k"),
                  peer.bind(false, false, "amq.fanout", "x" + i, "k"),
                  peer.publish("x" + i, "")))
          .isNull();
    }
    peer.does(peer.consume("q1"));
    rig.done(new Change.DeleteHost("h"));
    assertThat(peer.events).contains(new Event.ForcedOut(peer.client, "vhost 'h' is deleted"));
    assertThat(peer.does(peer.queue("q", false, Arguments.NONE))).contains("refused");
    assertThat(peer.does(peer.publish("", "q1"))).contains("refused");
    assertThat(refusal("u", "h")).isEqualTo("vhost 'h' not found");
    assertThat(rig.rig.store.definitions().keySet()).noneMatch(key -> key.contains("1:h"));
    assertThat(rig.rig.store.logs()).isEmpty();
    assertThat(rig.accounts().permissions()).isEmpty();
    rig.done(new Change.PutHost("h", Arguments.NONE));
    reopen();
    assertThat(rig.accounts().hosts()).containsOnlyKeys("/", "h");
    assertThat(rig.accounts().policies()).isEmpty();
    assertThat(rig.accounts().hostLimits()).isEmpty();
    assertThat(rig.rig.shard.hosts().values()).allMatch(host -> host.queues().isEmpty());
  }

  @Test
  void aHostThatIsBeingDeletedIsNotMadeAgainBefore() {
    rig.done(new Change.PutHost("h", Arguments.NONE));
    List<String> deleted = rig.begin(new Change.DeleteHost("h"));
    List<String> made = rig.begin(new Change.PutHost("h", Arguments.NONE));
    assertThat(made).containsExactly("vhost 'h' is being deleted: try again");
    assertThat(rig.rig.shard.host("h")).isNull();
    rig.finish();
    assertThat(deleted).containsExactly("");
    rig.done(new Change.PutHost("h", Arguments.NONE));
  }
}
