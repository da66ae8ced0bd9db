package holdfast.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimeModelTest {
  private static final int MIB = 1 << 20;

  /// One byte a nanosecond, W 30 us, F 70 us, H 20 us: figures one can add up by hand.
  private final TimeModel model = new TimeModel(1e9, 30_000, 70_000, 20_000);

  @Test
  void aCommitIsTransferAndWriteAndSync() {
    assertThat(model.commitNs(0)).isEqualTo(100_000);
    assertThat(model.commitNs(4096)).isEqualTo(104_096);
    assertThat(model.commitNs(MIB)).isEqualTo(1_148_576);
  }

  @Test
  void recordsThatWaitTogetherShareOneWrite() {
    // 10 x 1024 = 10,240 bytes are three blocks, 12,288 bytes.
    assertThat(model.groupNs(10, 1024, 2 * MIB)).isEqualTo(12_288 + 100_000 + 20_000);
    assertThat(model.ratePerSecond(10, 1024, 2 * MIB)).isCloseTo(1e10 / 132_288, within(1e-6));
  }

  @Test
  void aSmallRecordTakesAWholeBlock() {
    assertThat(model.groupNs(1, 64, 2 * MIB)).isEqualTo(4096 + 100_000 + 20_000);
  }

  @Test
  void whatDoesNotFitIntoOneWriteGoesInSeveral() {
    assertThat(model.groupNs(1, 4 * MIB, 2 * MIB)).isEqualTo(4 * MIB + 2 * 100_000 + 20_000);
    assertThat(model.groupNs(1, 4 * MIB + 1, 2 * MIB))
        .isEqualTo(4 * MIB + 4096 + 3 * 100_000 + 20_000);
  }

  @Test
  void halfOfTheTimeIsTransferWhereItSays() {
    double half = model.halfTransferBytes();
    assertThat(half).isEqualTo(100_000);
    assertThat(model.transferNs((long) half)).isEqualTo(model.commitNs((long) half) / 2);
  }

  @Test
  void theHandOverIsNotTheDevices() {
    assertThat(model.withHandOver(5).handOverNs()).isEqualTo(5);
    assertThat(model.withHandOver(5).commitNs(4096)).isEqualTo(model.commitNs(4096));
  }

  @ParameterizedTest
  @CsvSource({
    "0,1,1,1,R",
    "NaN,1,1,1,R",
    "Infinity,1,1,1,R",
    "1,-1,1,1,W",
    "1,1,NaN,1,F",
    "1,1,1,Infinity,H"
  })
  void refusesWhatIsNoTimeOrRate(double r, double w, double f, double h, String letter) {
    assertThatThrownBy(() -> new TimeModel(r, w, f, h))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(letter + " must be");
  }

  @Test
  void refusesAnEmptyGroup() {
    assertThatThrownBy(() -> model.groupNs(0, 1, 1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void calibrationSolvesForTheLetters() {
    // Small and large as R = 2 GB/s, W + F = 90 us make them; 4 KiB unsynced in 42.048 us: W = 40.
    TimeModel solved = Calibration.solve(92_048, 90_000 + MIB / 2.0, 42_048);
    assertThat(solved.transferBytesPerSecond()).isCloseTo(2e9, within(1.0));
    assertThat(solved.writeNs()).isCloseTo(40_000, within(1e-3));
    assertThat(solved.syncNs()).isCloseTo(50_000, within(1e-3));
  }

  @Test
  void noiseThatTurnsTheSizesRoundIsNoNegativeTime() {
    TimeModel solved = Calibration.solve(500_000, 400_000, 600_000);
    assertThat(solved.transferBytesPerSecond()).isPositive();
    assertThat(solved.syncNs()).isZero();
  }
}
