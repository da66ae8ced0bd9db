package holdfast.broker;

import holdfast.store.Uninterrupted;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// The threads that a broker has for itself: two for the store's slow work, one that wakes what
/// nobody else would.
final class Workers {
  private static final long END_MS = 4_000;

  private final ThreadPoolExecutor background = executor("store-background");
  private final ThreadPoolExecutor reader = executor("store-reader");
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(named("timer"));

  /// One thread for slow work. What comes after its shutdown is dropped: a checkpoint that is being
  /// written then asks for a spare that nobody needs any more.
  static ThreadPoolExecutor executor(String name) {
    return new ThreadPoolExecutor(
        1,
        1,
        0,
        TimeUnit.MILLISECONDS,
        new LinkedBlockingQueue<>(),
        named(name),
        new ThreadPoolExecutor.DiscardPolicy());
  }

  private static ThreadFactory named(String name) {
    return Thread.ofPlatform().name(name).daemon(true).factory();
  }

  ThreadPoolExecutor background() {
    return background;
  }

  ThreadPoolExecutor reader() {
    return reader;
  }

  ScheduledExecutorService timer() {
    return timer;
  }

  /// Wakes nothing any more.
  void endTimer() {
    timer.shutdownNow();
  }

  /// Lets what was begun end, and waits for it: only then may the store be closed, and its
  /// directory be somebody else's.
  void end(Broker.Listener listener) {
    endTimer();
    background.shutdown();
    reader.shutdown();
    Uninterrupted.await(() -> {
      if (!background.awaitTermination(END_MS, TimeUnit.MILLISECONDS)
          || !reader.awaitTermination(END_MS, TimeUnit.MILLISECONDS)) {
        listener.warned("background work of the store has not ended in time", null);
      }
    });
  }
}
