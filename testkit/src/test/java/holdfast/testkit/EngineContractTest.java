package holdfast.testkit;

import holdfast.store.Engine;
import holdfast.store.LocalEngine;
import holdfast.store.StoreOptions;
import java.io.IOException;
import java.util.List;
import java.util.function.LongFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every engine, held to the one contract.
class EngineContractTest {
  private static final long SEGMENT_BYTES = 64 * 1024;
  private static final int SEEDS = 5;

  /// An engine by name.
  record Subject(String name, LongFunction<EngineContract.Site> site) {
    EngineContract contract(long seed) throws IOException {
      return new EngineContract(site.apply(seed), seed);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static List<Subject> subjects() {
    return List.of(
        new Subject("local", LocalSite::new),
        new Subject("memory", seed -> new MemorySite()),
        new Subject("behind an unsteady link in calm weather", UnsteadySite::new));
  }

  /// Files on a disk whose power goes away.
  private static final class LocalSite implements EngineContract.Site {
    private SimulatedDisk disk;

    LocalSite(long seed) {
      disk = new SimulatedDisk(seed);
    }

    @Override
    public Engine engine() {
      return new LocalEngine(disk, StoreOptions.tiny());
    }

    @Override
    public Engine reopened() {
      disk = disk.crash(CrashMode.NOTHING_UNFORCED);
      return engine();
    }
  }

  private static final class MemorySite implements EngineContract.Site {
    private final Engine engine = new MemoryEngine(SEGMENT_BYTES);

    @Override
    public Engine engine() {
      return engine;
    }

    @Override
    public Engine reopened() {
      return engine;
    }
  }

  private static final class UnsteadySite implements EngineContract.Site {
    private final UnsteadyEngine engine;

    UnsteadySite(long seed) {
      engine = new UnsteadyEngine(new MemoryEngine(SEGMENT_BYTES), seed);
      engine.calm(true);
    }

    @Override
    public Engine engine() {
      return engine;
    }

    @Override
    public Engine reopened() {
      return engine;
    }
  }

  @ParameterizedTest
  @MethodSource("subjects")
  void keepsWhatHasCompleted(Subject subject) {
    Seeds.forEach(SEEDS, seed -> subject.contract(seed).keepsWhatHasCompleted());
  }

  @ParameterizedTest
  @MethodSource("subjects")
  void fencesWhoeverWasOwner(Subject subject) {
    Seeds.forEach(SEEDS, seed -> subject.contract(seed).fencesWhoeverWasOwner());
  }

  @ParameterizedTest
  @MethodSource("subjects")
  void readsBackWhatHasCompleted(Subject subject) {
    Seeds.forEach(SEEDS, seed -> subject.contract(seed).readsBackWhatHasCompleted());
  }

  @ParameterizedTest
  @MethodSource("subjects")
  void givesBackFromTheFront(Subject subject) {
    Seeds.forEach(SEEDS, seed -> subject.contract(seed).givesBackFromTheFront());
  }

  @ParameterizedTest
  @MethodSource("subjects")
  void keepsSegmentsWhole(Subject subject) {
    Seeds.forEach(SEEDS, seed -> subject.contract(seed).keepsSegmentsWhole());
  }
}
