package holdfast.testkit.broker;

import static org.assertj.core.api.Assertions.assertThat;

import holdfast.testkit.Seeds;
import holdfast.testkit.broker.BrokerHarness.Plant;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// The broker against its model, with the power going away in every kind of place. The seed of a
/// failure is in its message; see [Seeds] for how to replay one and how to run more.
class BrokerCrashTest {
  @Test
  void keepsItsPromisesThroughRandomCrashes() {
    AtomicLong crashes = new AtomicLong();
    AtomicLong restarts = new AtomicLong();
    AtomicLong confirms = new AtomicLong();
    AtomicLong deliveries = new AtomicLong();
    AtomicLong recovered = new AtomicLong();
    AtomicLong forgotten = new AtomicLong();
    AtomicLong lost = new AtomicLong();
    Seeds.forEach(
        60,
        seed -> {
          BrokerHarness harness = new BrokerHarness(seed, Plant.NOTHING);
          harness.lives(12, 500);
          crashes.addAndGet(harness.crashes);
          restarts.addAndGet(harness.restarts);
          confirms.addAndGet(harness.model.confirms);
          deliveries.addAndGet(harness.model.deliveries);
          recovered.addAndGet(harness.model.recoveredPlaces);
          forgotten.addAndGet(harness.model.forgottenSettlements);
          lost.addAndGet(harness.model.refusedLosses);
        });
    System.out.printf(
        "%s crashes and %s stops survived: %s confirms, %s deliveries, %s entries recovered;"
            + " %s settlements forgotten and %s unconfirmed messages gone, as they may%n",
        crashes, restarts, confirms, deliveries, recovered, forgotten, lost);
    assertThat(crashes.get() + restarts.get()).isPositive();
  }
}
