package holdfast.core;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Which keys a policy may have, what values they take, and for what kind of queue they mean
/// something. As RabbitMQ 4 has it; keys that choose how RabbitMQ keeps a queue are taken, for the
/// policies of those who come from there, and have no effect.
final class PolicyRules {
  /// What a value must be, for the sentence that says so.
  private sealed interface Value {
    record Text() implements Value {}

    record OneOf(Set<Object> values) implements Value {}

    record Number(long min) implements Value {}

    record Age() implements Value {}

    record Anything() implements Value {}
  }

  private static final Value TEXT = new Value.Text();
  private static final Value COUNT = new Value.Number(0);
  private static final Value ANYTHING = new Value.Anything();
  private static final Pattern AGE = Pattern.compile("[0-9]{1,18}[YMDhms]");

  private static final Map<String, Value> KEYS =
      Map.ofEntries(
          Map.entry("alternate-exchange", TEXT),
          Map.entry("consumer-timeout", COUNT),
          Map.entry("dead-letter-exchange", TEXT),
          Map.entry("dead-letter-routing-key", TEXT),
          Map.entry("dead-letter-strategy", oneOf("at-most-once", "at-least-once")),
          Map.entry("delayed-retry-max", COUNT),
          Map.entry("delayed-retry-min", COUNT),
          Map.entry("delayed-retry-type", oneOf("disabled", "all", "failed", "returned")),
          Map.entry("delivery-limit", new Value.Number(-1)),
          Map.entry("expires", new Value.Number(1)),
          Map.entry("ha-mode", ANYTHING),
          Map.entry("ha-params", ANYTHING),
          Map.entry("ha-promote-on-failure", ANYTHING),
          Map.entry("ha-promote-on-shutdown", ANYTHING),
          Map.entry("ha-sync-batch-size", ANYTHING),
          Map.entry("ha-sync-mode", ANYTHING),
          Map.entry("initial-cluster-size", COUNT),
          Map.entry("max-age", new Value.Age()),
          Map.entry("max-in-memory-bytes", COUNT),
          Map.entry("max-in-memory-length", COUNT),
          Map.entry("max-length", COUNT),
          Map.entry("max-length-bytes", COUNT),
          Map.entry("message-ttl", COUNT),
          Map.entry("overflow", oneOf("drop-head", "reject-publish", "reject-publish-dlx")),
          Map.entry(
              "queue-leader-locator", oneOf("client-local", "balanced", "random", "least-leaders")),
          Map.entry("queue-master-locator", oneOf("client-local", "min-masters", "random")),
          Map.entry("queue-mode", oneOf("default", "lazy")),
          Map.entry("queue-version", oneOf(1L, 2L)),
          Map.entry("stream-filter-size-bytes", new Value.Number(16)),
          Map.entry("stream-max-segment-size-bytes", COUNT),
          Map.entry("target-group-size", COUNT));

  /// What an operator may limit.
  private static final Set<String> KEYS_OF_OPERATOR =
      Set.of(
          "delivery-limit",
          "expires",
          "max-in-memory-bytes",
          "max-in-memory-length",
          "max-length",
          "max-length-bytes",
          "message-ttl",
          "overflow",
          "queue-version",
          "target-group-size");

  /// Of these, the smaller of two numbers counts. Of the others, an operator's.
  static final Set<String> SMALLER_COUNTS =
      Set.of(
          "delivery-limit",
          "expires",
          "max-in-memory-bytes",
          "max-in-memory-length",
          "max-length",
          "max-length-bytes",
          "message-ttl");

  private static final Set<String> NOT_OF_CLASSIC =
      Set.of(
          "dead-letter-strategy",
          "delivery-limit",
          "initial-cluster-size",
          "max-age",
          "queue-leader-locator",
          "stream-max-segment-size-bytes");

  private static final Set<String> NOT_OF_QUORUM =
      Set.of(
          "ha-mode",
          "ha-params",
          "ha-promote-on-failure",
          "ha-promote-on-shutdown",
          "ha-sync-mode",
          "initial-cluster-size",
          "max-age",
          "queue-master-locator",
          "queue-mode",
          "stream-max-segment-size-bytes");

  private static final Set<String> NOT_OF_STREAM =
      Set.of(
          "dead-letter-exchange",
          "dead-letter-routing-key",
          "dead-letter-strategy",
          "delivery-limit",
          "expires",
          "ha-mode",
          "ha-params",
          "ha-promote-on-failure",
          "ha-promote-on-shutdown",
          "ha-sync-mode",
          "max-in-memory-bytes",
          "max-in-memory-length",
          "max-length",
          "message-ttl",
          "overflow",
          "queue-master-locator",
          "queue-mode",
          "target-group-size");

  private PolicyRules() {}

  private static Value oneOf(Object... values) {
    return new Value.OneOf(Set.of(values));
  }

  /// What is wrong with a definition, or null.
  static @Nullable String invalid(Arguments definition, boolean operator) {
    if (definition.isEmpty()) {
      return "it sets nothing";
    }
    for (Map.Entry<String, @Nullable Object> entry : new TreeMap<>(definition.asMap()).entrySet()) {
      String key = entry.getKey();
      Object value = entry.getValue();
      Value known = KEYS.get(key);
      if (known == null) {
        return "'" + key + "' is not a recognised policy setting";
      }
      if (operator && !KEYS_OF_OPERATOR.contains(key)) {
        return "'" + key + "' is not a setting that an operator policy may have";
      }
      String wrong = wrong(known, value);
      if (wrong != null) {
        return "'" + value + "' is not a valid value of " + key + ": " + wrong;
      }
    }
    return null;
  }

  private static @Nullable String wrong(Value known, @Nullable Object value) {
    return switch (known) {
      case Value.Text t -> value instanceof String ? null : "it must be text";
      case Value.OneOf one ->
          value != null && one.values.contains(value)
              ? null
              : "it must be one of " + one.values.stream().map(String::valueOf).sorted().toList();
      case Value.Number number ->
          value instanceof Long n && n >= number.min
              ? null
              : "it must be a whole number from " + number.min;
      case Value.Age age ->
          value instanceof String text && AGE.matcher(text).matches()
              ? null
              : "it must be a number and one of Y, M, D, h, m, s";
      case Value.Anything any -> null;
    };
  }

  /// Whether a definition means something for a kind: one with a single key that does not is left
  /// out whole, so that two policies can share a pattern.
  static boolean applies(Arguments definition, Policies.Kind kind) {
    Set<String> without =
        switch (kind) {
          case EXCHANGE -> Set.of();
          case CLASSIC -> NOT_OF_CLASSIC;
          case QUORUM -> NOT_OF_QUORUM;
          case STREAM -> NOT_OF_STREAM;
        };
    return definition.asMap().keySet().stream().noneMatch(without::contains);
  }
}
