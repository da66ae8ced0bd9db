package holdfast.core;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Where in a stream a consumer begins, as its argument `x-stream-offset` says.
sealed interface StreamOffset {
  String ARGUMENT = "x-stream-offset";

  /// With the oldest entry that is kept.
  record First() implements StreamOffset {}

  /// With the newest entry that is visible.
  record Last() implements StreamOffset {}

  /// With the next entry that is published.
  record Next() implements StreamOffset {}

  /// With this one, or the nearest that there is.
  record At(long offset) implements StreamOffset {}

  /// With the first that was accepted at this time or later, in ms since the epoch.
  record Since(long timeMs) implements StreamOffset {}

  /// What the arguments of a consumer say; null if that means nothing.
  ///
  /// @param nowMs an interval is counted back from there
  static @Nullable StreamOffset parse(Arguments arguments, long nowMs) {
    Object value = arguments.get(ARGUMENT);
    if (value == null && !arguments.asMap().containsKey(ARGUMENT)) {
      return new Next();
    }
    return switch (value) {
      case Long offset -> new At(Math.max(0, offset));
      case Instant time -> new Since(time.toEpochMilli());
      case String text -> named(text, nowMs);
      case null, default -> null;
    };
  }

  private static @Nullable StreamOffset named(String text, long nowMs) {
    return switch (text) {
      case "first" -> new First();
      case "last" -> new Last();
      case "next" -> new Next();
      default -> {
        long ageMs = StreamRetention.ageMs(text);
        yield ageMs < 0 ? null : new Since(nowMs - ageMs);
      }
    };
  }
}
