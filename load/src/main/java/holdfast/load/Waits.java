package holdfast.load;

import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Waiting of the thread that conducts a run: for things to be done, or for the first failure.
record Waits(Failures failures) {
  /// Thrown when there is a failure to report instead of what was waited for.
  static final class Failed extends Exception {
    private static final long serialVersionUID = 1L;
  }

  void all(Collection<? extends CompletableFuture<?>> futures, long seconds, String what)
      throws InterruptedException, Failed {
    one(CompletableFuture.allOf(futures.toArray(CompletableFuture[]::new)), seconds, what);
  }

  void one(CompletableFuture<?> future, long seconds, String what)
      throws InterruptedException, Failed {
    if (!isDone(CompletableFuture.anyOf(future, failures.first()), seconds)) {
      failures.add(what + " took longer than " + seconds + " s");
    }
    check();
  }

  /// Lets time pass.
  void until(long timeNs) throws InterruptedException, Failed {
    long left = timeNs - System.nanoTime();
    if (left > 0) {
      isDone(failures.first(), left, TimeUnit.NANOSECONDS);
    }
    check();
  }

  void check() throws Failed {
    if (failures.first().isDone()) {
      throw new Failed();
    }
  }

  /// False when it took too long.
  static boolean isDone(CompletableFuture<?> future, long seconds) throws InterruptedException {
    return isDone(future, seconds, TimeUnit.SECONDS);
  }

  private static boolean isDone(CompletableFuture<?> future, long time, TimeUnit unit)
      throws InterruptedException {
    try {
      future.get(time, unit);
      return true;
    } catch (TimeoutException late) {
      return false;
    } catch (ExecutionException failed) {
      throw new IllegalStateException(failed.getCause());
    }
  }
}
