package holdfast.server.torture;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Method;
import com.rabbitmq.client.ShutdownNotifier;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What went wrong, counted by kind, with the first few told in words. Guarded by its own lock.
final class Verdict {
  /// The promises, each by the name of its breach.
  enum Breach {
    /// Confirmed and not acknowledged, yet gone.
    LOST,
    /// Delivered though never published, rolled back, returned, or settled for good.
    PHANTOM,
    /// Delivered a second time without saying so.
    UNFLAGGED,
    /// First deliveries of one producer's messages to a queue out of their order.
    DISORDERED,
    /// The body is not the one that was published.
    CORRUPT,
    /// A part of a transaction.
    TORN,
    /// Returned though a queue was bound, or taken though none was.
    MISROUTED,
    /// A client's channel or connection closed by the broker with an error, under a correct client.
    CLOSED,
    /// A definition lost that was confirmed, or back that was confirmed deleted.
    DEFINITION
  }

  private static final int TOLD_MAX = 20;

  private final Map<Breach, Integer> counts = new EnumMap<>(Breach.class);
  private final List<String> told = new ArrayList<>();

  synchronized void add(Breach breach, String what) {
    counts.merge(breach, 1, Integer::sum);
    if (told.size() < TOLD_MAX) {
      told.add(breach.name().toLowerCase(Locale.ROOT) + ": " + what);
    }
  }

  /// Has an error that the broker closes something with told. A kill closes without a word.
  void watch(ShutdownNotifier watched) {
    watched.addShutdownListener(cause -> {
      Method reason = cause.getReason();
      if (!cause.isInitiatedByApplication()
          && (reason instanceof AMQP.Channel.Close || reason instanceof AMQP.Connection.Close)) {
        add(Breach.CLOSED, reason.toString());
      }
    });
  }

  synchronized boolean clean() {
    return counts.isEmpty();
  }

  synchronized String summary() {
    StringBuilder text = new StringBuilder();
    for (Breach breach : Breach.values()) {
      text.append(text.isEmpty() ? "" : " ");
      text.append(breach.name().toLowerCase(Locale.ROOT)).append(' ');
      text.append(counts.getOrDefault(breach, 0));
    }
    return text.toString();
  }

  synchronized String details() {
    return String.join("\n", told);
  }
}
