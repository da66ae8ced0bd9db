package holdfast.store;

import java.io.IOException;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/// The files of log segments: their names, and which of them are there. Any thread.
final class LogSegmentFiles {
  private static final String PREFIX = "log-";
  private static final String SUFFIX = ".seg";

  private final Disk disk;
  private final Pins pins = new Pins();

  LogSegmentFiles(Disk disk) {
    this.disk = disk;
  }

  static String name(long number) {
    return String.format(Locale.ROOT, "%s%016x%s", PREFIX, number, SUFFIX);
  }

  static boolean isLogSegment(String name) {
    return name.startsWith(PREFIX) && name.endsWith(SUFFIX);
  }

  static long number(String name) {
    return Long.parseUnsignedLong(name, PREFIX.length(), name.length() - SUFFIX.length(), 16);
  }

  static Set<Long> numbers(Disk disk) throws IOException {
    Set<Long> numbers = new HashSet<>();
    for (String name : disk.names()) {
      if (isLogSegment(name)) {
        numbers.add(number(name));
      }
    }
    return numbers;
  }

  /// Readers that are under way in a segment keep its file.
  Pins pins() {
    return pins;
  }

  /// Deletes every segment that is not in `kept` and that nobody reads; those that are read go the
  /// next time.
  void deleteAllBut(Set<Long> kept) throws IOException {
    boolean deleted = false;
    for (long number : numbers(disk)) {
      if (!kept.contains(number) && !pins.isPinned(number)) {
        disk.delete(name(number));
        deleted = true;
      }
    }
    if (deleted) {
      disk.forceDirectory();
    }
  }
}
