package holdfast.testkit.broker;

import static org.assertj.core.api.Assertions.assertThat;

import holdfast.store.StoreFailedException;
import holdfast.testkit.MemoryEngine;
import holdfast.testkit.Seeds;
import holdfast.testkit.UnsteadyEngine;
import holdfast.testkit.broker.BrokerHarness.Plant;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/// The whole broker against its model on an engine that fences it, loses answers and completes
/// late. An owner that has failed delivers and confirms nothing more; the next one finds what was
/// confirmed.
class BrokerEngineTest {
  private static final int LIVES = 10;
  private static final int STEPS_OF_A_LIFE = 500;
  private static final long SEGMENT_BYTES = 64 * 1024;

  private long fenced;
  private long landed;
  private long lost;
  private long delayed;
  private long confirms;

  @Test
  void keepsItsPromisesWhenItsEngineFails() {
    Seeds.forEach(40, this::run);
    System.out.printf(
        "fenced %d, unknown and landed %d, unknown and lost %d, late %d; %d confirms%n",
        fenced, landed, lost, delayed, confirms);
    if (Long.getLong("holdfast.seed") == null && Long.getLong("holdfast.runs") == null) {
      assertThat(fenced).isGreaterThan(20);
      assertThat(landed).isGreaterThan(20);
      assertThat(lost).isGreaterThan(20);
      assertThat(delayed).isGreaterThan(100);
      assertThat(confirms).isGreaterThan(100);
    }
  }

  private void run(long seed) throws IOException {
    MemoryEngine memory = new MemoryEngine(SEGMENT_BYTES);
    UnsteadyEngine engine = new UnsteadyEngine(memory, seed);
    BrokerHarness harness = new BrokerHarness(seed, Plant.NOTHING);
    for (int life = 0; life < LIVES; life++) {
      engine.calm(true);
      harness.begin(engine);
      harness.driver.beforeWrite = engine::step;
      harness.driver.atRest = engine::settle;
      engine.calm(false);
      work(harness, engine);
      harness.model.recovered(BrokerLook.at(memory.copy(), BrokerSteps.EXCHANGES));
    }
    fenced += engine.fenced();
    landed += engine.unknownLanded();
    lost += engine.unknownLost();
    delayed += engine.delayed();
    confirms += harness.model.confirms;
  }

  /// Works until the steps are done or the owner is dead: in the middle of a step, it may be.
  private static void work(BrokerHarness harness, UnsteadyEngine engine) {
    int steps = 1 + harness.dice.nextInt(STEPS_OF_A_LIFE);
    try {
      for (int i = 0; i < steps && harness.driver.failure == null; i++) {
        engine.step();
        harness.steps.any();
      }
    } catch (StoreFailedException dead) {
      assertThat(harness.driver.failure).isNotNull();
    }
  }
}
