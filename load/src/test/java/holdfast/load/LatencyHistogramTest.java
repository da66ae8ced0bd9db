package holdfast.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LatencyHistogramTest {
  private static final double ERROR = 0.004;

  @Test
  void percentilesAreThoseOfTheSortedValues() {
    for (int seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      LatencyHistogram histogram = new LatencyHistogram();
      long[] values = new long[10_000];
      Arrays.setAll(values, i -> (long) Math.exp(random.nextDouble() * 27));
      Arrays.stream(values).forEach(histogram::record);
      Arrays.sort(values);
      for (double fraction : new double[] {0.001, 0.5, 0.9, 0.99, 0.999, 1}) {
        double exact = values[(int) Math.ceil(fraction * values.length) - 1];
        assertThat((double) histogram.percentile(fraction))
            .as("seed %d, %s", seed, fraction)
            .isCloseTo(exact, within(1 + exact * ERROR));
      }
      assertThat(histogram.max()).isEqualTo(values[values.length - 1]);
      assertThat(histogram.count()).isEqualTo(values.length);
    }
  }

  @Test
  void smallValuesAreExact() {
    for (long value = 0; value < 256; value++) {
      LatencyHistogram histogram = new LatencyHistogram();
      histogram.record(value);
      histogram.record(1000);
      assertThat(histogram.percentile(0.5)).isEqualTo(value);
    }
  }

  @Test
  void whatCannotBeCountedIsClamped() {
    LatencyHistogram histogram = new LatencyHistogram();
    assertThat(histogram.percentile(0.99)).isZero();
    histogram.record(-5);
    assertThat(histogram.percentile(1)).isZero();
    histogram.record(Long.MAX_VALUE);
    assertThat(histogram.max()).isEqualTo((1L << 40) - 1);
  }

  @Test
  void sumsAndDifferencesAreThoseOfTheCounts() {
    LatencyHistogram one = new LatencyHistogram();
    one.record(100, 3);
    LatencyHistogram before = one.copy();
    LatencyHistogram other = new LatencyHistogram();
    other.record(5_000);
    one.add(other);
    assertThat(one.count()).isEqualTo(4);
    assertThat(one.percentile(0.75)).isEqualTo(100);
    LatencyHistogram since = one.since(before);
    assertThat(since.count()).isEqualTo(1);
    assertThat((double) since.percentile(0.5)).isCloseTo(5_000, within(5_000 * ERROR));
    one.clear();
    assertThat(one.count()).isZero();
    assertThat(since.count()).isEqualTo(1);
  }
}
