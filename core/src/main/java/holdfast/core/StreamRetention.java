package holdfast.core;

import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// How much of a stream is kept. What is too much goes by whole segments, and the newest stays.
///
/// @param bytesMax above this the oldest segments go
/// @param ageMs a segment goes when its newest entry is older
/// @param segmentBytes a segment is full when it has so many
record StreamRetention(long bytesMax, long ageMs, long segmentBytes) {
  static final String LENGTH_BYTES = "max-length-bytes";
  static final String AGE = "max-age";
  static final String SEGMENT_BYTES = "stream-max-segment-size-bytes";

  /// Stands for a limit that is not set.
  static final long UNLIMITED = Long.MAX_VALUE;

  /// Digits of an age: no number of so many overflows when it counts years.
  private static final Pattern AGE_FORM = Pattern.compile("([0-9]{1,8})([YMDhms])");

  private static final long SECOND_MS = 1_000;
  private static final long HOUR_MS = 3_600 * SECOND_MS;
  private static final long DAY_MS = 24 * HOUR_MS;

  StreamRetention {
    assert bytesMax >= 0 && ageMs > 0 && segmentBytes > 0 : "a stream that keeps nothing";
  }

  /// As a queue's arguments say.
  static StreamRetention of(Arguments arguments) {
    return of(name -> arguments.get("x-" + name));
  }

  /// As a queue's arguments and policies say: of limits the lowest counts, and of everything else
  /// what the queue was declared with.
  static StreamRetention of(Arguments arguments, Policies.Effective policy) {
    return of(name -> {
      Object asked = arguments.get("x-" + name);
      Object said = policy.get(name);
      return asked instanceof Long a && said instanceof Long b && name.equals(LENGTH_BYTES)
          ? (Object) Math.min(a, b)
          : asked != null ? asked : said;
    });
  }

  /// From values that have been checked.
  ///
  /// @param value of [#LENGTH_BYTES], [#AGE] or [#SEGMENT_BYTES]; null where it is not set
  static StreamRetention of(Function<String, @Nullable Object> value) {
    Object age = value.apply(AGE);
    return new StreamRetention(
        value.apply(LENGTH_BYTES) instanceof Long bytes ? bytes : UNLIMITED,
        age == null ? UNLIMITED : ageMs(age),
        value.apply(SEGMENT_BYTES) instanceof Long bytes
            ? bytes
            : Limits.STREAM_SEGMENT_BYTES_USUAL);
  }

  /// A time like `7D`: a number above 0 and a unit, of years (365 days), months (30 days), days,
  /// hours, minutes and seconds. -1 if it is none.
  static long ageMs(@Nullable Object text) {
    Matcher form = text instanceof String age ? AGE_FORM.matcher(age) : null;
    if (form == null || !form.matches()) {
      return -1;
    }
    long count = Long.parseLong(form.group(1));
    long unitMs =
        switch (form.group(2).charAt(0)) {
          case 'Y' -> 365 * DAY_MS;
          case 'M' -> 30 * DAY_MS;
          case 'D' -> DAY_MS;
          case 'h' -> HOUR_MS;
          case 'm' -> 60 * SECOND_MS;
          default -> SECOND_MS;
        };
    return count == 0 ? -1 : count * unitMs;
  }
}
