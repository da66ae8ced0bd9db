package holdfast.server;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Waits for the gate, on the control socket's thread, and not for ever.
final class Waiting {
  private static final long TIMEOUT_SECONDS = 10;

  private Waiting() {}

  static <T> T on(CompletableFuture<T> answer) throws OperationRefused {
    try {
      return answer.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while asking the broker", e);
    } catch (ExecutionException refused) {
      Throwable cause = refused.getCause();
      throw OperationRefused.conflict(
          String.valueOf(cause == null ? refused.getMessage() : cause.getMessage()));
    } catch (TimeoutException late) {
      throw new OperationRefused(
          OperationRefused.Kind.UNAVAILABLE,
          "the broker has not answered within "
              + TIMEOUT_SECONDS
              + " s; what was asked for may still be done");
    }
  }
}
