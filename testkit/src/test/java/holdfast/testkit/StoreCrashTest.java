package holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import holdfast.store.Log;
import org.junit.jupiter.api.Test;

/// The store against its model, with the power going away in every kind of place. The seed of a
/// failure is in its message; see [Seeds] for how to replay one and how to run more.
class StoreCrashTest {
  private static final int LIVES = 6;
  private static final int STEPS_OF_A_LIFE = 600;

  @Test
  void keepsWhatIsConfirmedThroughRandomCrashes() {
    StoreCounts all = new StoreCounts();
    Seeds.forEach(
        100,
        seed -> {
          StoreHarness harness = new StoreHarness(seed, StoreShape.of(seed));
          harness.lives(LIVES, STEPS_OF_A_LIFE);
          all.add(harness.counts);
        });
    System.out.println("survived: " + all);
    if (Long.getLong("holdfast.seed") == null && Long.getLong("holdfast.runs") == null) {
      requireThatAllHappened(all);
    }
  }

  private static void requireThatAllHappened(StoreCounts all) {
    assertThat(all.crashes).isGreaterThan(4_500);
    assertThat(all.movedEntries).isGreaterThan(1_000);
    assertThat(all.rewrittenEntries).isGreaterThan(100);
    assertThat(all.movesToSeveralFiles).isPositive();
    assertThat(all.piecesOfSeveralPages).isPositive();
    assertThat(all.sharedBodies).isPositive();
    assertThat(all.checkpointsInSlices).isPositive();
    assertThat(all.filesGivenBack).isPositive();
    assertThat(all.reads).isGreaterThan(1_000);
    assertThat(all.readsAcrossFrees).isPositive();
    assertThat(all.largeBatches).isGreaterThan(500);
    assertThat(all.largeBatchesWithBodies).isGreaterThan(50);
    assertThat(all.settledInTheirBatch).isGreaterThan(1_000);
  }

  @Test
  void survivesACrashInEveryOperationOfOneRun() {
    Seeds.forEach(
        2,
        seed -> {
          StoreShape shape = seed % 2 == 0 ? StoreShape.BACKLOG : StoreShape.SHORT_LIVES;
          StoreHarness whole = new StoreHarness(seed, shape);
          whole.open();
          whole.work(700);
          long operations = whole.disk.operations();
          assertThat(operations).isGreaterThan(80);
          for (long n = 1; n <= operations; n++) {
            StoreHarness harness = new StoreHarness(seed, shape);
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
      harness.tendToTheEnd();
      harness.crashAndRecover(CrashMode.EVERYTHING);
      afterTen = kill == 10 ? harness.disk.usedBytes() : afterTen;
    }
    assertThat(harness.disk.usedBytes()).isLessThanOrEqualTo(afterTen + 64 * 1024);
    assertThat(harness.disk.names().size()).isLessThan(10);
  }

  /// The fold is pure: where entries lie is no part of it. One journal that nobody tidied, and the
  /// same in every stage of being tidied.
  @Test
  void recoversTheSameWithMovesAndCheckpointsAndWithout() {
    StoreCounts all = new StoreCounts();
    Seeds.forEach(
        20,
        seed -> {
          StoreHarness harness = new StoreHarness(seed, StoreShape.of(seed));
          harness.model.recovered(harness.open());
          harness.tends = false;
          harness.steps.define(harness.shape.definitionsFirst());
          harness.work(300 + harness.dice.nextInt(900));
          harness.store.writeOnce();
          harness.store.writeOnce();
          StoreState plain = StoreHarness.read(harness.disk.copy());
          harness.model.recoveredAll(plain);
          harness.tends = true;
          for (int i = 0; i < 150; i++) {
            harness.store.wantsTending();
            harness.store.tend();
            if (harness.runBackground() || i % 30 == 29) {
              StoreHarness.requireSame(
                  plain, StoreHarness.read(harness.disk.copy()), "the state in step " + i);
            }
            if (i % 5 == 4) {
              harness.store.writeOnce();
            }
          }
          StoreHarness.requireSame(plain, harness.open(), "the state after all");
          all.add(harness.counts);
        });
    assertThat(all.movedEntries).isGreaterThan(100);
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
