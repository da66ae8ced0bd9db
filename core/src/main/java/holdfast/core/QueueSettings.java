package holdfast.core;

import org.jspecify.annotations.Nullable;

/// What holds for a queue: what it was declared with and what policies say, put together.
/// Immutable; a policy that changes makes another.
///
/// Where a limit is given more than once the lowest counts. Of everything else the declaration goes
/// before the policy, and the operator's policy has no say in it.
///
/// @param ttlMs how long a message may wait, in ms
/// @param expiresMs how long the queue may be unused, in ms
/// @param deadLetterExchange where messages go that are refused, too old or too many
/// @param deadLetterKey under which key; null for the key they came with
/// @param maxLength how many messages may be ready
/// @param maxLengthBytes how many bytes of body may be ready
/// @param overflow what happens to a message too many
/// @param priorityMax the highest priority; 0 where priorities mean nothing
/// @param priorityUsual of a message that names none
/// @param single whether one consumer at a time is served
/// @param deliveryLimit how often a message may come back
/// @param consumerTimeoutMs how long a delivery may be unsettled, in ms
record QueueSettings(
    long ttlMs,
    long expiresMs,
    @Nullable String deadLetterExchange,
    @Nullable String deadLetterKey,
    long maxLength,
    long maxLengthBytes,
    Overflow overflow,
    int priorityMax,
    int priorityUsual,
    boolean single,
    long deliveryLimit,
    long consumerTimeoutMs) {
  /// Stands for a limit that is not there.
  static final long NONE = Long.MAX_VALUE;

  /// What holds for most queues: nothing was asked for.
  private static final QueueSettings PLAIN = from(Arguments.NONE, Arguments.NONE, Arguments.NONE);

  private static final int QUORUM_PRIORITY_MAX = 31;
  private static final int QUORUM_PRIORITY_USUAL = 4;

  /// How often a message of a quorum queue comes back if nothing else is said.
  private static final long QUORUM_DELIVERY_LIMIT = 20;

  /// What happens to a message that would be one too many.
  enum Overflow {
    /// The oldest goes.
    DROP_HEAD,
    /// It is not taken.
    REJECT_PUBLISH,
    /// It is not taken, and goes where dead letters go.
    REJECT_PUBLISH_DLX;

    static @Nullable Overflow named(@Nullable Object name) {
      return name instanceof String text
          ? switch (text) {
            case "drop-head" -> DROP_HEAD;
            case "reject-publish" -> REJECT_PUBLISH;
            case "reject-publish-dlx" -> REJECT_PUBLISH_DLX;
            default -> null;
          }
          : null;
    }
  }

  /// @param policy definition of the policy that applies
  /// @param operator definition of the operator's policy that applies
  static QueueSettings of(Queue.Declaration declaration, Arguments policy, Arguments operator) {
    Arguments declared = declaration.arguments();
    return declared.isEmpty() && policy.isEmpty() && operator.isEmpty()
        ? PLAIN
        : from(declared, policy, operator);
  }

  private static QueueSettings from(Arguments declared, Arguments policy, Arguments operator) {
    Sources from = new Sources(declared, policy, operator);
    boolean quorum = "quorum".equals(declared.get(QueueRules.TYPE));
    int priorityMax =
        quorum
            ? QUORUM_PRIORITY_MAX
            : declared.get("x-max-priority") instanceof Long max ? max.intValue() : 0;
    Overflow overflow = Overflow.named(from.choice("overflow"));
    return new QueueSettings(
        from.least("message-ttl"),
        from.least("expires"),
        from.text("dead-letter-exchange"),
        from.text("dead-letter-routing-key"),
        from.least("max-length"),
        from.least("max-length-bytes"),
        overflow == null ? Overflow.DROP_HEAD : overflow,
        priorityMax,
        quorum ? QUORUM_PRIORITY_USUAL : 0,
        Boolean.TRUE.equals(declared.get("x-single-active-consumer")),
        deliveryLimit(from, quorum),
        from.least("consumer-timeout"));
  }

  /// A negative one asks for none.
  private static long deliveryLimit(Sources from, boolean quorum) {
    if (!quorum) {
      return NONE;
    }
    if (from.choice("delivery-limit") instanceof Long asked && asked < 0) {
      return NONE;
    }
    long limit = from.least("delivery-limit");
    return limit == NONE ? QUORUM_DELIVERY_LIMIT : limit;
  }

  /// Where a setting can come from. Arguments are named as policies are, behind an `x-`.
  private record Sources(Arguments arguments, Arguments policy, Arguments operator) {
    long least(String name) {
      return Math.min(
          number(arguments.get("x-" + name)),
          Math.min(number(policy.get(name)), number(operator.get(name))));
    }

    private static long number(@Nullable Object value) {
      return value instanceof Long number && number >= 0 ? number : NONE;
    }

    @Nullable Object choice(String name) {
      Object asked = arguments.get("x-" + name);
      return asked != null ? asked : policy.get(name);
    }

    @Nullable String text(String name) {
      return choice(name) instanceof String text ? text : null;
    }
  }

  /// Whether so much may not be ready.
  boolean isOver(long count, long bytes) {
    return count > maxLength || bytes > maxLengthBytes;
  }

  /// Whether a message more would be one too many.
  boolean isFull(long count, long bytes) {
    return count >= maxLength || bytes >= maxLengthBytes;
  }

  boolean hasLimit() {
    return maxLength != NONE || maxLengthBytes != NONE;
  }

  boolean refusesWhenFull() {
    return overflow != Overflow.DROP_HEAD && hasLimit();
  }

  /// The lane of a message that names a priority, or a negative one if it names none.
  int lane(int priority) {
    return Math.min(priority < 0 ? priorityUsual : priority, priorityMax);
  }
}
