package holdfast.testkit.broker;

import static org.assertj.core.api.Assertions.assertThat;

import holdfast.store.CorruptionException;
import holdfast.testkit.broker.BrokerHarness.Plant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A model that was never seen failing proves nothing: each of these plants one bug between the
/// broker and its clients, or in the disk, and the runs that pass without it must fail with it.
class PlantedBrokerBugsTest {
  private static final int SEEDS = 6;

  @ParameterizedTest
  @EnumSource(value = Plant.class, mode = EnumSource.Mode.EXCLUDE, names = "NOTHING")
  void isNoticedInEveryRun(Plant plant) throws Exception {
    for (long seed = 1; seed <= SEEDS; seed++) {
      assertThat(finds(seed, Plant.NOTHING)).as("seed %d without the bug", seed).isFalse();
      assertThat(finds(seed, plant)).as("seed %d with the bug", seed).isTrue();
    }
  }

  /// Whether the model finds fault with a run.
  private static boolean finds(long seed, Plant plant) throws Exception {
    BrokerHarness harness = new BrokerHarness(seed, plant);
    try {
      harness.lives(30, 500);
      return false;
    } catch (AssertionError | CorruptionException found) {
      return true;
    }
  }
}
