package holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import holdfast.store.Batch;
import holdfast.store.Log;
import holdfast.store.StoreFailedException;
import holdfast.store.StoreOptions;
import holdfast.store.SyncPolicy;
import holdfast.testkit.DiskFaults.Operation;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// What a store that confirms before it forces keeps: everything forced and a prefix of the rest
/// when the power goes, everything confirmed when the process is killed. It always opens again.
class StorePolicyTest {
  private static final List<SyncPolicy> POLICIES =
      List.of(SyncPolicy.SYNC, new SyncPolicy.Interval(50), new SyncPolicy.Written());

  private static StoreHarness harness(long seed, SyncPolicy sync) {
    StoreHarness harness = new StoreHarness(seed);
    harness.options = StoreOptions.tiny().withSync(sync);
    return harness;
  }

  @Test
  void keepsEverythingForcedAndAPrefixOfTheRestThroughRandomCrashes() {
    AtomicLong crashes = new AtomicLong();
    Seeds.forEach(
        30,
        seed -> {
          StoreHarness harness = harness(seed, POLICIES.get(1 + (int) (seed & 1)));
          harness.lives(6, 400);
          crashes.addAndGet(harness.counts.crashes);
        });
    assertThat(crashes).hasPositiveValue();
  }

  @Test
  void survivesKillsCrashesAndChangesOfItsPolicy() {
    Seeds.forEach(
        40,
        seed -> {
          StoreHarness harness = harness(seed, new SyncPolicy.Written());
          harness.model.recovered(harness.open());
          for (int life = 0; life < 12; life++) {
            harness.work(harness.dice.nextInt(300));
            harness.options = harness.options.withSync(POLICIES.get(harness.dice.nextInt(3)));
            switch (harness.dice.nextInt(3)) {
              case 0 -> harness.killAndRecover();
              case 1 -> harness.restart();
              default -> harness.crashAndRecover(harness.anyMode());
            }
          }
        });
  }

  @Test
  void losesNothingConfirmedWhenItIsKilledAndThePowerGoesAfterTheNextStart() {
    Seeds.forEach(
        40,
        seed -> {
          StoreHarness harness = harness(seed, new SyncPolicy.Written());
          harness.open();
          harness.work(20 + harness.dice.nextInt(300));
          harness.store.writeOnce();
          harness.killAndRecover();
          harness.crashAndRecover(CrashMode.NOTHING_UNFORCED);
        });
  }

  @Test
  void losesNothingAfterACleanStop() {
    Seeds.forEach(
        20,
        seed -> {
          StoreHarness harness = harness(seed, POLICIES.get(1 + (int) (seed & 1)));
          harness.open();
          harness.work(harness.dice.nextInt(400));
          harness.store.close();
          harness.model.confirmed(Long.MAX_VALUE);
          harness.crashAndRecover(CrashMode.NOTHING_UNFORCED);
        });
  }

  @Test
  void losesWhatIsConfirmedAndNotForcedWhenThePowerGoes() throws Exception {
    StoreHarness harness = harness(1, new SyncPolicy.Written());
    harness.open();
    Log log = harness.steps.newLog();
    harness.steps.append(log, 100);
    harness.store.writeOnce();
    harness.forceOnce();
    harness.steps.append(log, 100);
    harness.store.writeOnce();
    assertThat(harness.store.durable()).isEqualTo(harness.store.forced() + 1);
    harness.crashAndRecover(CrashMode.NOTHING_UNFORCED);
    assertThat(harness.store.log(log.id()).next()).isEqualTo(1);
  }

  @Test
  void writesNoCheckpointAheadOfWhatIsForced() throws Exception {
    StoreHarness harness = harness(1, new SyncPolicy.Written());
    harness.open();
    harness.steps.append(harness.steps.newLog(), 100);
    for (int step = 0; step < 4; step++) {
      harness.store.tend();
    }
    harness.store.writeOnce();
    harness.store.tend();
    harness.runAllBackground();
    assertThat(harness.disk.names()).noneMatch(name -> name.startsWith("checkpoint"));
    harness.forceOnce();
    harness.tendToTheEnd();
    assertThat(harness.disk.names()).anyMatch(name -> name.startsWith("checkpoint"));
  }

  @Test
  void isClosedForGoodByAForceThatFails() {
    AtomicLong failures = new AtomicLong();
    Seeds.forEach(
        40,
        seed -> {
          StoreHarness harness = harness(seed, new SyncPolicy.Interval(50));
          harness.open();
          harness.disk.faults().failAt(Operation.FORCE, 1 + harness.dice.nextInt(12));
          harness.work(400);
          if (harness.failure != null) {
            failures.incrementAndGet();
            harness.disk.faults().heal();
            long forced = harness.store.forced();
            assertThat(harness.store.forceOnce()).isFalse();
            assertThat(harness.store.writeOnce()).isFalse();
            assertThat(harness.store.forced()).isEqualTo(forced);
            assertThatThrownBy(() -> harness.store.write(new Batch().put("k", new byte[1]), true))
                .isInstanceOf(StoreFailedException.class);
          }
          harness.crashAndRecoverHard(harness.anyMode());
        });
    assertThat(failures.get()).isGreaterThan(5);
  }
}
