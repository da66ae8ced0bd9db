package holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import holdfast.store.Batch;
import holdfast.store.Log;
import holdfast.store.Store;
import holdfast.store.StoreFailedException;
import holdfast.store.StoreOptions;
import holdfast.testkit.DiskFaults.Operation;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/// A store on a disk that fails: nothing at or behind a failed write is ever confirmed, trouble in
/// the background is told and survived, and a new start finds everything that was confirmed.
class StoreFaultTest {
  private static final int STEPS = 400;
  private static final StoreCounts ALL = new StoreCounts();

  private int failures;
  private int warnings;

  @AfterAll
  static void tellsWhatHappened() {
    System.out.println("survived: " + ALL);
  }

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

  @Test
  void servesNothingThatCannotBeReadAndFindsItLater() {
    atEveryPlace(90, n -> faults -> faults.failAt(Operation.READ, n * n / 3 + 1));
    assertThat(failures).isPositive();
    assertThat(warnings).isPositive();
  }

  /// Upkeep that fails is told and tried again: nothing is lost, nothing is given back too soon.
  @Test
  void triesAMoveAndACheckpointAgainOnceThereIsSpace() {
    Seeds.forEach(
        8,
        seed -> {
          StoreHarness harness = new StoreHarness(seed, StoreShape.BACKLOG);
          harness.model.recovered(harness.open());
          while (harness.counts.logSegments < 2) {
            harness.work(50);
          }
          harness.runAllBackground();
          long moved = harness.store.movedEntries();
          Log log = harness.steps.newLog();
          while (!hasWarning(harness, "moving") || !hasWarning(harness, "checkpoint")) {
            harness.steps.append(log, 200);
            harness.store.writeOnce();
            harness.store.tend();
            boolean full = !hasWarning(harness, "moving") || harness.dice.nextInt(4) > 0;
            harness.disk.faults().capacityBytes(full ? harness.disk.usedBytes() : Long.MAX_VALUE);
            harness.runAllBackground();
            harness.disk.faults().heal();
          }
          harness.requireNoFailure();
          harness.idle();
          assertThat(harness.store.movedEntries()).isGreaterThan(moved);
          harness.restart();
          harness.crashAndRecoverHard(harness.anyMode());
        });
  }

  private static boolean hasWarning(StoreHarness harness, String word) {
    return harness.warnings.stream().anyMatch(warning -> warning.contains(word));
  }

  /// A checkpoint that failed after it got its name is on disk all the same: what it needs stays as
  /// long as it does.
  @Test
  void fallsBackToACheckpointWhoseWritingFailedHalfWay() {
    int[] fellBack = new int[1];
    Seeds.forEach(
        40,
        seed -> {
          StoreHarness harness = new StoreHarness(seed, StoreShape.BACKLOG);
          harness.model.recovered(harness.open());
          harness.work(400);
          boolean force = seed % 2 == 0;
          harness
              .disk
              .faults()
              .failAt(force ? Operation.FORCE_DIRECTORY : Operation.DELETE, 1 + seed / 2);
          for (int i = 0; i < 900 && harness.failure == null; i++) {
            harness.work(1);
            requireThatEitherCheckpointWillDo(harness);
          }
          fellBack[0] += harness.failure == null ? 1 : 0;
        });
    assertThat(fellBack[0]).isPositive();
  }

  private static void requireThatEitherCheckpointWillDo(StoreHarness harness) throws IOException {
    List<String> checkpoints =
        harness.disk.names().stream()
            .filter(name -> name.startsWith("checkpoint-"))
            .sorted()
            .toList();
    if (checkpoints.size() < 2 || harness.dice.nextInt(20) > 0) {
      return;
    }
    SimulatedDisk damaged = harness.disk.copy();
    damaged.flipBit(checkpoints.getLast(), 30, 1);
    // What is found is what is confirmed, or some of what came after it.
    StoreState found = StoreHarness.read(damaged);
    for (long id : found.logs().keySet()) {
      assertThat(found.logs().get(id).next())
          .isGreaterThanOrEqualTo(harness.model.confirmedNext(id));
    }
  }

  private interface Fault {
    Consumer<DiskFaults> at(long n);
  }

  private void atEveryPlace(long places, Fault fault) {
    Seeds.forEach(
        4,
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
    StoreHarness harness = new StoreHarness(seed, StoreShape.of(seed));
    fault.accept(harness.disk.faults());
    try {
      harness.open();
    } catch (IOException | IllegalStateException refused) {
      harness.disk.faults().heal();
      harness.model.recovered(harness.open());
    }
    harness.work(STEPS);
    warnings += harness.warnings.size();
    harness.counts.warnings += harness.warnings.size();
    if (harness.failure != null) {
      failures++;
      harness.counts.failures++;
      requireClosedForGood(harness);
    }
    harness.counts.faults += harness.disk.faults().happened();
    harness.disk.faults().heal();
    harness.crashAndRecoverHard(harness.anyMode());
    harness.work(STEPS);
    harness.requireNoFailure();
    harness.restart();
    ALL.add(harness.counts);
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
          public void fetched() {}

          @Override
          public void failed(StoreFailedException failure) {
            failed.complete(failure);
          }

          @Override
          public void warned(String what, Exception cause) {}
        };
    try (Store store =
        Store.open(disk, StoreOptions.tiny(), listener, new SimulatedExecutor(), Runnable::run)) {
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
