package holdfast.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/// How long this process has existed: the ready line counts from the exec, JVM start included. The
/// launcher, which built something first, says when that was over: the system's uptime in seconds.
///
/// On Linux the kernel's own numbers are read, to 10 ms and in a few milliseconds. The portable
/// `ProcessHandle` knows the boot time in whole seconds only, so its answer is up to a second off,
/// and the runtime MXBean takes 20-30 ms to load.
final class ProcessAge {
  private static final Path STAT = Path.of("/proc/self/stat");
  private static final Path UPTIME = Path.of("/proc/uptime");
  private static final String SINCE = "holdfast.since";

  /// USER_HZ: the unit of starttime, 100 a second in the kernel's interface whatever it runs at.
  private static final long TICK_MS = 10;

  /// Fields after the command's closing parenthesis; starttime is the 22nd of the whole line.
  private static final int START_TIME_FIELD = 19;

  private static final long PLAUSIBLE_MS = Duration.ofHours(1).toMillis();

  private ProcessAge() {}

  static long ms() {
    if (Files.isReadable(STAT) && Files.isReadable(UPTIME)) {
      try {
        String since = System.getProperty(SINCE);
        String uptime = Files.readString(UPTIME);
        long age =
            since == null ? ofKernel(Files.readString(STAT), uptime) : sinceThen(since, uptime);
        // A container may be shown an uptime of its own, which does not fit the start time.
        if (age >= 0 && age < PLAUSIBLE_MS) {
          return age;
        }
      } catch (IOException | RuntimeException unreadable) {
        return ofHandle();
      }
    }
    return ofHandle();
  }

  static long ofKernel(String stat, String uptime) {
    // The command may hold spaces and parentheses: fields are counted from the last one.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", START_TIME_FIELD + 2);
    long startMs = Long.parseLong(fields[START_TIME_FIELD]) * TICK_MS;
    return uptimeMs(uptime) - startMs;
  }

  static long sinceThen(String since, String uptime) {
    return uptimeMs(uptime) - uptimeMs(since + " ");
  }

  private static long uptimeMs(String uptime) {
    return Math.round(Double.parseDouble(uptime.substring(0, uptime.indexOf(' '))) * 1000);
  }

  private static long ofHandle() {
    return ProcessHandle.current()
        .info()
        .startInstant()
        .map(start -> Math.max(0, Duration.between(start, Instant.now()).toMillis()))
        .orElse(0L);
  }
}
