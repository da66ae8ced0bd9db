package holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import holdfast.store.Batch;
import holdfast.store.Store;
import holdfast.store.StoreFailedException;
import holdfast.store.StoreOptions;
import holdfast.testkit.DiskFaults.Operation;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/// A store on a disk that fails: nothing at or behind a failed write is ever confirmed, trouble in
/// the background is told and survived, and a new start finds everything that was confirmed.
class StoreFaultTest {
  private static final int STEPS = 500;

  private int failures;
  private int warnings;

  @Test
  void confirmsNothingBehindAFailedWrite() {
    atEveryPlace(70, n -> faults -> faults.failAt(Operation.WRITE, n));
    assertThat(failures).isGreaterThan(20);
  }

  @Test
  void confirmsNothingBehindAShortWrite() {
    atEveryPlace(70, n -> faults -> faults.shortWriteAt(n));
    assertThat(failures).isGreaterThan(20);
  }

  @Test
  void survivesAFailedForce() {
    atEveryPlace(25, n -> faults -> faults.failAt(Operation.FORCE, n));
    assertThat(warnings).isPositive();
  }

  @Test
  void survivesAFailedRename() {
    atEveryPlace(25, n -> faults -> faults.failAt(Operation.RENAME, n));
    assertThat(warnings).isPositive();
    assertThat(failures).isPositive();
  }

  @Test
  void survivesAFailedForceOfTheDirectory() {
    atEveryPlace(25, n -> faults -> faults.failAt(Operation.FORCE_DIRECTORY, n));
    assertThat(warnings).isPositive();
    assertThat(failures).isPositive();
  }

  @Test
  void survivesAFileThatCannotBeCreatedOrResized() {
    atEveryPlace(20, n -> faults -> faults.failAt(Operation.CREATE, n));
    atEveryPlace(10, n -> faults -> faults.failAt(Operation.RESIZE, n));
  }

  @Test
  void survivesAFileThatCannotBeDeleted() {
    atEveryPlace(20, n -> faults -> faults.failAt(Operation.DELETE, n));
    assertThat(warnings).isPositive();
  }

  @Test
  void recoversFromAFullDiskOnceThereIsSpaceAgain() {
    atEveryPlace(60, n -> faults -> faults.capacityBytes(n * 12_000L));
    assertThat(failures).isPositive();
  }

  private interface Fault {
    Consumer<DiskFaults> at(long n);
  }

  private void atEveryPlace(long places, Fault fault) {
    Seeds.forEach(
        3,
        seed -> {
          for (long n = 1; n <= places; n++) {
            try {
              runWith(seed, fault.at(n));
            } catch (AssertionError | IOException e) {
              throw new AssertionError("at place " + n + ": " + e.getMessage(), e);
            }
          }
        });
  }

  private void runWith(long seed, Consumer<DiskFaults> fault) throws IOException {
    StoreHarness harness = new StoreHarness(seed);
    fault.accept(harness.disk.faults());
    try {
      harness.open();
    } catch (IOException refused) {
      harness.disk.faults().heal();
      harness.model.recovered(harness.open());
    }
    harness.work(STEPS);
    warnings += harness.warnings.size();
    if (harness.failure != null) {
      failures++;
      requireClosedForGood(harness);
    }
    harness.crashAndRecoverHard(harness.anyMode());
    harness.work(STEPS);
    harness.restart();
  }

  private static void requireClosedForGood(StoreHarness harness) {
    long durable = harness.store.durable();
    harness.disk.faults().heal();
    assertThat(harness.store.writeOnce()).isFalse();
    harness.runAllBackground();
    assertThat(harness.store.durable()).isEqualTo(durable);
    Batch batch = new Batch().put("too late", new byte[1]);
    assertThatThrownBy(() -> harness.store.write(batch, true))
        .isInstanceOf(StoreFailedException.class);
  }

  @Test
  void tellsItsOwnerWhenTheWriterFails() throws Exception {
    SimulatedDisk disk = new SimulatedDisk(1);
    CompletableFuture<StoreFailedException> failed = new CompletableFuture<>();
    Store.Listener listener =
        new Store.Listener() {
          @Override
          public void durable(long position) {}

          @Override
          public void room() {}

          @Override
          public void failed(StoreFailedException failure) {
            failed.complete(failure);
          }

          @Override
          public void warned(String what, Exception cause) {}
        };
    try (Store store = Store.open(disk, StoreOptions.tiny(), listener, new SimulatedExecutor())) {
      disk.faults().failAt(Operation.WRITE, 1);
      store.start();
      long position = store.write(new Batch().put("key", new byte[10]), true);
      store.kick();
      StoreFailedException failure = failed.get(30, TimeUnit.SECONDS);
      assertThat(failure).hasMessageContaining("journal-0000000000000001.seg");
      assertThat(store.durable()).isLessThan(position);
    }
  }
}
