package holdfast.testkit;

import java.util.Locale;

/// Runs a test once for each of many seeds and names the seed when one fails.
///
/// - `-Dholdfast.seed=N` replays one seed alone;
/// - `-Dholdfast.runs=N` says how many seeds instead of the test's own number;
/// - `-Dholdfast.seed.first=N` says where they begin instead of at 1.
public final class Seeds {
  /// One run.
  public interface Run {
    void run(long seed) throws Exception;
  }

  private Seeds() {}

  /// Runs `test` for as many seeds as the properties say, `runs` if they say nothing.
  public static void forEach(int runs, Run test) {
    Long only = Long.getLong("holdfast.seed");
    if (only != null) {
      runOne(only, test);
      return;
    }
    long first = Long.getLong("holdfast.seed.first", 1L);
    long count = Long.getLong("holdfast.runs", (long) runs);
    for (long seed = first; seed < first + count; seed++) {
      runOne(seed, test);
    }
  }

  private static void runOne(long seed, Run test) {
    try {
      test.run(seed);
    } catch (Exception | AssertionError | SimulatedCrash e) {
      throw new AssertionError(
          String.format(
              Locale.ROOT, "seed %d (replay: -Dholdfast.seed=%d): %s", seed, seed, e.getMessage()),
          e);
    }
  }
}
