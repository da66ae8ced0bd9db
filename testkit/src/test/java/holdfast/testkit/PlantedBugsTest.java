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

  @Test
  void catchesASegmentThatIsUsedAgainBeforeTheCheckpointIsForced() throws Exception {
    requireCaughtInTime(harness -> harness.disk.faults().ignoreForcesOf("checkpoint"));
  }

  @Test
  void catchesAMoveThatIsNotForced() throws Exception {
    requireCaughtInTime(harness -> harness.disk.faults().ignoreForcesOf("log-"));
  }

  @Test
  void catchesAMoveThatIsCountedAlthoughItsBytesAreLost() throws Exception {
    requireCaughtInTime(harness -> harness.disk.faults().loseWritesTo("log-"));
  }

  private static void requireCaught(Consumer<StoreHarness> plant) throws Exception {
    for (long seed = 1; seed <= SEEDS; seed++) {
      assertThat(finds(seed, harness -> {})).as("seed %d without the bug", seed).isFalse();
      assertThat(finds(seed, plant)).as("seed %d with the bug", seed).isTrue();
    }
  }

  /// For a bug that shows only when the power goes away soon after: in one long run of a few.
  private static void requireCaughtInTime(Consumer<StoreHarness> plant) throws Exception {
    int caught = 0;
    for (long seed = 1; seed <= SEEDS; seed++) {
      caught += finds(seed, plant, 12) ? 1 : 0;
    }
    assertThat(caught).isPositive();
    assertThat(finds(1, harness -> {}, 12)).as("without the bug").isFalse();
  }

  private static boolean finds(long seed, Consumer<StoreHarness> plant) throws Exception {
    return finds(seed, plant, 6);
  }

  /// Whether the checker finds fault with a run.
  private static boolean finds(long seed, Consumer<StoreHarness> plant, int lives)
      throws Exception {
    StoreHarness harness = new StoreHarness(seed, StoreShape.BACKLOG);
    plant.accept(harness);
    try {
      harness.lives(lives, 400);
      return false;
    } catch (AssertionError | CorruptionException | IllegalStateException found) {
      return true;
    }
  }
}
