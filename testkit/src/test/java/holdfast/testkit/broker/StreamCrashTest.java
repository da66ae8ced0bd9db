package holdfast.testkit.broker;

import static org.assertj.core.api.Assertions.assertThat;

import holdfast.core.Arguments;
import holdfast.core.Client;
import holdfast.core.Command;
import holdfast.core.Event;
import holdfast.core.Limits;
import holdfast.core.Message;
import holdfast.core.Outbox;
import holdfast.core.Session;
import holdfast.testkit.CrashMode;
import holdfast.testkit.Seeds;
import holdfast.testkit.SimulatedCrash;
import holdfast.testkit.SimulatedDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// A stream whose power goes away in every kind of place: offsets never change, nothing that was
/// confirmed or given to anybody is lost, and only what may go goes.
class StreamCrashTest {
  private static final int RUNS = 30;
  private static final int LIVES = 6;
  private static final int STEPS = 120;
  private static final int BYTES_MAX = 20_000;
  private static final int SEGMENT_BYTES = 4_000;
  private static final int BODY_BYTES_MAX = 900;

  private static final class Run {
    final SplittableRandom dice;
    SimulatedDisk disk;
    ShardDriver driver;

    /// Sizes of the messages by offset, as they should be; a message's number is its offset and the
    /// life that published it, so one that comes back in place of another is seen.
    final List<Integer> sizes = new ArrayList<>();

    final List<Integer> lives = new ArrayList<>();

    /// Entries below were confirmed, or given to somebody.
    long safe;

    /// The offset that the first publish of this life got.
    int firstOfLife;

    int life;
    Session publisher;
    Session consumer;

    Run(long seed) {
      dice = new SplittableRandom(seed);
      disk = new SimulatedDisk(dice.nextLong());
    }

    void play() throws IOException {
      begin();
      driver.submit(
          new Command.DeclareQueue(
              publisher,
              "s",
              "",
              false,
              true,
              false,
              false,
              Arguments.of(
                  Map.of(
                      "x-queue-type",
                      "stream",
                      "x-max-length-bytes",
                      BYTES_MAX,
                      "x-stream-max-segment-size-bytes",
                      SEGMENT_BYTES)),
              true));
      driver.finish();
      consume();
      for (life = 1; life <= LIVES; life++) {
        disk.crashAt(disk.operations() + 1 + dice.nextInt(60));
        boolean crashed = work();
        if (crashed || dice.nextInt(3) > 0) {
          disk = disk.crash(dice.nextBoolean() ? CrashMode.NOTHING_UNFORCED : CrashMode.ANY_SUBSET);
        } else {
          disk.crashAt(Long.MAX_VALUE);
          driver.run();
          driver.store.close();
          safe = sizes.size();
          disk = disk.copy();
        }
        lookAtCopy();
        begin();
        consume();
      }
    }

    private boolean work() {
      try {
        for (int i = 0; i < STEPS; i++) {
          any();
        }
        return false;
      } catch (SimulatedCrash crash) {
        return true;
      }
    }

    private void begin() throws IOException {
      Limits limits =
          dice.nextBoolean()
              ? ShardDriver.LIMITS
              : ShardDriver.limits(1_000_000_000, dice.nextInt(10_000), ShardDriver.PAGING_TINY);
      driver = new ShardDriver(disk, limits);
      Client client = driver.shard.newClient("p", driver.host, new Ears());
      publisher = client.newSession(1);
      consumer = client.newSession(2);
      driver.submit(new Command.SelectConfirms(publisher, true));
      firstOfLife = sizes.size();
    }

    private void consume() {
      driver.submit(new Command.SetPrefetch(consumer, 20, false));
      driver.submit(
          new Command.Consume(
              consumer,
              "s",
              "c",
              "",
              false,
              false,
              Arguments.of(Map.of("x-stream-offset", "first")),
              true));
    }

