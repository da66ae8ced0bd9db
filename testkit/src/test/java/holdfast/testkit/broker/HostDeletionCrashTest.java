package holdfast.testkit.broker;

import static org.assertj.core.api.Assertions.assertThat;

import holdfast.core.Accounts;
import holdfast.core.Arguments;
import holdfast.core.Change;
import holdfast.core.Client;
import holdfast.core.Command;
import holdfast.core.Event;
import holdfast.core.Message;
import holdfast.core.Outbox;
import holdfast.core.Permissions;
import holdfast.core.Session;
import holdfast.core.User;
import holdfast.testkit.CrashMode;
import holdfast.testkit.Seeds;
import holdfast.testkit.SimulatedDisk;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// The power goes away while a virtual host, or a user, is being deleted: it is there with all it
/// has, or gone with all of it, and its name is as good as new.
class HostDeletionCrashTest {
  private static final int QUEUES = 40;

  /// Takes what it is told, and says nothing.
  private static final class Listener implements Outbox {
    final List<Event> events = new ArrayList<>();

    @Override
    public void add(Event event) {
      events.add(event);
    }

    @Override
    public boolean hasRoom() {
      return true;
    }
  }

  private static List<String> change(ShardDriver driver, Change change) {
    List<String> answers = new ArrayList<>();
    driver.submit(
        new Command.Administer(
            driver.self.control(),
            change,
            error -> answers.add(error == null ? "" : error.text())));
    return answers;
  }

  private static void done(ShardDriver driver, Change change) {
    List<String> answers = change(driver, change);
    driver.finish();
    assertThat(answers).as("%s", change).containsExactly("");
  }

  private static Session sessionIn(ShardDriver driver, String host) {
    Client client =
        driver.shard.newClient(
            "c", Objects.requireNonNull(driver.shard.host(host)), new Listener());
    return client.newSession(1);
  }

  private static void fill(ShardDriver driver) {
    done(driver, new Change.PutHost("h", Arguments.NONE));
    for (String user : new String[] {"u", "v"}) {
      done(driver, new Change.PutUser(user(user)));
      done(driver, new Change.PutPermissions("h", user, new Permissions(".*", ".*", ".*")));
      done(driver, new Change.PutPermissions("/", user, new Permissions(".*", ".*", ".*")));
    }
    for (int i = 0; i < 20; i++) {
      done(
          driver,
          new Change.PutTopicPermissions("h", "u", "exchange " + "x".repeat(150) + i, ".*", ".*"));
    }
    Session session = sessionIn(driver, "h");
    for (int i = 0; i < QUEUES; i++) {
      driver.submit(
          new Command.DeclareQueue(
              session, "q" + i, "", false, true, false, false, Arguments.NONE, true));
      driver.submit(
          new Command.DeclareExchange(
              session, "x" + i, "fanout", false, true, i % 2 == 0, false, Arguments.NONE, true));
      for (String source : new String[] {"x" + i, "amq.direct"}) {
        driver.submit(
            new Command.Bind(session, false, true, source, "q" + i, "k", Arguments.NONE, true));
      }
      Message message =
          new Message("", "q" + i, TextHeaders.FORMAT, new byte[0], new byte[200], true, 1);
      driver.submit(new Command.Publish(session, message, false));
    }
    driver.finish();
  }

  private static User user(String name) {
    return new User(name, new byte[0], User.Hashing.SHA_256, List.of());
  }

  @Test
  void aHostIsGoneWholeOrNotAtAll() {
    AtomicInteger gone = new AtomicInteger();
    AtomicInteger whole = new AtomicInteger();
    AtomicInteger halfWay = new AtomicInteger();
    Seeds.forEach(60, seed -> crashWhileDeleting(seed, gone, whole, halfWay));
    assertThat(gone.get()).as("deleted").isPositive();
    assertThat(whole.get()).as("there").isPositive();
    assertThat(halfWay.get()).as("finished by the next start").isPositive();
  }

  private static void crashWhileDeleting(
      long seed, AtomicInteger gone, AtomicInteger whole, AtomicInteger halfWay)
      throws IOException {
    Random random = new Random(seed);
    ShardDriver driver = new ShardDriver(new SimulatedDisk(seed));
    driver.finish();
    fill(driver);
    List<String> answers = change(driver, new Change.DeleteHost("h"));
    for (int steps = random.nextInt(140); steps > 0; steps--) {
      driver.step();
      if (random.nextInt(4) == 0) {
        driver.write();
      }
    }
    boolean answered = !answers.isEmpty();
    CrashMode mode = CrashMode.values()[random.nextInt(CrashMode.values().length)];
    boolean marked = driver.shard.host("h") == null;
    SimulatedDisk disk = driver.disk.crash(mode);
    driver = new ShardDriver(disk);
    driver.finish();
    boolean isThere = driver.shard.host("h") != null;
    assertThat(answered && isThere).as("back after it was answered").isFalse();
    if (marked && !answered && !isThere) {
      halfWay.incrementAndGet();
    }
    (isThere ? whole : gone).incrementAndGet();
    long queues =
        driver.inspect().queues().stream().filter(queue -> queue.vhost().equals("h")).count();
    assertThat(queues).isEqualTo(isThere ? QUEUES : 0);
    boolean anyLeft = driver.store.definitions().keySet().stream().anyMatch(k -> k.contains("1:h"));
    assertThat(anyLeft).as("definitions of it").isEqualTo(isThere);
    assertThat(driver.store.logs()).hasSize(isThere ? QUEUES : 0);
    Accounts.Key key = new Accounts.Key("h", "u");
    Accounts accounts = driver.shard.administration().accounts();
    assertThat(accounts.permissions().containsKey(key)).isEqualTo(isThere);
    assertThat(accounts.users()).containsOnlyKeys("u", "v");
    if (!isThere) {
      fill(driver);
      driver = new ShardDriver(driver.disk.crash(CrashMode.NOTHING_UNFORCED));
      driver.finish();
      assertThat(driver.inspect().queues()).hasSize(QUEUES);
    }
  }

  @Test
  void aUserComesBackWithNoRightsOfTheOneBefore() {
    AtomicInteger gone = new AtomicInteger();
    Seeds.forEach(
        40,
        seed -> {
          Random random = new Random(seed);
          ShardDriver driver = new ShardDriver(new SimulatedDisk(seed));
          driver.finish();
          fill(driver);
          List<String> answers = change(driver, new Change.DeleteUser("u"));
          for (int steps = random.nextInt(6); steps > 0; steps--) {
            driver.step();
            if (random.nextInt(2) == 0) {
              driver.write();
            }
          }
          boolean answered = !answers.isEmpty();
          CrashMode mode = CrashMode.values()[random.nextInt(CrashMode.values().length)];
          driver = new ShardDriver(driver.disk.crash(mode));
          driver.finish();
          Accounts accounts = driver.shard.administration().accounts();
          boolean isThere = accounts.users().containsKey("u");
          assertThat(answered && isThere).as("back after it was answered").isFalse();
          if (!isThere) {
            gone.incrementAndGet();
            done(driver, new Change.PutUser(user("u")));
            driver = new ShardDriver(driver.disk.crash(CrashMode.NOTHING_UNFORCED));
            accounts = driver.shard.administration().accounts();
            assertThat(accounts.users()).containsOnlyKeys("u", "v");
            assertThat(accounts.permissions().keySet())
                .containsExactlyInAnyOrder(new Accounts.Key("h", "v"), new Accounts.Key("/", "v"));
            assertThat(accounts.topicPermissions()).isEmpty();
          }
        });
    assertThat(gone.get()).as("deleted").isPositive();
  }
}
