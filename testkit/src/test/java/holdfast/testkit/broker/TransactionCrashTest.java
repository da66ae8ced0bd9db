package holdfast.testkit.broker;

import static org.assertj.core.api.Assertions.assertThat;

import holdfast.core.Client;
import holdfast.core.Command;
import holdfast.core.Event;
import holdfast.core.Message;
import holdfast.core.Outbox;
import holdfast.core.Session;
import holdfast.testkit.CrashMode;
import holdfast.testkit.Seeds;
import holdfast.testkit.SimulatedCrash;
import holdfast.testkit.SimulatedDisk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// Transactions of several sessions at a time, small ones and such as go into the journal in many
/// parts, with the power going away anywhere: after a start each is there as a whole or not at all,
/// and one whose commit was answered is there.
///
/// Each session moves messages of its own between queues: what a start finds of it must be what it
/// had after one of its commits, the last answered one or the one that was under way.
class TransactionCrashTest {
  private static final int SESSIONS = 3;
  private static final int LIVES = 14;
  private static final List<String> QUEUES = List.of("a", "b", "c", "dead");

  /// What of one session's messages is where: `queue body`.
  private static final class Worker implements Outbox {
    final int number;
    Session session;

    /// After the last commit that was answered.
    TreeSet<String> committed = new TreeSet<>();

    /// After the commit that is under way; null if there is none.
    TreeSet<String> asked;

    /// With what the open transaction did.
    TreeSet<String> open = new TreeSet<>();

    final ArrayDeque<Event.Got> got = new ArrayDeque<>();
    boolean selected;
    boolean heardNothing;
    int count;

    Worker(int number) {
      this.number = number;
    }

    @Override
    public void add(Event event) {
      switch (event) {
        case Event.Got g -> got.add(g);
        case Event.GotNothing g -> heardNothing = true;
        case Event.Done d when d.cause() instanceof Command.Commit -> {
          committed = asked;
          asked = null;
        }
        case Event.Failed f -> throw new AssertionError("failed: " + f.error());
        default -> {
          // Declared, selected, rolled back.
        }
      }
    }

    @Override
    public boolean hasRoom() {
      return true;
    }
  }

  private static final class Lives {
    final SplittableRandom dice;
    final List<Worker> workers = new ArrayList<>();
    SimulatedDisk disk;
    ShardDriver driver;
    long commits;
    long crashes;
    long whole;

    Lives(long seed) {
      dice = new SplittableRandom(seed);
      disk = new SimulatedDisk(seed);
      for (int i = 0; i < SESSIONS; i++) {
        workers.add(new Worker(i));
      }
    }

    void live() throws IOException {
      open();
      for (int life = 0; life < LIVES; life++) {
        disk.crashAt(disk.operations() + dice.nextInt(1, 120));
        try {
          for (int i = 0; i < 4000; i++) {
            step();
          }
          disk.crashAt(Long.MAX_VALUE);
        } catch (SimulatedCrash powerIsGone) {
          // Everything in memory is gone as well.
        }
        crashes++;
        CrashMode[] modes = CrashMode.values();
        disk = disk.crash(modes[dice.nextInt(modes.length)]);
        open();
        judge();
      }
    }

    void open() throws IOException {
      driver = new ShardDriver(disk);
      driver.finish();
      Client client = driver.shard.newClient("setup", driver.host, new Worker(-1));
      Session session = client.newSession(1);
      for (String queue : QUEUES) {
        String dlx =
            queue.equals("c") ? "x-dead-letter-exchange= x-dead-letter-routing-key=dead" : "";
        String lanes = queue.equals("b") ? "x-max-priority=5" : "";
        driver.submit(
            new Command.DeclareQueue(
                session,
                queue,
                "",
                false,
                true,
                false,
                false,
                TextHeaders.parse((dlx + " " + lanes).strip().split(" ")),
                false));
      }
      driver.finish();
      for (Worker worker : workers) {
        worker.session = driver.shard.newClient("w", driver.host, worker).newSession(1);
        worker.selected = false;
        worker.got.clear();
        worker.heardNothing = false;
      }
    }

    void step() {
      switch (dice.nextInt(12)) {
        case 0 -> driver.write();
        case 1 -> driver.background();
        case 2, 3, 4, 5 -> driver.step();
        default -> work(workers.get(dice.nextInt(SESSIONS)));
      }
    }