    private void any() {
      int roll = dice.nextInt(100);
      if (roll < 45) {
        publish();
      } else if (roll < 55) {
        driver.submit(new Command.Settle(consumer, 0, true, Command.Outcome.ACCEPTED));
      } else if (roll < 75) {
        for (int i = dice.nextInt(12); i > 0; i--) {
          driver.step();
        }
      } else if (roll < 80) {
        driver.run();
      } else if (roll < 92) {
        driver.write();
      } else {
        driver.background();
      }
    }

    private void publish() {
      int size = 8 + dice.nextInt(dice.nextInt(20) == 0 ? 10 * BODY_BYTES_MAX : BODY_BYTES_MAX);
      byte[] body = new byte[size];
      ByteBuffer.wrap(body).putInt(sizes.size()).putInt(life);
      sizes.add(size);
      lives.add(life);
      Message message =
          new Message("", "s", TextHeaders.FORMAT, new byte[0], body, dice.nextBoolean(), life);
      driver.submit(new Command.Publish(publisher, message, false));
    }

    private void requireSame(long offset, Message message) {
      ByteBuffer body = ByteBuffer.wrap(message.body());
      assertThat(body.getInt()).as("offset").isEqualTo((int) offset);
      assertThat(body.getInt()).as("life of " + offset).isEqualTo(lives.get((int) offset));
      assertThat(message.body()).hasSize(sizes.get((int) offset));
    }

    /// What there is after the restart, and what that means for what comes.
    private void lookAtCopy() throws IOException {
      TreeMap<Long, Message> found = new TreeMap<>();
      ShardDriver look = new ShardDriver(disk.copy());
      Outbox eyes =
          new Ears() {
            @Override
            public void add(Event event) {
              if (event instanceof Event.Delivered d) {
                found.put(offset(d), d.message());
              }
            }
          };
      Session session = look.shard.newClient("look", look.host, eyes).newSession(1);
      look.submit(new Command.SetPrefetch(session, 60_000, false));
      look.submit(
          new Command.Consume(
              session,
              "s",
              "c",
              "",
              false,
              false,
              Arguments.of(Map.of("x-stream-offset", "first")),
              true));
      look.finish();
      long end = found.isEmpty() ? 0 : found.lastKey() + 1;
      long low = found.isEmpty() ? 0 : found.firstKey();
      assertThat(end).as("what was confirmed or delivered is there").isGreaterThanOrEqualTo(safe);
      assertThat(found).as("without a gap").hasSize((int) (end - low));
      found.forEach(this::requireSame);
      if (low > 0) {
        long kept = sizes.subList((int) low, sizes.size()).stream().mapToLong(n -> n).sum();
        assertThat(kept)
            .as("only what was too much has gone")
            .isGreaterThan(BYTES_MAX - SEGMENT_BYTES - 11 * BODY_BYTES_MAX);
      }
      sizes.subList((int) end, sizes.size()).clear();
      lives.subList((int) end, lives.size()).clear();
      safe = end;
    }

    /// Hears what publisher and consumer are told.
    private class Ears implements Outbox {
      @Override
      public void add(Event event) {
        switch (event) {
          case Event.Confirmed c -> safe = Math.max(safe, firstOfLife + c.tag());
          case Event.Delivered d -> {
            requireSame(offset(d), d.message());
            safe = Math.max(safe, offset(d) + 1);
          }
          default -> {
            // Answers.
          }
        }
      }

      @Override
      public boolean hasRoom() {
        return true;
      }
    }
  }

  private static long offset(Event.Delivered delivered) {
    Arguments extra = Objects.requireNonNull(delivered.extra());
    return (Long) Objects.requireNonNull(extra.get("x-stream-offset"));
  }

  @Test
  void offsetsAndWhatWasConfirmedSurviveEveryCrash() {
    Seeds.forEach(RUNS, seed -> new Run(seed).play());
  }
}
