package holdfast.broker;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/// The chance in a test: `-Dholdfast.seed=N` replays what a failing one has printed.
final class Seed {
  private Seed() {}

  /// A new seed, or the one that is to be replayed; printed, for the log of a test that fails.
  static long next(String test) {
    long seed = Long.getLong("holdfast.seed", System.nanoTime());
    System.out.println(test + ": -Dholdfast.seed=" + seed);
    return seed;
  }

  static RandomGenerator random(long seed) {
    return RandomGeneratorFactory.of("SplittableRandom").create(seed);
  }
}
