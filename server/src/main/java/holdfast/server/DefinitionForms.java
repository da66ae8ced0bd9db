package holdfast.server;

import holdfast.core.Accounts;
import holdfast.core.Arguments;
import holdfast.core.Policy;
import holdfast.core.User;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/// How users, virtual hosts, policies and limits are written in definitions, and what is asked of
/// them. The same forms serve the single operations.
final class DefinitionForms {
  static final Set<String> HOST_LIMITS = Set.of("max-connections", "max-queues");
  static final Set<String> USER_LIMITS = Set.of("max-connections", "max-channels");

  private static final Set<String> QUEUE_TYPES = Set.of("classic", "quorum", "stream");

  private DefinitionForms() {}

  // --- users ---

  static User user(Asked asked) throws OperationRefused {
    User.Hashing hashing =
        PasswordForms.hashing(asked.text("hashing_algorithm", "rabbit_password_hashing_sha256"));
    byte[] hash;
    if (asked.has("password_hash")) {
      hash = PasswordForms.decode(asked.text("password_hash"), hashing);
    } else if (asked.has("password")) {
      hash = PasswordForms.hash(asked.name("password"), hashing);
    } else {
      throw OperationRefused.bad("'password_hash' or 'password' is missing");
    }
    return new User(asked.name("name"), hash, hashing, asked.words("tags"));
  }

  static Map<String, @Nullable Object> json(User user, Map<String, Long> limits) {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("name", user.name());
    json.put("password_hash", Base64.getEncoder().encodeToString(user.passwordHash()));
    json.put("hashing_algorithm", PasswordForms.name(user.hashing()));
    json.put("tags", user.tags());
    json.put("limits", limits);
    return json;
  }

  // --- virtual hosts ---

  /// What is said of a virtual host: `metadata` of newer brokers, and the same names beside it.
  static Arguments metadata(Asked asked) throws OperationRefused {
    Map<String, @Nullable Object> metadata = new LinkedHashMap<>();
    Asked inner = new Asked(asked.table("metadata"));
    for (Asked from : List.of(inner, asked)) {
      for (String name : List.of("description", "default_queue_type")) {
        String text = from.text(name, "");
        if (!text.isEmpty() && !text.equals("undefined")) {
          metadata.put(name, text);
        }
      }
      if (!from.words("tags").isEmpty()) {
        metadata.put("tags", from.words("tags"));
      }
    }
    if (metadata.get("default_queue_type") instanceof String type && !QUEUE_TYPES.contains(type)) {
      throw OperationRefused.bad(
          "default queue type '" + type + "' is none of classic, quorum, stream");
    }
    return Arguments.of(metadata);
  }

  static Map<String, @Nullable Object> hostJson(String name, Arguments metadata) {
    Map<String, @Nullable Object> all = JsonArguments.json(metadata);
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("name", name);
    json.put("description", all.getOrDefault("description", ""));
    json.put("tags", all.getOrDefault("tags", List.of()));
    if (all.get("default_queue_type") != null) {
      json.put("default_queue_type", all.get("default_queue_type"));
    }
    json.put("metadata", all);
    return json;
  }

  // --- permissions ---

  /// A regular expression that has been tried.
  static String pattern(Asked asked, String name) throws OperationRefused {
    String pattern = asked.text(name);
    try {
      Pattern.compile(pattern);
    } catch (PatternSyntaxException wrong) {
      throw OperationRefused.bad(
          "'"
              + name
              + "' is no regular expression: "
              + wrong.getDescription()
              + " in '"
              + pattern
              + "'");
    }
    return pattern;
  }

  // --- policies ---

  static Policy policy(Asked asked) throws OperationRefused {
    Map<String, @Nullable Object> definition = asked.table("definition");
    if (definition.isEmpty()) {
      throw OperationRefused.bad("'definition' is empty: a policy sets something");
    }
    String applyTo = asked.text(asked.has("apply-to") ? "apply-to" : "apply_to", "all");
    return new Policy(
        asked.name("name"),
        pattern(asked, "pattern"),
        appliesTo(applyTo),
        JsonArguments.of(definition),
        priority(asked));
  }

  private static int priority(Asked asked) throws OperationRefused {
    long priority = asked.number("priority", 0);
    if (priority != (int) priority) {
      throw OperationRefused.bad("priority " + priority + " is out of range");
    }
    return (int) priority;
  }

  private static Policy.AppliesTo appliesTo(String text) throws OperationRefused {
    for (Policy.AppliesTo each : Policy.AppliesTo.values()) {
      if (text(each).equals(text)) {
        return each;
      }
    }
    throw OperationRefused.bad(
        "apply-to '"
            + text
            + "' is none of all, exchanges, queues, classic_queues, quorum_queues, streams");
  }

  private static String text(Policy.AppliesTo target) {
    return target.name().toLowerCase(Locale.ROOT);
  }

  static Map<String, @Nullable Object> json(Accounts.PolicyOfHost policy) {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("vhost", policy.host());
    json.put("name", policy.policy().name());
    json.putAll(value(policy.policy()));
    return json;
  }

  /// A policy without its name, as an operator's stands among the parameters.
  static Map<String, @Nullable Object> value(Policy policy) {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("pattern", policy.pattern());
    json.put("apply-to", text(policy.appliesTo()));
    json.put("definition", JsonArguments.json(policy.definition()));
    json.put("priority", (long) policy.priority());
    return json;
  }

  // --- limits ---

  /// Limits with known names; one below 0 is none.
  static Map<String, Long> limits(Map<String, Long> asked, Set<String> known)
      throws OperationRefused {
    Map<String, Long> limits = new LinkedHashMap<>();
    for (Map.Entry<String, Long> entry : asked.entrySet()) {
      requireLimit(entry.getKey(), known);
      if (entry.getValue() >= 0) {
        limits.put(entry.getKey(), entry.getValue());
      }
    }
    return limits;
  }

  static void requireLimit(String name, Set<String> known) throws OperationRefused {
    if (!known.contains(name)) {
      throw OperationRefused.bad(
          "no limit '"
              + name
              + "'; there are "
              + String.join(", ", known.stream().sorted().toList()));
    }
  }
}
