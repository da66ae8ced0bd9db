package holdfast.store;

import java.io.IOException;
import java.util.HexFormat;
import java.util.Set;

/// Log segments: what their files are called, and which of them are read. Any thread.
final class LogSegmentFiles {
  private static final String PREFIX = "log-";
  private static final String SUFFIX = ".seg";

  private final Segments segments;
  private final Pins pins = new Pins();

  LogSegmentFiles(Segments segments) {
    this.segments = segments;
  }

  static String name(long number) {
    return PREFIX + HexFormat.of().toHexDigits(number) + SUFFIX;
  }

  static boolean isLogSegment(String name) {
    return name.startsWith(PREFIX) && name.endsWith(SUFFIX);
  }

  static long number(String name) {
    return Long.parseUnsignedLong(name, PREFIX.length(), name.length() - SUFFIX.length(), 16);
  }

  /// Readers that are under way in a segment keep its file.
  Pins pins() {
    return pins;
  }

  /// Deletes every segment that is not in `kept` and that nobody reads; those that are read go the
  /// next time.
  void deleteAllBut(Set<Long> kept) throws IOException {
    boolean deleted = false;
    for (long number : segments.numbers(Segments.Kind.LOG)) {
      if (!kept.contains(number) && !pins.isPinned(number)) {
        segments.delete(Segments.Kind.LOG, number);
        deleted = true;
      }
    }
    if (deleted) {
      segments.force();
    }
  }
}
