package holdfast.server;

import java.time.Duration;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Ends the process in order on SIGTERM, SIGINT or System.exit: closes the broker, for at most five
/// seconds, and gives the process its exit status.
///
/// The JVM would report a signal as 143 or 130 even after a clean stop; a service manager should
/// see 0. So the hook, when all is closed, halts with the status itself.
final class StopOnSignal {
  static final Duration STOP_MAX = Duration.ofSeconds(5);

  private static final Logger log = LoggerFactory.getLogger(StopOnSignal.class);

  /// Set once by the main thread, read by the hook: null until the broker has started.
  private volatile @Nullable Running running;

  private volatile ExitStatus status = ExitStatus.CLEAN;

  private final IntConsumer halt;

  StopOnSignal(IntConsumer halt) {
    this.halt = halt;
  }

  static StopOnSignal install(IntConsumer halt) {
    StopOnSignal stop = new StopOnSignal(halt);
    Runtime.getRuntime()
        .addShutdownHook(Thread.ofPlatform().name("holdfast-stop").unstarted(stop::stop));
    return stop;
  }

  void started(Running broker) {
    running = broker;
  }

  /// Notes the status the process is about to end with.
  ExitStatus ending(ExitStatus with) {
    if (with != ExitStatus.CLEAN) {
      status = with;
    }
    return with;
  }

  void stop() {
    Running broker = running;
    if (broker != null) {
      Thread closing =
          Thread.ofPlatform().name("holdfast-close").daemon().start(() -> close(broker));
      try {
        if (!closing.join(STOP_MAX)) {
          log.error("not stopped within {} s, giving up", STOP_MAX.toSeconds());
          ending(ExitStatus.STOP_OVERDUE);
        }
      } catch (InterruptedException interrupted) {
        ending(ExitStatus.STOP_OVERDUE);
      }
    }
    halt.accept(status.code());
  }

  private void close(Running broker) {
    try {
      broker.close();
    } catch (RuntimeException | Error bug) {
      log.error("cannot stop cleanly", bug);
      ending(ExitStatus.BUG);
    }
  }
}
