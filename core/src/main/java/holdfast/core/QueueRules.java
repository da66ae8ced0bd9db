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

  private QueueRules() {}

  /// What is wrong with a new queue, or null.
  static @Nullable CoreError invalid(Queue.Declaration declaration, VirtualHost host) {
    String queue = "queue '" + declaration.name() + "' in vhost '" + host.name() + "'";
    for (Map.Entry<String, @Nullable Object> argument :
        declaration.arguments().asMap().entrySet()) {
      String name = argument.getKey();
      Object value = argument.getValue();
      if (name.equals(TYPE)) {
        if (!"classic".equals(value) && !"quorum".equals(value)) {
          return CoreError.precondition(
              "invalid arg 'x-queue-type' for "
                  + queue
                  + ": '"
                  + value
                  + "' is not one of classic, quorum");
        }
      } else if (name.startsWith("x-") && !WITHOUT_EFFECT.contains(name)) {
        return CoreError.precondition(
            "invalid arg '" + name + "' for " + queue + ": not supported by this version");
      }
    }
    if ("quorum".equals(declaration.arguments().get(TYPE))) {
      return invalidQuorum(declaration, queue);
    }
    return null;
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
    CoreError error = differs("durable", where, asked.durable(), is.durable());
    if (error == null) {
      error = differs("auto_delete", where, asked.autoDelete(), is.autoDelete());
    }
    if (error == null) {
      error = differs("exclusive", where, asked.exclusive(), is.exclusive());
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
