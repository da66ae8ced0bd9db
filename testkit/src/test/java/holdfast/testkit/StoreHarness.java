package holdfast.testkit;

import holdfast.store.CorruptionException;
import holdfast.store.Engine;
import holdfast.store.LocalEngine;
import holdfast.store.Store;
import holdfast.store.StoreFailedException;
import holdfast.store.StoreOptions;
import holdfast.store.SyncPolicy;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
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

  /// What the store is opened on; null for the disk itself.
  Engine engine;

  /// Hashes of all entries that were ever appended, by log: nothing else may ever come back.
  final Map<Long, Set<Long>> appended = new HashMap<>();

  /// Set once the store has said that it is closed for good.
  StoreFailedException failure;

  /// A planted bug: a batch counts as confirmed when it is appended.
  boolean confirmsAtAppend;

  /// A planted bug: every settlement stands in the journal twice.
  boolean settlesTwice;

  final StoreShape shape;

  /// What has happened so far.
  final StoreCounts counts = new StoreCounts();

  /// What the next store is opened with.
  StoreOptions options;

  StoreReads reads = new StoreReads(this);

  /// Whether reads are done as soon as they are planned.
  boolean readsAtOnce;

  /// Whether they always wait until they are asked for.
  boolean readsLater;

  /// Whether random work lets upkeep do its steps.
  boolean tends = true;

  private SimulatedExecutor tasks = new SimulatedExecutor();

  StoreHarness(long seed) {
    this(seed, StoreShape.SHORT_LIVES);
  }

  StoreHarness(long seed, StoreShape shape) {
    this.shape = shape;
    options = shape.options();
    dice = new SplittableRandom(seed);
    disk = new SimulatedDisk(dice.nextLong());
  }

  private final class News implements Store.Listener {
    @Override
    public void durable(long position) {
      countForced(position);
    }

    @Override
    public void room() {}

    @Override
    public void fetched() {}

    @Override
    public void failed(StoreFailedException cause) {
      // When the power is gone nobody is left to be told; what counts is what the disk keeps.
      if (!(cause.getCause() instanceof SimulatedCrash)) {
        failure = cause;
      }
    }

    @Override
    public void warned(String what, Exception cause) {
      warnings.add(what + ": " + cause);
    }
  }

  /// Listens for failures only: for the stores that are opened to look what is there.
  private static final class Silence implements Store.Listener {
    StoreFailedException failure;

    @Override
    public void durable(long position) {}

    @Override
    public void room() {}

    @Override
    public void fetched() {}

    @Override
    public void failed(StoreFailedException cause) {
      failure = cause;
    }

    @Override
    public void warned(String what, Exception cause) {}
  }

  /// Opens the store on the current disk and returns what it recovered.
  StoreState open() throws IOException {
    if (store != null) {
      counts.ended(store);
    }
    failure = null;
    tasks = new SimulatedExecutor();
    reads = new StoreReads(this);
    StoreReads life = reads;
    Engine on = engine != null ? engine : new LocalEngine(disk, options);
    store = Store.open(on, options, new News(), tasks::execute, life::execute);
    readsAtOnce = true;
    StoreState state = StoreState.of(store);
    readsAtOnce = false;
    knownIds.addAll(state.logs().keySet());
    steps = new StoreSteps(this);
    return state;
  }

  /// A loss of power takes nothing that is forced: that is what was confirmed under sync, and less
  /// under the other policies.
  private void countForced(long confirmed) {
    model.confirmed(options.sync() == SyncPolicy.SYNC ? confirmed : store.forced());
  }

  void forceOnce() {
    store.forceOnce();
    countForced(store.forced());
  }

  boolean runBackground() {
    List<String> before = disk.names();
    try {
      return tasks.runOne();
    } finally {
      counts.ranBackground(before, disk, store);
    }
  }

  /// What this life still has to do in the background: for a later one, in which it has no say.
  SimulatedExecutor tasks() {
    return tasks;
  }

  void runAllBackground() {
    while (runBackground()) {
      // What a task hands in is run as well.
    }
  }

  /// What a store finds on a disk; the disk is changed as recovery changes it.
  static StoreState read(SimulatedDisk disk) throws IOException {
    Silence silence = new Silence();
    try (Store store = Store.open(disk, StoreOptions.tiny(), silence, task -> {}, Runnable::run)) {
      return StoreState.of(store);
    } catch (IllegalStateException e) {
      if (silence.failure != null && silence.failure.getCause() instanceof CorruptionException c) {
        throw c;
      }
      throw e;
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
    counts.crashes++;
    disk = disk.crash(mode);
    model.recovered(open());
  }

  /// The same, and the image is recovered three times over, and with a crash in every operation of
  /// the recovery: always with the same result.
  void crashAndRecoverHard(CrashMode mode) throws IOException {
    counts.crashes++;
    SimulatedDisk image = disk.crash(mode);
    StoreState reference = read(image.copy());
    requireSame(reference, read(image.copy()), "a second recovery of the same image");
    boolean crashed = true;
    for (long n = 1; crashed; n++) {
      SimulatedDisk again = image.copy();
      again.crashAt(n);
      crashed = crashesInOpen(again);
      if (crashed) {
        counts.crashes++;
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
      Store.open(disk, StoreOptions.tiny(), new Silence(), task -> {}, Runnable::run);
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

  /// The process is killed and the power stays: what was written is there, forced or not, and some
  /// of it still in the system's memory alone.
  void killAndRecover() throws IOException {
    model.confirmed(store.durable());
    model.recovered(open());
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
      steps.define(shape.definitionsFirst());
      if (dice.nextInt(8) == 0) {
        work(dice.nextInt(stepsOfALife));
        restart();
      }
      disk.crashAt(disk.operations() + 1 + dice.nextInt(dice.nextInt(4) == 0 ? 10 : 120));
      boolean crashed = work(dice.nextInt(stepsOfALife) + 1);
      if (!crashed) {
        disk.crashAt(Long.MAX_VALUE);
      }
      requireNoFailure();
      crashAndRecoverHard(anyMode());
    }
  }

  /// On a disk without faults nothing fails.
  void requireNoFailure() {
    if (failure != null) {
      throw new AssertionError("the store failed by itself: " + failure.getMessage(), failure);
    }
  }

  /// Lets upkeep finish what it has begun, and begin and finish once more.
  void tendToTheEnd() {
    store.wantsTending();
    for (int i = 0; i < 40; i++) {
      store.tend();
      store.writeOnce();
      runAllBackground();
    }
  }

  /// As an idle store does in some seconds: round after round, for as long as there is something to
  /// do.
  void idle() {
    for (int i = 0; i < 300; i++) {
      store.wantsTending();
      store.tend();
      runAllBackground();
      if (i % 10 == 9) {
        store.writeOnce();
      }
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
