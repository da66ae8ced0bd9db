package holdfast.store;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class CommitTimesTest {
  private static final double R = 2e9;
  private static final double FIXED_NS = 100_000;

  private final CommitTimes times = new CommitTimes();

  /// A device as they are: near the truth most times, a little above, and now and then far off. One
  /// in eight takes a multiple with a tail so heavy that a mean says nothing.
  private static long noisy(SplittableRandom dice, long bytes) {
    double truth = FIXED_NS + bytes * 1e9 / R;
    double near = 0.97 + 0.12 * dice.nextDouble();
    double far = dice.nextInt(8) == 0 ? Math.pow(1 - dice.nextDouble(), -1.2) * 2 : 1;
    return (long) (truth * near * Math.min(far, 10_000));
  }

  @RepeatedTest(20)
  void findsRateAndLatencyUnderAHeavyTail() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    SplittableRandom dice = new SplittableRandom(seed);
    double sum = 0;
    int count = 20_000;
    for (int i = 0; i < count; i++) {
      long bytes = 4096L << dice.nextInt(10);
      bytes += dice.nextLong(bytes);
      long ns = noisy(dice, bytes);
      sum += ns / (FIXED_NS + bytes * 1e9 / R);
      times.record(bytes, ns);
    }
    CommitTimes.Live live = requireNonNull(times.live(null));
    assertThat(live.isSlopeSeen()).isTrue();
    assertThat(live.model().transferBytesPerSecond()).isCloseTo(R, within(0.08 * R));
    assertThat(live.model().writeNs() + live.model().syncNs())
        .isCloseTo(FIXED_NS, within(0.08 * FIXED_NS));
    assertThat(live.error()).isBetween(0.01, 0.10);
    assertThat(live.rSquared()).as("single commits are noise").isLessThan(0.5);
    assertThat(sum / count).as("a mean would be far off").isGreaterThan(1.3);
  }

  @Test
  void keepsTheKnownRateWhileAllWritesAreAlike() {
    TimeModel before = new TimeModel(R, 30_000, 10_000, 7_000);
    SplittableRandom dice = new SplittableRandom(1);
    for (int i = 0; i < 1_000; i++) {
      times.record(4096, noisy(dice, 4096));
    }
    assertThat(times.live(null)).as("one size says nothing about R").isNull();
    CommitTimes.Live live = requireNonNull(times.live(before));
    assertThat(live.isSlopeSeen()).isFalse();
    assertThat(live.model().transferBytesPerSecond()).isCloseTo(R, within(1.0));
    assertThat(live.model().writeNs()).isCloseTo(0.75 * FIXED_NS, within(0.06 * FIXED_NS));
    assertThat(live.model().syncNs()).isCloseTo(0.25 * FIXED_NS, within(0.03 * FIXED_NS));
    assertThat(live.model().handOverNs()).isEqualTo(7_000);
  }

  @Test
  void saysNothingBeforeThereAreEnough() {
    for (int i = 0; i < CommitTimes.COUNT_MIN - 1; i++) {
      times.record(4096, 100_000);
      times.record(1 << 20, 600_000);
    }
    assertThat(times.live(new TimeModel(R, 1, 1, 1))).isNull();
    times.record(4096, 100_000);
    times.record(1 << 20, 600_000);
    assertThat(times.live(null)).isNotNull();
  }

  @Test
  void followsADiskThatBecomesSlower() {
    for (int i = 0; i < 5_000; i++) {
      times.record(4096, 50_000);
      times.record(1 << 20, 500_000);
    }
    for (int i = 0; i < CommitTimes.KEPT; i++) {
      times.record(4096, 250_000);
      times.record(1 << 20, 900_000);
    }
    TimeModel now = requireNonNull(times.live(null)).model();
    assertThat(now.commitNs(4096)).isCloseTo(250_000, within(1_000.0));
    assertThat(now.commitNs(1 << 20)).isCloseTo(900_000, within(4_000.0));
    assertThat(requireNonNull(times.live(null)).rSquared()).isCloseTo(1, within(1e-3));
  }

  @Test
  void sizesThatCostLessTheLargerTheyAreAreNoise() {
    for (int i = 0; i < 100; i++) {
      times.record(4096, 500_000);
      times.record(1 << 20, 400_000);
    }
    assertThat(times.live(null)).isNull();
    CommitTimes.Live live = requireNonNull(times.live(new TimeModel(R, 1, 1, 1)));
    assertThat(live.isSlopeSeen()).isFalse();
    assertThat(live.model().transferBytesPerSecond()).isCloseTo(R, within(1.0));
  }

  @Test
  void showsTheMiddleAndTheTailOfEachRange() {
    for (int i = 1; i <= 101; i++) {
      times.record(1, i);
      times.record(65_536, 1_000 + i);
      times.record(65_537, 2_000 + i);
      times.record(1L << 40, 3_000 + i);
    }
    assertThat(times.seen())
        .isEqualTo(
            List.of(
                new CommitTimes.Seen(4096, 101, 51, 100),
                new CommitTimes.Seen(65_536, 101, 1_051, 1_100),
                new CommitTimes.Seen(1 << 20, 101, 2_051, 2_100),
                new CommitTimes.Seen(Long.MAX_VALUE, 101, 3_051, 3_100)));
    assertThat(new CommitTimes().seen()).isEmpty();
  }

  @Test
  @Timeout(30)
  void readersSeeWholeSamplesWhileTheWriterGoesOn() throws InterruptedException {
    AtomicBoolean done = new AtomicBoolean();
    Thread writer =
        new Thread(() -> {
          for (int i = 0; !done.get(); i++) {
            long blocks = 1L + i % 256;
            times.record(blocks * 4096, 100_000 + blocks * 2_048);
          }
        });
    writer.start();
    try {
      for (int i = 0; i < 300; i++) {
        CommitTimes.Live live = times.live(null);
        if (live != null && live.isSlopeSeen()) {
          assertThat(live.error())
              .as("bytes and time of one sample belong together")
              .isLessThan(0.05);
        }
        times.seen();
      }
    } finally {
      done.set(true);
      writer.join();
    }
    assertThat(times.live(null)).isNotNull();
  }
}
