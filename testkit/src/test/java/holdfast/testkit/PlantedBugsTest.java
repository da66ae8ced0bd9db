package holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import holdfast.store.CorruptionException;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/// A checker that was never seen failing proves nothing: each of these plants one bug, and the same
/// run that passes without it must fail with it.
class PlantedBugsTest {
  private static final int SEEDS = 8;

  @Test
  void catchesAMissingSync() throws Exception {
    requireCaught(harness -> harness.disk.faults().ignoreForces(true));
  }

  @Test
  void catchesAConfirmBeforeItIsDurable() throws Exception {
    requireCaught(harness -> harness.confirmsAtAppend = true);
  }

  @Test
  void catchesADirectoryThatIsNotForced() throws Exception {
    requireCaught(harness -> harness.disk.faults().ignoreDirectoryForces(true));
  }

  @Test
  void catchesASettleThatIsAppliedTwice() throws Exception {
    requireCaught(harness -> harness.settlesTwice = true);
  }

  private static void requireCaught(Consumer<StoreHarness> plant) throws Exception {
    for (long seed = 1; seed <= SEEDS; seed++) {
      assertThat(finds(seed, harness -> {})).as("seed %d without the bug", seed).isFalse();
      assertThat(finds(seed, plant)).as("seed %d with the bug", seed).isTrue();
    }
  }

  /// Whether the checker finds fault with a run.
  private static boolean finds(long seed, Consumer<StoreHarness> plant) throws Exception {
    StoreHarness harness = new StoreHarness(seed);
    plant.accept(harness);
    try {
      harness.lives(6, 400);
      return false;
    } catch (AssertionError | CorruptionException found) {
      return true;
    }
  }
}
