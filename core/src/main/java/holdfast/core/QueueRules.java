package holdfast.core;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a queue may be declared with, and when a second declaration means the same queue.
final class QueueRules {
  static final String TYPE = "x-queue-type";

  /// Arguments that choose how another broker stores a queue. They ask for nothing that could be
  /// seen from outside, so they are taken and mean nothing here.
  private static final Set<String> WITHOUT_EFFECT =
      Set.of(
          "x-queue-mode",
          "x-queue-version",
          "x-queue-master-locator",
          "x-queue-leader-locator",
          "x-quorum-initial-group-size");

  /// The longest time that is taken: of the size of RabbitMQ's, which has 32 bits for it.
  private static final long MS_MAX = 0xffff_ffffL;

  private QueueRules() {}

  /// Arguments that are numbers, with the least and the most they may be.
  private static final Map<String, long[]> NUMBERS =
      Map.of(
          "x-message-ttl", new long[] {0, MS_MAX},
          "x-expires", new long[] {1, MS_MAX},
          "x-max-length", new long[] {0, Long.MAX_VALUE},
          "x-max-length-bytes", new long[] {0, Long.MAX_VALUE},
          "x-max-priority", new long[] {0, 255},
          "x-delivery-limit", new long[] {-1, Integer.MAX_VALUE},
          "x-consumer-timeout", new long[] {1, MS_MAX});

  private static final Set<String> TEXTS =
      Set.of("x-dead-letter-exchange", "x-dead-letter-routing-key");

  /// What a quorum queue does not have.
  private static final Set<String> CLASSIC_ONLY = Set.of("x-max-priority", "x-queue-mode");

  /// What a classic queue does not have.
  private static final Set<String> QUORUM_ONLY = Set.of("x-delivery-limit");

  /// What is wrong with a new queue, or null.
  static @Nullable CoreError invalid(Queue.Declaration declaration, VirtualHost host) {
    String queue = "queue '" + declaration.name() + "' in vhost '" + host.name() + "'";
    if (StreamRules.isStream(declaration)) {
      return StreamRules.invalid(declaration, queue);
    }
    for (Map.Entry<String, @Nullable Object> argument :
        declaration.arguments().asMap().entrySet()) {
      String name = argument.getKey();
      String wrong = name.startsWith("x-") ? wrong(name, argument.getValue()) : null;
      if (wrong != null) {
        return invalid(name, queue, wrong);
      }
    }
    Arguments arguments = declaration.arguments();
    if (arguments.get("x-dead-letter-routing-key") != null
        && arguments.get("x-dead-letter-exchange") == null) {
      return invalid("x-dead-letter-routing-key", queue, "routing_key_but_no_dlx_defined");
    }
    boolean quorum = "quorum".equals(arguments.get(TYPE));
    for (String name : arguments.asMap().keySet()) {
      if (quorum && CLASSIC_ONLY.contains(name) || !quorum && QUORUM_ONLY.contains(name)) {
        return invalid(
            name, queue, "not supported for queues of type " + (quorum ? "quorum" : "classic"));
      }
    }
    return quorum ? invalidQuorum(declaration, queue) : null;
  }

  /// What is wrong with the value of an argument, or null.
  private static @Nullable String wrong(String name, @Nullable Object value) {
    long[] bounds = NUMBERS.get(name);
    if (bounds != null) {
      return wrongNumber(value, bounds[0], bounds[1]);
    }
    if (TEXTS.contains(name)) {
      return value instanceof String ? null : "{unacceptable_type}: a string is expected";
    }
    return switch (name) {
      case TYPE ->
          "classic".equals(value) || "quorum".equals(value)
              ? null
              : "'" + value + "' is not one of classic, quorum, stream";
      case "x-overflow" ->
          QueueSettings.Overflow.named(value) != null
              ? null
              : "invalid_overflow: '"
                  + value
                  + "' is not one of drop-head, reject-publish, reject-publish-dlx";
      case "x-dead-letter-strategy" ->
          "at-most-once".equals(value) || "at-least-once".equals(value)
              ? null
              : "'" + value + "' is not one of at-most-once, at-least-once";
      case "x-single-active-consumer" ->
          value instanceof Boolean ? null : "{unacceptable_type}: true or false is expected";
      default -> WITHOUT_EFFECT.contains(name) ? null : "not supported by this version";
    };
  }

  private static @Nullable String wrongNumber(@Nullable Object value, long least, long most) {
    if (!(value instanceof Long number)) {
      return "{unacceptable_type}: a whole number is expected";
    }
    if (number < least) {
      return number == 0 ? "{value_zero,0}" : "{value_negative," + number + "}";
    }
    return number > most ? "{max_value_exceeded," + number + "}: at most " + most : null;
  }

  private static CoreError invalid(String name, String queue, String wrong) {
    return CoreError.precondition("invalid arg '" + name + "' for " + queue + ": " + wrong);
  }

  private static @Nullable CoreError invalidQuorum(Queue.Declaration declaration, String queue) {
    String property =
        !declaration.durable()
            ? "non-durable"
            : declaration.exclusive()
                ? "exclusive"
                : declaration.autoDelete() ? "auto-delete" : null;
    return property == null
        ? null
        : CoreError.precondition("invalid property '" + property + "' for " + queue);
  }

  /// How a declaration differs from the queue that is there, or null.
  static @Nullable CoreError differs(Queue.Declaration asked, Queue queue) {
    Queue.Declaration is = queue.declaration();
    String where = "for queue '" + is.name() + "' in vhost '" + queue.host().name() + "'";
    if (asked.exclusive() != is.exclusive()) {
      return Declaring.locked(queue);
    }
    CoreError error = differs("durable", where, asked.durable(), is.durable());
    if (error == null) {
      error = differs("auto_delete", where, asked.autoDelete(), is.autoDelete());
    }
    return error != null ? error : differs(where, asked.arguments(), is.arguments());
  }

  static @Nullable CoreError differs(String what, String where, Object asked, Object is) {
    if (asked.equals(is)) {
      return null;
    }
    return CoreError.precondition(
        "inequivalent arg '"
            + what
            + "' "
            + where
            + ": received '"
            + asked
            + "' but current is '"
            + is
            + "'");
  }

  static @Nullable CoreError differs(String where, Arguments asked, Arguments is) {
    Set<String> names = new java.util.TreeSet<>(asked.asMap().keySet());
    names.addAll(is.asMap().keySet());
    for (String name : names) {
      Object a = asked.get(name);
      Object b = is.get(name);
      boolean same = Arguments.same(a, b) || name.equals(TYPE) && isClassic(a) && isClassic(b);
      if (name.startsWith("x-") && !same) {
        return CoreError.precondition(
            "inequivalent arg '"
                + name
                + "' "
                + where
                + ": received "
                + shown(a)
                + " but current is "
                + shown(b));
      }
    }
    return null;
  }

  private static boolean isClassic(@Nullable Object type) {
    return type == null || type.equals("classic");
  }

  private static String shown(@Nullable Object value) {
    return value == null ? "none" : "the value '" + value + "'";
  }
}
