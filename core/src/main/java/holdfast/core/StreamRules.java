package holdfast.core;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a stream may be declared with, and how it may be consumed.
final class StreamRules {
  static final String TYPE = "stream";
  private static final String LENGTH_BYTES = "x-" + StreamRetention.LENGTH_BYTES;
  private static final String AGE = "x-" + StreamRetention.AGE;
  private static final String SEGMENT_BYTES = "x-" + StreamRetention.SEGMENT_BYTES;
  private static final String SINGLE_ACTIVE = "x-single-active-consumer";
  private static final String FILTER_SIZE = "x-stream-filter-size-bytes";
  private static final int FILTER_SIZE_MIN = 16;
  private static final int FILTER_SIZE_MAX = 255;

  /// Arguments that place replicas, of which there is one, or size a filter, which here is exact.
  private static final Set<String> WITHOUT_EFFECT =
      Set.of(
          "x-initial-cluster-size",
          "x-queue-leader-locator",
          "x-queue-master-locator",
          QueueRules.TYPE);

  private static final Set<String> CONSUMER_ARGUMENTS =
      Set.of(StreamOffset.ARGUMENT, StreamFilter.VALUES, StreamFilter.UNFILTERED);

  private StreamRules() {}

  static boolean isStream(Queue.Declaration declaration) {
    return TYPE.equals(declaration.arguments().get(QueueRules.TYPE));
  }

  static boolean isSingleActive(Queue.Declaration declaration) {
    return Boolean.TRUE.equals(declaration.arguments().get(SINGLE_ACTIVE));
  }

  /// What is wrong with a new stream, or null.
  ///
  /// @param queue how an error names it
  static @Nullable CoreError invalid(Queue.Declaration declaration, String queue) {
    String property =
        declaration.autoDelete()
            ? "auto-delete"
            : declaration.exclusive()
                ? "exclusive-owner"
                : declaration.durable() ? null : "non-durable";
    if (property != null) {
      return CoreError.precondition("invalid property '" + property + "' for " + queue);
    }
    for (Map.Entry<String, @Nullable Object> argument :
        declaration.arguments().asMap().entrySet()) {
      CoreError error = invalid(argument.getKey(), argument.getValue(), queue);
      if (error != null) {
        return error;
      }
    }
    return null;
  }

  private static @Nullable CoreError invalid(String name, @Nullable Object value, String queue) {
    if (!name.startsWith("x-") || WITHOUT_EFFECT.contains(name)) {
      return null;
    }
    if (name.equals(SEGMENT_BYTES)
        && value instanceof Long bytes
        && bytes > Limits.STREAM_SEGMENT_BYTES_MAX) {
      return CoreError.precondition("Exceeded max value for " + SEGMENT_BYTES);
    }
    String error = "invalid arg '" + name + "' for " + queue;
    String wrong =
        switch (name) {
          case LENGTH_BYTES -> number(value, 0, Long.MAX_VALUE);
          case SEGMENT_BYTES -> number(value, 1, Limits.STREAM_SEGMENT_BYTES_MAX);
          case FILTER_SIZE -> number(value, FILTER_SIZE_MIN, FILTER_SIZE_MAX);
          case AGE ->
              StreamRetention.ageMs(value) < 0
                  ? ": '" + value + "' is not a number and one of Y, M, D, h, m, s"
                  : null;
          case SINGLE_ACTIVE -> value instanceof Boolean ? null : ": expected true or false";
          default -> " of queue type stream";
        };
    return wrong == null ? null : CoreError.precondition(error + wrong);
  }

  private static @Nullable String number(@Nullable Object value, long min, long max) {
    return value instanceof Long n && n >= min && n <= max
        ? null
        : ": '" + value + "' is not a number from " + min + " to " + max;
  }

  /// What keeps a session from consuming a stream in this way, or null.
  static @Nullable CoreError cannotConsume(Command.Consume c, Session session, Stream stream) {
    String queue = stream.title();
    if (session.prefetchOfConsumers() == 0) {
      return CoreError.precondition("consumer prefetch count is not set for stream " + queue);
    }
    if (c.autoSettle()) {
      return notImplemented("automatic acknowledgement not supported by stream " + queue);
    }
    if (session.prefetchOfSession() > 0) {
      return notImplemented(queue + " does not support global qos");
    }
    if (StreamOffset.parse(c.arguments(), 0) == null) {
      return CoreError.precondition(
          "invalid arg '"
              + StreamOffset.ARGUMENT
              + "' for "
              + queue
              + ": '"
              + c.arguments().get(StreamOffset.ARGUMENT)
              + "' is not first, last, next, an offset, a timestamp or an interval like 7D");
    }
    if (!StreamFilter.isValid(c.arguments())) {
      return CoreError.precondition(
          "invalid arg '"
              + StreamFilter.VALUES
              + "' for "
              + queue
              + ": it takes a string or a list of them, and "
              + StreamFilter.UNFILTERED
              + " true or false");
    }
    return null;
  }

  /// Whether an argument of a consumer is one that streams know.
  static boolean knows(String consumerArgument) {
    return CONSUMER_ARGUMENTS.contains(consumerArgument);
  }

  static CoreError noGet(Stream stream) {
    return notImplemented("basic.get not supported by stream queues " + stream.title());
  }

  static CoreError noPurge(Stream stream) {
    return notImplemented("queue.purge not supported by stream queues " + stream.title());
  }

  static CoreError needsName() {
    return CoreError.precondition("Cannot declare a server-named queue for type " + TYPE);
  }

  private static CoreError notImplemented(String text) {
    return new CoreError(CoreError.Kind.NOT_IMPLEMENTED, text);
  }
}
