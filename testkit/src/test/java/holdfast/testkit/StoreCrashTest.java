package holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import holdfast.store.Log;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// The store against its model, with the power going away in every kind of place. The seed of a
/// failure is in its message; see [Seeds] for how to replay one and how to run more.
class StoreCrashTest {
  @Test
  void keepsWhatIsConfirmedThroughRandomCrashes() {
    AtomicLong crashes = new AtomicLong();
    Seeds.forEach(
        60,
        seed -> {
          StoreHarness harness = new StoreHarness(seed);
          harness.lives(8, 400);
          crashes.addAndGet(harness.crashes);
        });
    System.out.println("crashes survived: " + crashes);
  }

  @Test
  void survivesACrashInEveryOperationOfOneRun() {
    Seeds.forEach(
        2,
        seed -> {
          StoreHarness whole = new StoreHarness(seed);
          whole.open();
          whole.work(700);
          long operations = whole.disk.operations();
          assertThat(operations).isGreaterThan(80);
          for (long n = 1; n <= operations; n++) {
            StoreHarness harness = new StoreHarness(seed);
            harness.disk.crashAt(n);
            try {
              harness.model.recovered(harness.open());
              harness.work(700);
            } catch (SimulatedCrash crash) {
              // In the first opening: nothing is confirmed yet.
            }
            harness.crashAndRecover(harness.anyMode());
          }
        });
  }

  @Test
  void freesTheDiskWhenEverythingIsSettled() {
    Seeds.forEach(
        20,
        seed -> {
          StoreHarness harness = new StoreHarness(seed);
          harness.lives(3, 600);
          harness.settleEverythingAndTurnOver();
          assertThat(harness.store.segments()).isLessThanOrEqualTo(5);
          assertThat(harness.disk.usedBytes()).isLessThan(1024 * 1024);
          assertThat(harness.warnings).isEmpty();
        });
  }

  @Test
  void usesNoMoreDiskAfterAHundredKills() throws Exception {
    StoreHarness harness = new StoreHarness(1);
    harness.open();
    Log log = harness.steps.newLog();
    long afterTen = 0;
    for (int kill = 1; kill <= 100; kill++) {
      harness.steps.append(harness.store.log(log.id()), 300);
      harness.store.writeOnce();
      harness.steps.settle(harness.store.log(log.id()), kill - 1, 1);
      harness.store.tend();
      harness.store.writeOnce();
      harness.store.tend();
      harness.runAllBackground();
      harness.crashAndRecover(CrashMode.EVERYTHING);
      afterTen = kill == 10 ? harness.disk.usedBytes() : afterTen;
    }
    assertThat(harness.disk.usedBytes()).isLessThanOrEqualTo(afterTen + 64 * 1024);
    assertThat(harness.disk.names().size()).isLessThan(10);
  }

  @Test
  void recoversTheSameWithACheckpointAndWithout() {
    Seeds.forEach(
        30,
        seed -> {
          StoreHarness harness = new StoreHarness(seed);
          harness.model.recovered(harness.open());
          harness.work(200 + harness.dice.nextInt(600));
          harness.store.writeOnce();
          harness.store.writeOnce();
          StoreState before = StoreHarness.read(harness.disk.copy());
          harness.runAllBackground();
          harness.store.tend();
          harness.store.writeOnce();
          harness.store.tend();
          harness.runAllBackground();
          StoreHarness.requireSame(
              before, StoreHarness.read(harness.disk.copy()), "the state behind a checkpoint");
        });
  }

  @Test
  void startsAgainAfterEveryCrashOfItsFirstMoments() {
    Seeds.forEach(
        10,
        seed -> {
          for (long n = 1; n <= 12; n++) {
            StoreHarness harness = new StoreHarness(seed);
            harness.disk.crashAt(n);
            try {
              harness.open();
              Log log = harness.steps.newLog();
              harness.steps.append(log, 100);
              harness.store.writeOnce();
              harness.store.writeOnce();
              harness.store.close();
            } catch (SimulatedCrash crash) {
              // Somewhere in there; all that matters is what follows.
            }
            harness.crashAndRecoverHard(harness.anyMode());
          }
        });
  }
}
