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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// Messages that are refused, grow too old or come back too often, small and large, with the power
/// going away anywhere: every confirmed one is in one queue, and in one only.
class DeadLetterCrashTest {
  private static final List<String> QUEUES = List.of("q", "old", "again", "dead");
  private static final String TO_DEAD = "x-dead-letter-exchange= x-dead-letter-routing-key=dead";

  private static final class Life implements Outbox {
    final ShardDriver driver;
    final Session session;
    final List<Event.Got> got = new ArrayList<>();
    final TreeSet<Integer> confirmed;
    final Map<Long, Integer> underWay = new HashMap<>();
    boolean heardNothing;
    long tag;

    Life(SimulatedDisk disk, long nowMs, TreeSet<Integer> confirmed) throws IOException {
      this.confirmed = confirmed;
      driver = new ShardDriver(disk, ShardDriver.LIMITS, nowMs);
      driver.finish();
      Client client = driver.shard.newClient("c", driver.host, this);
      session = client.newSession(1);
      driver.submit(new Command.SelectConfirms(session, true));
      declare("q", TO_DEAD);
      declare("old", TO_DEAD + " x-message-ttl=50");
      declare("again", TO_DEAD + " x-queue-type=quorum x-delivery-limit=1");
      declare("dead", "");
      driver.finish();
    }

    private void declare(String name, String arguments) {
      driver.submit(
          new Command.DeclareQueue(
              session,
              name,
              "",
              false,
              true,
              false,
              false,
              TextHeaders.parse(arguments.split(" ")),
              true));
    }

    void publish(int id, int bytes, String queue) {
      byte[] body = (id + " " + ".".repeat(bytes)).getBytes(StandardCharsets.UTF_8);
      underWay.put(++tag, id);
      Message message =
          new Message("", queue, TextHeaders.FORMAT, new byte[0], body, true, driver.nowMs);
      driver.submit(new Command.Publish(session, message, false));
    }

    void settleOne(SplittableRandom dice) {
      if (!got.isEmpty()) {
        Event.Got one = got.removeFirst();
        boolean again = one.message().routingKey().equals("again");
        driver.submit(
            new Command.Settle(
                session,
                one.deliveryTag(),
                false,
                again || dice.nextInt(4) == 0
                    ? Command.Outcome.RETURNED
                    : Command.Outcome.REJECTED));
      }
    }

    @Override
    public void add(Event event) {
      switch (event) {
        case Event.Got g -> got.add(g);
        case Event.GotNothing g -> heardNothing = true;
        case Event.Confirmed c -> {
          for (long one = c.multiple() ? 1 : c.tag(); one <= c.tag(); one++) {
            Integer id = underWay.remove(one);
            if (id != null) {
              confirmed.add(id);
            }
          }
        }
        case Event.Failed f -> throw new AssertionError("failed: " + f.error());
        default -> {
          // Declared.
        }
      }
    }

    @Override
    public boolean hasRoom() {
      return true;
    }
  }

  private static int idOf(Message message) {
    String text = new String(message.body(), StandardCharsets.UTF_8);
    return Integer.parseInt(text.substring(0, text.indexOf(' ')));
  }

  /// Where each message is; one that is in two places fails.
  private static Map<Integer, String> placesOf(SimulatedDisk disk) throws IOException {
    Life life = new Life(disk.copy(), 1, new TreeSet<>());
    Map<Integer, String> places = new HashMap<>();
    for (String queue : QUEUES) {
      for (life.heardNothing = false; !life.heardNothing; ) {
        life.driver.submit(new Command.Get(life.session, queue, true));
        life.driver.finish();
        for (Event.Got one : life.got) {
          String before = places.put(idOf(one.message()), queue);
          assertThat(before).as("message " + idOf(one.message()) + " is there twice").isNull();
        }
        life.got.clear();
      }
    }
    return places;
  }

  private static void live(long seed, AtomicLong crashes, AtomicLong dead) throws IOException {
    SplittableRandom dice = new SplittableRandom(seed);
    SimulatedDisk disk = new SimulatedDisk(seed);
    TreeSet<Integer> confirmed = new TreeSet<>();
    int[] sizes = {10, 300, 3000, 20_000};
    long nowMs = 1;
    int id = 0;
    for (int crash = 0; crash < 12; crash++) {
      Life life = new Life(disk, nowMs, confirmed);
      disk.crashAt(disk.operations() + dice.nextInt(1, 80));
      try {
        for (int i = 0; i < 1500; i++) {
          switch (dice.nextInt(9)) {
            case 0 -> life.driver.write();
            case 1 -> life.driver.background();
            case 2 -> life.publish(++id, sizes[dice.nextInt(4)], QUEUES.get(dice.nextInt(3)));
            case 3 -> {
              String from = QUEUES.get(dice.nextInt(3));
              life.driver.submit(new Command.Get(life.session, from, false));
            }
            case 4 -> life.settleOne(dice);
            case 5 -> life.driver.nowMs += dice.nextInt(10);
            default -> life.driver.step();
          }
        }
        disk.crashAt(Long.MAX_VALUE);
      } catch (SimulatedCrash powerIsGone) {
        // Everything in memory is gone as well.
      }
      nowMs = life.driver.nowMs;
      crashes.incrementAndGet();
      disk = disk.crash(CrashMode.values()[dice.nextInt(CrashMode.values().length)]);
      Map<Integer, String> places = placesOf(disk);
      assertThat(places.keySet()).as("confirmed messages").containsAll(confirmed);
      dead.addAndGet(places.values().stream().filter("dead"::equals).count());
      // What was not confirmed and is there now is as good as confirmed.
      confirmed.addAll(places.keySet());
    }
  }

  @Test
  void everyMessageIsInOnePlace() {
    AtomicLong crashes = new AtomicLong();
    AtomicLong dead = new AtomicLong();
    Seeds.forEach(60, seed -> live(seed, crashes, dead));
    System.out.printf("%s crashes; %s dead letters were found%n", crashes, dead);
    assertThat(dead.get()).isPositive();
  }
}
