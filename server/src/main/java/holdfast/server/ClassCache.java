package holdfast.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Whether this JVM runs from the class cache that it was given. It goes on without one it cannot
/// use, so the only trace is what it has mapped: on Linux the kernel tells, elsewhere nobody does.
///
/// The file is read in well under a millisecond; to ask the JVM by its management beans takes 30.
final class ClassCache {
  private static final Path MAPS = Path.of("/proc/self/maps");
  private static final String SUFFIX = ".aot\n";

  private ClassCache() {}

  static String state() {
    try {
      return Files.isReadable(MAPS) ? ofMaps(Files.readString(MAPS)) : "unknown";
    } catch (IOException unreadable) {
      return "unknown";
    }
  }

  static String ofMaps(String maps) {
    return maps.contains(SUFFIX) ? "in use" : "not in use";
  }
}
