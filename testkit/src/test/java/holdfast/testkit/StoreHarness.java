package holdfast.testkit;

import holdfast.store.Store;
import holdfast.store.StoreFailedException;
import holdfast.store.StoreOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/// A real store on a simulated disk, the model beside it, and the power that goes away. Writes and
/// background work happen when the dice say so; there is no thread but the test's.
final class StoreHarness {
  final SplittableRandom dice;
  final StoreModel model = new StoreModel();
  final List<String> warnings = new ArrayList<>();

  /// Logs that were there after some recovery: their ids are never given again.
  final Set<Long> knownIds = new HashSet<>();

  SimulatedDisk disk;
  Store store;
  StoreSteps steps;

  /// Set once the store has said that it is closed for good.
  StoreFailedException failure;

  /// A planted bug: a batch counts as confirmed when it is appended.
  boolean confirmsAtAppend;

  /// A planted bug: every settlement stands in the journal twice.
  boolean settlesTwice;

  /// Crashes so far, those of recoveries included.
  long crashes;

  private SimulatedExecutor tasks = new SimulatedExecutor();

  StoreHarness(long seed) {
    dice = new SplittableRandom(seed);
    disk = new SimulatedDisk(dice.nextLong());
  }

  private final class News implements Store.Listener {
    @Override
    public void durable(long position) {
      model.confirmed(position);
    }

    @Override
    public void room() {}

    @Override
    public void failed(StoreFailedException cause) {
      failure = cause;
    }

    @Override
    public void warned(String what, Exception cause) {
      warnings.add(what + ": " + cause);
    }
  }

  /// Nobody listens: for the stores that are only opened to look what is there.
  private static final class Silence implements Store.Listener {
    @Override
    public void durable(long position) {}

    @Override
    public void room() {}

    @Override
    public void failed(StoreFailedException cause) {}

    @Override
    public void warned(String what, Exception cause) {}
  }

  /// Opens the store on the current disk and returns what it recovered.
  StoreState open() throws IOException {
    failure = null;
    tasks = new SimulatedExecutor();
    store = Store.open(disk, StoreOptions.tiny(), new News(), tasks::execute);
    StoreState state = StoreState.of(store);
    knownIds.addAll(state.logs().keySet());
    steps = new StoreSteps(this);
    return state;
  }

  boolean runBackground() {
    return tasks.runOne();
  }

  void runAllBackground() {
    tasks.runAll();
  }

  /// What a store finds on a disk; the disk is changed as recovery changes it.
  static StoreState read(SimulatedDisk disk) throws IOException {
    try (Store store = Store.open(disk, StoreOptions.tiny(), new Silence(), task -> {})) {
      return StoreState.of(store);
    }
  }

  /// Random work until the power goes away or the steps are done. Returns whether the power went.
  boolean work(int count) {
    try {
      for (int i = 0; i < count; i++) {
        steps.any();
      }
      return false;
    } catch (SimulatedCrash crash) {
      return true;
    }
  }

  CrashMode anyMode() {
    int roll = dice.nextInt(10);
    return roll == 0
        ? CrashMode.EVERYTHING
        : roll < 3 ? CrashMode.NOTHING_UNFORCED : CrashMode.ANY_SUBSET;
  }

  /// The power goes away, and everything confirmed must be there again.
  void crashAndRecover(CrashMode mode) throws IOException {
    crashes++;
    disk = disk.crash(mode);
    model.recovered(open());
  }

  /// The same, and the image is recovered three times over, and with a crash in every operation of
  /// the recovery: always with the same result.
  void crashAndRecoverHard(CrashMode mode) throws IOException {
    crashes++;
    SimulatedDisk image = disk.crash(mode);
    StoreState reference = read(image.copy());
    requireSame(reference, read(image.copy()), "a second recovery of the same image");
    boolean crashed = true;
    for (long n = 1; crashed; n++) {
      SimulatedDisk again = image.copy();
      again.crashAt(n);
      crashed = crashesInOpen(again);
      if (crashed) {
        crashes++;
        requireSame(
            reference,
            read(again.crash(anyMode())),
            "recovery after a crash in its operation " + n);
      }
    }
    disk = image;
    StoreState found = open();
    requireSame(reference, found, "a third recovery of the same image");
    model.recovered(found);
  }

  private static boolean crashesInOpen(SimulatedDisk disk) throws IOException {
    try {
      Store.open(disk, StoreOptions.tiny(), new Silence(), task -> {});
      return false;
    } catch (SimulatedCrash crash) {
      return true;
    }
  }

  static void requireSame(StoreState expected, StoreState found, String what) {
    List<String> differences = new ArrayList<>(expected.differences(found));
    differences.addAll(found.differences(expected));
    if (!differences.isEmpty()) {
      throw new AssertionError(what + " differs: " + differences);
    }
  }

  /// A clean stop and a new start: everything written is there, lazy or not.
  void restart() throws IOException {
    store.close();
    model.recoveredAll(open());
  }

  /// Lives that end with a clean stop or a crash in any operation of the disk.
  void lives(int count, int stepsOfALife) throws IOException {
    model.recovered(open());
    for (int life = 0; life < count; life++) {
      if (dice.nextInt(8) == 0) {
        work(dice.nextInt(stepsOfALife));
        restart();
      }
      disk.crashAt(disk.operations() + 1 + dice.nextInt(dice.nextInt(4) == 0 ? 10 : 120));
      boolean crashed = work(dice.nextInt(stepsOfALife) + 1);
      if (!crashed) {
        disk.crashAt(Long.MAX_VALUE);
      }
      crashAndRecoverHard(anyMode());
    }
  }

  /// Settles all there is, lets segments switch and checkpoints be written.
  void settleEverythingAndTurnOver() throws IOException {
    steps.settleEverything();
    for (int i = 0; i < 400; i++) {
      steps.appendAndSettle(1500);
      store.writeOnce();
      store.tend();
      runAllBackground();
    }
  }
}