    void work(Worker worker) {
      if (worker.asked != null) {
        return;
      }
      if (!worker.selected) {
        worker.selected = true;
        worker.open = new TreeSet<>(worker.committed);
        driver.submit(new Command.SelectTransactions(worker.session));
        return;
      }
      Event.Got got = worker.got.poll();
      if (got != null) {
        settle(worker, got);
        return;
      }
      switch (dice.nextInt(8)) {
        case 0, 1, 2 -> publish(worker);
        case 3, 4 ->
            driver.submit(
                new Command.Get(worker.session, QUEUES.get(dice.nextInt(QUEUES.size())), false));
        case 5 -> {
          worker.asked = new TreeSet<>(worker.open);
          commits++;
          driver.submit(new Command.Commit(worker.session));
        }
        case 6 -> {
          if (dice.nextInt(4) == 0) {
            worker.open = new TreeSet<>(worker.committed);
            driver.submit(new Command.Rollback(worker.session));
          }
        }
        default -> {
          // Nothing for once.
        }
      }
    }

    void publish(Worker worker) {
      String queue = QUEUES.get(dice.nextInt(3));
      String text = worker.number + "." + ++worker.count + " ";
      int[] sizes = {10, 300, 3000, 20_000};
      byte[] body =
          (text + ".".repeat(sizes[dice.nextInt(sizes.length)])).getBytes(StandardCharsets.UTF_8);
      worker.open.add(queue + " " + text.strip());
      Message message =
          new Message(
              "",
              queue,
              TextHeaders.FORMAT,
              ("priority=" + dice.nextInt(5)).getBytes(StandardCharsets.UTF_8),
              body,
              true,
              1);
      driver.submit(new Command.Publish(worker.session, message, false));
    }

    /// Its own messages it settles; those of others it gives back.
    void settle(Worker worker, Event.Got got) {
      String name = name(got.message());
      String queue = got.message().routingKey();
      boolean own = name.startsWith(worker.number + ".");
      Command.Outcome outcome = Command.Outcome.RETURNED;
      if (own && worker.open.contains(queue + " " + name)) {
        outcome = dice.nextBoolean() ? Command.Outcome.ACCEPTED : Command.Outcome.REJECTED;
        worker.open.remove(queue + " " + name);
        if (outcome == Command.Outcome.REJECTED && queue.equals("c")) {
          worker.open.add("dead " + name);
        }
      }
      driver.submit(new Command.Settle(worker.session, got.deliveryTag(), false, outcome));
    }

    static String name(Message message) {
      String text = new String(message.body(), StandardCharsets.UTF_8);
      return text.substring(0, text.indexOf(' '));
    }

    /// What is there must be what each had after a commit.
    void judge() throws IOException {
      SimulatedDisk copy = disk.copy();
      ShardDriver reader = new ShardDriver(copy);
      reader.finish();
      Worker all = new Worker(-1);
      Session session = reader.shard.newClient("judge", reader.host, all).newSession(1);
      List<TreeSet<String>> found = new ArrayList<>();
      workers.forEach(worker -> found.add(new TreeSet<>()));
      for (String queue : QUEUES) {
        for (all.heardNothing = false; !all.heardNothing; ) {
          reader.submit(new Command.Get(session, queue, true));
          reader.finish();
          Event.Got got = all.got.poll();
          if (got != null) {
            String name = name(got.message());
            int owner = Integer.parseInt(name.substring(0, name.indexOf('.')));
            assertThat(found.get(owner).add(queue + " " + name)).as("twice: " + name).isTrue();
          }
        }
      }
      for (Worker worker : workers) {
        TreeSet<String> is = found.get(worker.number);
        if (worker.asked != null && is.equals(worker.asked)) {
          worker.committed = worker.asked;
          whole++;
        }
        assertThat(is)
            .as("messages of session " + worker.number + ", commit under way: " + worker.asked)
            .isEqualTo(worker.committed);
        worker.asked = null;
      }
    }
  }

  @Test
  void transactionsAreThereAsAWholeOrNotAtAll() {
    AtomicLong crashes = new AtomicLong();
    AtomicLong commits = new AtomicLong();
    AtomicLong whole = new AtomicLong();
    Seeds.forEach(
        160,
        seed -> {
          Lives lives = new Lives(seed);
          lives.live();
          crashes.addAndGet(lives.crashes);
          commits.addAndGet(lives.commits);
          whole.addAndGet(lives.whole);
        });
    System.out.printf(
        "%s crashes among %s commits; %s of those under way were there as a whole%n",
        crashes, commits, whole);
    assertThat(commits.get()).isPositive();
    assertThat(whole.get()).as("commits that a crash found on disk").isPositive();
  }
}
