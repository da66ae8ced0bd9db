package holdfast.server;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;

/// What `holdfast bench disk` was told.
///
/// @param seconds how long each policy is measured, warming up left out
/// @param latencyMsMax what a confirm may take, if the user has a wish
/// @param ratePerSecondMin records a second there must be, if the user has a wish
/// @param recordBytes the size that the wishes are about
record DiskBenchArguments(
    Path dataDir,
    double seconds,
    boolean asJson,
    Optional<Path> svg,
    OptionalDouble latencyMsMax,
    OptionalDouble ratePerSecondMin,
    int recordBytes) {

  static final double SECONDS_DEFAULT = 15;
  static final int RECORD_BYTES_DEFAULT = 1024;
  static final int RECORD_BYTES_MAX = 4 << 20;
  private static final double SECONDS_MAX = 3_600;

  /// An option's value is wrong: the message names it and says what would be right.
  static final class Mistake extends Exception {
    private static final long serialVersionUID = 1;

    Mistake(String message) {
      super(message);
    }
  }

  /// @param given the values of an option, the one that counts first
  static DiskBenchArguments of(Function<String, List<String>> given, Path dataDir, boolean asJson)
      throws Mistake {
    return new DiskBenchArguments(
        dataDir,
        number("--seconds", given, 1, SECONDS_MAX).orElse(SECONDS_DEFAULT),
        asJson,
        given.apply("--svg").stream().findFirst().map(Path::of),
        number("--latency-ms", given, 0.001, 3_600_000),
        number("--rate", given, 1, 1e12),
        (int) number("--record-bytes", given, 1, RECORD_BYTES_MAX).orElse(RECORD_BYTES_DEFAULT));
  }

  private static OptionalDouble number(
      String option, Function<String, List<String>> given, double min, double max) throws Mistake {
    List<String> values = given.apply(option);
    if (values.isEmpty()) {
      return OptionalDouble.empty();
    }
    String text = values.getFirst();
    Mistake mistake =
        new Mistake(
            "%s %s: expected a number from %s to %s"
                .formatted(option, text, DiskFigures.plain(min), DiskFigures.plain(max)));
    try {
      double value = Double.parseDouble(text);
      if (value >= min && value <= max) {
        return OptionalDouble.of(value);
      }
    } catch (NumberFormatException notANumber) {
      mistake.initCause(notANumber);
    }
    throw mistake;
  }

  boolean hasWish() {
    return latencyMsMax.isPresent() || ratePerSecondMin.isPresent();
  }
}
