package holdfast.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Iterator;
import java.util.List;
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
      requireSameRuns(seed, set, new TreeSet<>(model.tailSet(low)));
    }
  }

  private static void requireSameRuns(long seed, SequenceSet set, TreeSet<Long> above) {
    Iterator<Long> expected = above.iterator();
    long end = -1;
    for (long[] run : set.runsAboveLow()) {
      assertThat(run[0]).as("seed %d: runs do not touch", seed).isGreaterThan(end);
      end = run[0] + run[1];
      for (long sequence = run[0]; sequence < end; sequence++) {
        assertThat(expected.next()).as("seed %d", seed).isEqualTo(sequence);
      }
    }
    assertThat(expected.hasNext()).as("seed %d", seed).isFalse();
  }

  @Test
  void isTheSameAfterItsRunsAreAddedToAnEmptyOne() {
    for (long seed = 1; seed <= SEEDS; seed++) {
      SplittableRandom dice = new SplittableRandom(seed);
      SequenceSet set = new SequenceSet(0);
      for (int i = 0; i < 2_000; i++) {
        set.add(dice.nextInt(5_000));
      }
      SequenceSet restored = new SequenceSet(set.low());
      for (long[] run : set.runsAboveLow()) {
        for (long sequence = run[0]; sequence < run[0] + run[1]; sequence++) {
          restored.add(sequence);
        }
      }
      assertThat(restored.low()).as("seed %d", seed).isEqualTo(set.low());
      List<long[]> runs = set.runsAboveLow();
      assertThat(restored.runsAboveLow().toArray(long[][]::new))
          .as("seed %d", seed)
          .isDeepEqualTo(runs.toArray(long[][]::new));
    }
  }
}
