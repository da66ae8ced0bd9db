package holdfast.load;

import static holdfast.load.SequenceCheck.Arrival.DUPLICATE;
import static holdfast.load.SequenceCheck.Arrival.IN_ORDER;
import static holdfast.load.SequenceCheck.Arrival.LATE;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SequenceCheckTest {
  @Test
  void inOrderNothingIsFound() {
    SequenceCheck check = new SequenceCheck(0);
    for (long number = 0; number < 10_000; number++) {
      assertThat(check.arrived(number)).isEqualTo(IN_ORDER);
    }
    assertThat(check.gaps()).isZero();
  }

  @Test
  void aGapIsFilledLate() {
    SequenceCheck check = new SequenceCheck(0);
    assertThat(check.arrived(0)).isEqualTo(IN_ORDER);
    assertThat(check.arrived(2)).isEqualTo(IN_ORDER);
    assertThat(check.gaps()).isEqualTo(1);
    assertThat(check.arrived(2)).isEqualTo(DUPLICATE);
    assertThat(check.arrived(1)).isEqualTo(LATE);
    assertThat(check.arrived(1)).isEqualTo(DUPLICATE);
    assertThat(check.gaps()).isZero();
    assertThat(check.arrived(3)).isEqualTo(IN_ORDER);
  }

  @Test
  void itMayBeginAnywhere() {
    SequenceCheck check = new SequenceCheck(5_000_000_000L);
    assertThat(check.arrived(5_000_000_000L)).isEqualTo(IN_ORDER);
    assertThat(check.arrived(5_000_000_100L)).isEqualTo(IN_ORDER);
    assertThat(check.gaps()).isEqualTo(99);
  }

  @Test
  void agreesWithASet() {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      SequenceCheck check = new SequenceCheck(0);
      Set<Long> seen = new HashSet<>();
      long highest = -1;
      int spread = 1 << random.nextInt(15);
      for (int i = 0; i < 5_000; i++) {
        long number = Math.max(0, i + random.nextInt(2 * spread + 1) - spread);
        SequenceCheck.Arrival expected =
            !seen.add(number) ? DUPLICATE : number < highest ? LATE : IN_ORDER;
        highest = Math.max(highest, number);
        assertThat(check.arrived(number)).as("seed %d, %d", seed, i).isEqualTo(expected);
      }
      assertThat(check.gaps()).as("seed %d", seed).isEqualTo(highest + 1 - seen.size());
    }
  }
}
