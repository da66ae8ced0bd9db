package holdfast.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class InFlightTest {
  private final InFlight flight = new InFlight(4);
  private final LatencyHistogram latencies = new LatencyHistogram();

  private void send(int count) {
    for (int i = 0; i < count; i++) {
      flight.sent(100);
    }
  }

  @Test
  void theWindowIsWhatIsUnconfirmed() {
    send(4);
    assertThat(flight.room()).isZero();
    assertThat(flight.settle(2, false, 150, latencies)).isEqualTo(1);
    assertThat(flight.room()).isEqualTo(1);
    assertThat(flight.settle(3, true, 150, latencies)).isEqualTo(2);
    assertThat(flight.room()).isEqualTo(3);
    assertThat(latencies.count()).isEqualTo(3);
    assertThat(latencies.max()).isEqualTo(50);
  }

  @Test
  void tagZeroMeansAll() {
    send(3);
    assertThat(flight.settle(0, true, 150, null)).isEqualTo(3);
    assertThat(flight.unconfirmed()).isZero();
  }

  @Test
  void aConfirmOfNothingIsAMistakeOfTheBroker() {
    send(2);
    assertThatThrownBy(() -> flight.settle(3, false, 150, latencies))
        .isInstanceOf(BrokenStream.class);
    flight.settle(2, false, 150, latencies);
    assertThatThrownBy(() -> flight.settle(2, false, 150, latencies))
        .isInstanceOf(BrokenStream.class);
    flight.settle(1, false, 150, latencies);
    assertThatThrownBy(() -> flight.settle(1, false, 150, latencies))
        .isInstanceOf(BrokenStream.class);
    assertThat(flight.settle(2, true, 150, latencies)).as("harmless").isZero();
  }

  @Test
  void anyOrderOfConfirmsAgreesWithASet() {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      int window = 1 + random.nextInt(100);
      InFlight any = new InFlight(window);
      TreeSet<Long> open = new TreeSet<>();
      long next = 1;
      for (int i = 0; i < 2_000; i++) {
        while (any.room() > 0) {
          any.sent(0);
          open.add(next++);
        }
        List<Long> choices = new ArrayList<>(open);
        long tag = choices.get(random.nextInt(choices.size()));
        boolean multiple = random.nextInt(8) == 0;
        int expected = multiple ? open.headSet(tag, true).size() : 1;
        assertThat(any.settle(tag, multiple, 1, null)).as("seed %d", seed).isEqualTo(expected);
        open.headSet(tag, multiple).removeIf(each -> multiple);
        open.remove(tag);
        assertThat(any.unconfirmed()).isEqualTo(open.size()).isLessThanOrEqualTo(window);
      }
    }
  }
}
