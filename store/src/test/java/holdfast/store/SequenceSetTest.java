package holdfast.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SequenceSetTest {
  private static final int SEEDS = 60;

  @Test
  void agreesWithATreeSet() {
    for (long seed = 1; seed <= SEEDS; seed++) {
      SplittableRandom dice = new SplittableRandom(seed);
      long start = dice.nextBoolean() ? 0 : dice.nextLong(10_000);
      int spread = 1 + dice.nextInt(dice.nextBoolean() ? 40 : 6_000);
      SequenceSet set = new SequenceSet(start);
      TreeSet<Long> model = new TreeSet<>();
      long low = start;
      for (int i = 0; i < 3_000; i++) {
        long sequence = dice.nextInt(3) == 0 ? low : low + dice.nextInt(spread);
        assertThat(set.add(sequence)).as("seed %d", seed).isEqualTo(model.add(sequence));
        while (model.contains(low)) {
          low++;
        }
        assertThat(set.low()).as("seed %d", seed).isEqualTo(low);
        long probe = Math.max(0, low - 5) + dice.nextInt(spread + 2_000);
        assertThat(set.contains(probe))
            .as("seed %d, sequence %d", seed, probe)
            .isEqualTo(probe < low || model.contains(probe));
      }
      requireSame(seed, set, start, model, low, spread);
    }
  }

  private static void requireSame(
      long seed, SequenceSet set, long start, TreeSet<Long> model, long low, int spread) {
    SplittableRandom dice = new SplittableRandom(seed);
    for (int i = 0; i < 200; i++) {
      long from = start + dice.nextInt(spread + 3_000);
      long to = from + dice.nextInt(spread + 2_000);
      long first = from;
      while (first < low || model.contains(first)) {
        first++;
      }
      assertThat(set.nextAbsent(from)).as("seed %d, from %d", seed, from).isEqualTo(first);
      Long present = from < low ? Long.valueOf(from) : model.ceiling(from);
      assertThat(set.nextPresent(from, to))
          .as("seed %d, from %d to %d", seed, from, to)
          .isEqualTo(present == null ? to : Math.min(Math.max(from, to), present));
      long below = Math.max(0, Math.min(to, low) - from);
      long above = from >= to ? 0 : model.subSet(Math.max(from, low), Math.max(to, low)).size();
      assertThat(set.countIn(from, to))
          .as("seed %d, from %d to %d", seed, from, to)
          .isEqualTo(below + above);
    }
  }

  @Test
  void addsRangesAsItAddsTheirSequences() {
    for (long seed = 1; seed <= SEEDS; seed++) {
      SplittableRandom dice = new SplittableRandom(seed);
      SequenceSet ranges = new SequenceSet(0);
      SequenceSet singles = new SequenceSet(0);
      for (int i = 0; i < 60; i++) {
        long first = ranges.low() + dice.nextInt(dice.nextBoolean() ? 3 : 5_000);
        long end = first + dice.nextInt(dice.nextBoolean() ? 100 : 3_000);
        ranges.addRange(first, end);
        for (long s = first; s < end; s++) {
          singles.add(s);
        }
        assertThat(ranges.low()).as("seed %d", seed).isEqualTo(singles.low());
      }
      for (long s = 0; s < 20_000; s++) {
        assertThat(ranges.contains(s)).as("seed %d, %d", seed, s).isEqualTo(singles.contains(s));
      }
    }
  }

  @Test
  void isTheSameAfterItWasWrittenAndRead() {
    for (long seed = 1; seed <= SEEDS; seed++) {
      SplittableRandom dice = new SplittableRandom(seed);
      SequenceSet set = new SequenceSet(dice.nextInt(5_000));
      for (int i = dice.nextInt(3_000); i > 0; i--) {
        set.add(set.low() + dice.nextInt(seed % 2 == 0 ? 9_000 : 90_000));
      }
      ByteWriter out = new ByteWriter(16);
      set.encode(out);
      ByteReader in = new ByteReader(out.toBytes());
      SequenceSet read = SequenceSet.decode(in);
      assertThat(in.hasMore()).isFalse();
      assertThat(read.low()).as("seed %d", seed).isEqualTo(set.low());
      for (long s = 0; s < 100_000; s++) {
        assertThat(read.contains(s)).as("seed %d, %d", seed, s).isEqualTo(set.contains(s));
      }
      read.add(read.low());
      set.add(set.low());
      assertThat(read.low()).as("seed %d", seed).isEqualTo(set.low());
    }
  }
}
