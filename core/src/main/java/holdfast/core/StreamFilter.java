package holdfast.core;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which entries of a stream a consumer wants, by the header `x-stream-filter-value` that they were
/// published with.
///
/// @param values those that it wants
/// @param unfiltered whether it wants entries without that header as well
record StreamFilter(Set<String> values, boolean unfiltered) {
  static final String VALUES = "x-stream-filter";
  static final String UNFILTERED = "x-stream-match-unfiltered";
  private static final String HEADER = "x-stream-filter-value";

  /// What a consumer's arguments ask for; null if they ask for everything.
  static @Nullable StreamFilter of(Arguments arguments) {
    Object asked = arguments.get(VALUES);
    if (asked == null) {
      return null;
    }
    Set<String> values = new HashSet<>();
    for (Object value : asked instanceof List<?> list ? list : List.of(asked)) {
      values.add(String.valueOf(value));
    }
    return new StreamFilter(values, Boolean.TRUE.equals(arguments.get(UNFILTERED)));
  }

  /// Whether a consumer's arguments ask for something that can be had.
  static boolean isValid(Arguments arguments) {
    Object asked = arguments.get(VALUES);
    Object unfiltered = arguments.get(UNFILTERED);
    boolean strings =
        asked == null
            || asked instanceof String
            || asked instanceof List<?> list && list.stream().allMatch(v -> v instanceof String);
    return strings && (unfiltered == null || unfiltered instanceof Boolean);
  }

  boolean wants(Message message) {
    Object value = message.headers().get(HEADER);
    return value == null ? unfiltered : values.contains(String.valueOf(value));
  }
}
