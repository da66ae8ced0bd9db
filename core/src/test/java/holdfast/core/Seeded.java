package holdfast.core;

import java.util.SplittableRandom;

/// Runs a test for many seeds and names the seed when one fails; `-Dholdfast.seed=N` replays one.
final class Seeded {
  /// One run.
  interface Run {
    void run(SplittableRandom dice);
  }

  private Seeded() {}

  static void forEach(int runs, Run test) {
    Long only = Long.getLong("holdfast.seed");
    for (long seed = only == null ? 1 : only; seed <= (only == null ? runs : only); seed++) {
      try {
        test.run(new SplittableRandom(seed));
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError(
            "seed " + seed + " (replay: -Dholdfast.seed=" + seed + "): " + e.getMessage(), e);
      }
    }
  }
}
