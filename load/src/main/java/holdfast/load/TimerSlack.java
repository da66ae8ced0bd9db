package holdfast.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ThreadFactory;

/// Timers that end when they are due. Linux lets those of a thread be 50 us late, to wake for
/// several at once; at a fixed rate that is 50 us of latency which no broker has caused.
final class TimerSlack {
  private static final Path SELF = Path.of("/proc/thread-self");

  private TimerSlack() {}

  /// Threads whose timers are prompt, where the system can be asked for it.
  static ThreadFactory without(ThreadFactory factory) {
    return task ->
        factory.newThread(() -> {
          shorten();
          task.run();
        });
  }

  private static void shorten() {
    try {
      Path thread = Files.readSymbolicLink(SELF).getFileName();
      Files.writeString(Path.of("/proc", thread.toString(), "timerslack_ns"), "1");
    } catch (IOException e) {
      // Another system, or one that does not let us: the load is the same, and messages go out some
      // microseconds after they are due, which counts as their latency.
    }
  }
}
