package holdfast.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A stream against a plain list of what was published to it: consumers come and go and begin
/// anywhere, reads come late, memory is short by turns, segments go, and the broker is started
/// anew.
class StreamFuzzTest {
  private static final int LIVES = 4;
  private static final int STEPS = 250;
  private static final int SEGMENT_BYTES = 1_500;

  @TempDir Path directory;
  private int runs;

  /// A consumer as the model knows it.
  private static final class Reader {
    final Session session;
    final int prefetch;
    final ArrayList<Long> tags = new ArrayList<>();

    /// The lowest offset that it may be given next; not known before its first delivery where it
    /// began by time.
    long next;

    Reader(Session session, int prefetch, long next) {
      this.session = session;
      this.prefetch = prefetch;
      this.next = next;
    }
  }

  private final class Run {
    final SplittableRandom dice;
    final Path home = directory.resolve("run" + ++runs);
    final long bytesMax;

    /// Every entry's size, by its offset, which is its number as well.
    final List<Integer> sizes = new ArrayList<>();

    StreamRig rig;
    Map<String, Reader> readers = new HashMap<>();
    int tags;
    long pressure;

    Run(SplittableRandom dice) {
      this.dice = dice;
      bytesMax = dice.nextBoolean() ? 6_000 : StreamRetention.UNLIMITED;
    }

    void play() throws IOException {
      for (int life = 0; life < LIVES; life++) {
        long cache = dice.nextInt(3) == 0 ? 0 : dice.nextInt(12_000);
        rig = new StreamRig(home, cache, PagingRig.TINY);
        if (life == 0) {
          rig.declare(
              "s",
              "x-max-length-bytes",
              bytesMax,
              "x-stream-max-segment-size-bytes",
              SEGMENT_BYTES);
        }
        readers = new HashMap<>();
        pressure = 0;
        for (int i = 0; i < STEPS; i++) {
          any();
          hear();
        }
        rig.rig.memory.add(-pressure);
        atRest();
        if (life == LIVES - 1) {
          leaveNothing();
        }
        rig.close();
      }
    }

    void any() {
      int roll = dice.nextInt(100);
      if (roll < 25) {
        publish();
      } else if (roll < 30) {
        consume();
      } else if (roll < 33) {
        cancel();
      } else if (roll < 55) {
        settle();
      } else if (roll < 59) {
        squeeze();
      } else if (roll < 78) {
        for (int i = dice.nextInt(6); i > 0; i--) {
          rig.rig.step();
        }
      } else if (roll < 86) {
        rig.rig.store.writeOnce();
      } else if (roll < 97) {
        rig.rig.background();
      } else {
        rig.rig.finish();
      }
    }

    void publish() {
      for (int i = 1 + dice.nextInt(10); i > 0; i--) {
        int bytes = 4 + dice.nextInt(300);
        Durability[] all = Durability.values();
        int id = sizes.size();
        rig.publish("s", id, bytes, id * 1000L, all[dice.nextInt(all.length)]);
        sizes.add(bytes);
      }
    }

    void consume() {
      if (readers.size() > 5) {
        return;
      }
      String tag = "c" + ++tags;
      int prefetch = 1 + dice.nextInt(40);
      long low = low();
      long offset = dice.nextLong(sizes.size() + 1);
      Session session;
      long next;
      switch (dice.nextInt(4)) {
        case 0 -> {
          session = rig.consume("s", tag, prefetch, "first");
          next = low;
        }
        case 1 -> {
          session = rig.consume("s", tag, prefetch, "next");
          next = sizes.size();
        }
        case 2 -> {
          session = rig.consume("s", tag, prefetch, java.time.Instant.ofEpochSecond(offset));
          next = Math.max(low, Math.min(offset, low + rig.stream("s").count()));
        }
        default -> {
          session = rig.consume("s", tag, prefetch, offset);
          next = Math.max(low, offset);
        }
      }
      readers.put(tag, new Reader(session, prefetch, next));
    }

    long low() {
      return rig.rig.queue("s").usual().log().low();
    }

    void cancel() {
      for (String tag : readers.keySet()) {
        Reader reader = readers.remove(tag);
        rig.rig.submit(new Command.Cancel(reader.session, tag, true));
        rig.settle(reader.session, 0, true, Command.Outcome.RETURNED);
        return;
      }
    }

    void settle() {
      for (Reader reader : readers.values()) {
        if (!reader.tags.isEmpty() && dice.nextBoolean()) {
          Command.Outcome[] all = Command.Outcome.values();
          long tag = reader.tags.remove(dice.nextInt(reader.tags.size()));
          rig.settle(reader.session, tag, false, all[dice.nextInt(all.length)]);
        }
      }
    }

    void squeeze() {
      long more = pressure > 0 ? -pressure : dice.nextLong(20_000);
      pressure += more;
      rig.rig.memory.add(more);
    }

    void hear() {
      for (StreamRig.Given one : rig.given()) {
        assertThat(one.id()).as("offsets never change").isEqualTo((int) one.offset());
        Reader reader = readers.get(one.tag());
        if (reader == null) {
          continue; // on its way when the consumer was cancelled
        }
        // Between the expected one and this nothing may be left out but what is gone.
        assertThat(one.offset()).as(one.tag()).isGreaterThanOrEqualTo(reader.next);
        assertThat(one.offset() == reader.next || one.offset() <= low())
            .as("%s is given %s and not %s", one.tag(), one.offset(), reader.next)
            .isTrue();
        reader.next = one.offset() + 1;
        reader.tags.add(one.deliveryTag());
        assertThat(reader.tags.size()).isLessThanOrEqualTo(reader.prefetch);
      }
    }

    /// Everybody is given everything.
    void atRest() {
      rig.rig.finish();
      hear();
      for (Reader reader : readers.values()) {
        while (reader.next < sizes.size()) {
          long before = reader.next;
          rig.settle(reader.session, 0, true, Command.Outcome.ACCEPTED);
          reader.tags.clear();
          rig.rig.finish();
          hear();
          assertThat(reader.next).as("goes on").isGreaterThan(before);
        }
      }
      Stream stream = rig.stream("s");
      assertThat(low() + stream.count()).isEqualTo(sizes.size());
      long kept = sizes.subList((int) low(), sizes.size()).stream().mapToLong(n -> n + 1).sum();
      rig.rig.queue("s").stream().retain(0);
      rig.rig.finish();
      assertThat(stream.bytes()).isEqualTo(kept);
      if (bytesMax == StreamRetention.UNLIMITED) {
        assertThat(low()).isZero();
      } else if (sizes.size() > 100) {
        assertThat(kept).isBetween(bytesMax - SEGMENT_BYTES - 400, bytesMax);
      }
    }

    void leaveNothing() {
      rig.rig.submit(new Command.DeleteQueue(rig.rig.publisher, "s", false, false, true));
      rig.rig.finish();
      for (Session session : List.copyOf(rig.rig.client.sessions())) {
        rig.settle(session, 0, true, Command.Outcome.ACCEPTED);
      }
      rig.rig.finish();
      assertThat(rig.rig.memory.used()).as("with everything gone").isZero();
      assertThat(rig.rig.store.definitions().keySet())
          .as("definitions of what is gone")
          .noneMatch(key -> key.charAt(0) == Definitions.SEGMENT);
    }
  }

  @Test
  void everyConsumerIsGivenEverythingThatIsKeptInOrder() {
    Seeded.forEach(
        40,
        dice -> {
          try {
            new Run(dice).play();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }
}
