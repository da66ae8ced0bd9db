package holdfast.core;

import org.jspecify.annotations.Nullable;

/// What a consumer may ask for.
final class ConsumerRules {
  private static final String PRIORITY = "x-priority";
  private static final String TIMEOUT = "x-consumer-timeout";

  private ConsumerRules() {}

  /// What is wrong with a consumer's arguments, or null.
  static @Nullable CoreError invalid(Arguments arguments, Queue queue) {
    for (String name : arguments.asMap().keySet()) {
      Object value = arguments.get(name);
      boolean number = name.equals(PRIORITY) || name.equals(TIMEOUT);
      if (number && !(value instanceof Long)
          || name.equals(PRIORITY)
              && value instanceof Long priority
              && (int) (long) priority != priority
          || name.equals(TIMEOUT) && value instanceof Long timeoutMs && timeoutMs <= 0) {
        return CoreError.precondition(
            where(name, queue) + ": '" + value + "' is not a number it can be");
      }
      boolean ofStream = queue.stream() != null && StreamRules.knows(name);
      if (name.startsWith("x-") && !number && !ofStream) {
        return CoreError.precondition(where(name, queue) + ": not supported by this version");
      }
    }
    return null;
  }

  private static String where(String name, Queue queue) {
    return "invalid arg '"
        + name
        + "' for a consumer of queue '"
        + queue.name()
        + "' in vhost '"
        + queue.host().name()
        + "'";
  }

  static int priority(Arguments arguments) {
    return arguments.get(PRIORITY) instanceof Long priority ? priority.intValue() : 0;
  }

  /// How long its deliveries may be unsettled, in ms, if it says so itself.
  static long timeoutMs(Arguments arguments) {
    return arguments.get(TIMEOUT) instanceof Long timeoutMs ? timeoutMs : QueueSettings.NONE;
  }
}
