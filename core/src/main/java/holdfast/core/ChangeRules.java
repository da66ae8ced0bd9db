package holdfast.core;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What an administrator may change, and what is a mistake.
final class ChangeRules {
  static final String MAX_CONNECTIONS = "max-connections";
  static final String MAX_QUEUES = "max-queues";
  static final String MAX_CHANNELS = "max-channels";
  static final String DEFAULT_QUEUE_TYPE = "default_queue_type";

  private static final Set<String> QUEUE_TYPES = Set.of("classic", "quorum", "stream", "undefined");

  private final DefinitionSizes sizes;

  ChangeRules(DefinitionSizes sizes) {
    this.sizes = sizes;
  }

  /// What is wrong with a change of these accounts, or null.
  @Nullable CoreError refused(Accounts a, Change change) {
    return switch (change) {
      case Change.PutHost c -> host(a, c);
      case Change.DeleteHost c -> unknownHost(a, c.name());
      case Change.PutUser c -> user(a, c.user());
      case Change.DeleteUser c -> unknownUser(a, c.name());
      case Change.PutPermissions c -> {
        CoreError error = unknown(a, c.host(), c.user());
        yield error != null
            ? error
            : patterns(
                tooMany(
                    a.permissions(),
                    new Accounts.Key(c.host(), c.user()),
                    Limits.PERMISSIONS_MAX,
                    "permissions"),
                c.permissions().configure(),
                c.permissions().write(),
                c.permissions().read());
      }
      case Change.DeletePermissions c -> {
        CoreError error = unknown(a, c.host(), c.user());
        boolean there = a.permissions().containsKey(new Accounts.Key(c.host(), c.user()));
        yield error != null || there ? error : nothing("permissions", c.host(), c.user());
      }
      case Change.PutTopicPermissions c -> topics(a, c);
      case Change.DeleteTopicPermissions c -> {
        CoreError error = unknown(a, c.host(), c.user());
        boolean there =
            a.topicPermissions().keySet().stream().anyMatch(key -> AccountChanges.isMeant(c, key));
        yield error != null || there ? error : nothing("topic permissions", c.host(), c.user());
      }
      case Change.PutPolicy c -> policy(a, c);
      case Change.DeletePolicy c -> {
        CoreError error = unknownHost(a, c.host());
        yield error != null || find(a, c.host(), c.name(), c.operator())
            ? error
            : notFound(
                (c.operator() ? "operator policy '" : "policy '")
                    + (c.name() + "' in vhost '" + c.host() + "'"));
      }
      case Change.PutHostLimits c -> {
        CoreError error = unknownHost(a, c.host());
        yield error != null ? error : limits(c.limits(), List.of(MAX_CONNECTIONS, MAX_QUEUES));
      }
      case Change.PutUserLimits c -> {
        CoreError error = unknownUser(a, c.user());
        yield error != null ? error : limits(c.limits(), List.of(MAX_CONNECTIONS, MAX_CHANNELS));
      }
    };
  }

  private static CoreError notFound(String what) {
    return new CoreError(CoreError.Kind.NOT_FOUND, what + " not found");
  }

  private static CoreError nothing(String what, String host, String user) {
    return notFound(what + " of user '" + user + "' in vhost '" + host + "'");
  }

  private static @Nullable CoreError unknownHost(Accounts a, String host) {
    return a.hosts().containsKey(host) ? null : notFound("vhost '" + host + "'");
  }

  private static @Nullable CoreError unknownUser(Accounts a, String user) {
    return a.users().containsKey(user) ? null : notFound("user '" + user + "'");
  }

  private static @Nullable CoreError unknown(Accounts a, String host, String user) {
    CoreError error = unknownHost(a, host);
    return error != null ? error : unknownUser(a, user);
  }

  private @Nullable CoreError name(String what, String name, Arguments arguments) {
    return name.isEmpty()
        ? CoreError.precondition(what + " is empty")
        : sizes.check(what, name, arguments);
  }

  private static <K> @Nullable CoreError tooMany(Map<K, ?> map, K key, int max, String what) {
    return map.size() < max || map.containsKey(key)
        ? null
        : CoreError.precondition("the limit of " + max + " " + what + " is reached");
  }

  private @Nullable CoreError host(Accounts a, Change.PutHost c) {
    CoreError error = name("the name of a vhost", c.name(), c.metadata());
    if (error == null) {
      error = tooMany(a.hosts(), c.name(), Limits.HOSTS_MAX, "vhosts");
    }
    Object type = c.metadata().get(DEFAULT_QUEUE_TYPE);
    if (error == null && type != null && !QUEUE_TYPES.contains(type)) {
      return CoreError.precondition(
          ("invalid " + DEFAULT_QUEUE_TYPE + " '" + type + "' for vhost '" + c.name())
              + "': it is not one of classic, quorum, stream");
    }
    return error;
  }

  private @Nullable CoreError user(Accounts a, User user) {
    CoreError error = name("the name of a user", user.name(), Arguments.NONE);
    if (error == null) {
      error = tooMany(a.users(), user.name(), Limits.USERS_MAX, "users");
    }
    int bytes = user.passwordHash().length;
    if (error == null && bytes != 0 && bytes != Passwords.bytes(user.hashing())) {
      return CoreError.precondition(
          ("a password hash of " + bytes + " bytes for user '" + user.name() + "'; with ")
              + (user.hashing() + " it has " + Passwords.bytes(user.hashing()) + ", or none"));
    }
    return error;
  }

  private static @Nullable CoreError patterns(@Nullable CoreError error, String... patterns) {
    for (String pattern : patterns) {
      String problem = NamePattern.problem(pattern);
      if (error == null && problem != null) {
        return CoreError.precondition("invalid regular expression '" + pattern + "': " + problem);
      }
    }
    return error;
  }

  private @Nullable CoreError topics(Accounts a, Change.PutTopicPermissions c) {
    CoreError error = unknown(a, c.host(), c.user());
    if (error == null) {
      error = sizes.check("the name of an exchange", c.exchange(), Arguments.NONE);
    }
    if (error == null) {
      error =
          tooMany(
              a.topicPermissions(),
              new Accounts.TopicKey(c.host(), c.user(), c.exchange()),
              Limits.PERMISSIONS_MAX,
              "topic permissions");
    }
    return patterns(
        error, Access.expanded(c.write(), "u", "v"), Access.expanded(c.read(), "u", "v"));
  }

  private static boolean find(Accounts a, String host, String name, boolean operator) {
    return a.policies().stream()
        .anyMatch(one ->
            one.operator() == operator
                && one.host().equals(host)
                && one.policy().name().equals(name));
  }

  private @Nullable CoreError policy(Accounts a, Change.PutPolicy c) {
    Policy policy = c.policy();
    CoreError error = unknownHost(a, c.host());
    if (error == null) {
      error = name("the name of a policy", policy.name(), policy.definition());
    }
    if (error == null && !find(a, c.host(), policy.name(), c.operator())) {
      long there =
          a.policies().stream()
              .filter(one -> one.operator() == c.operator() && one.host().equals(c.host()))
              .count();
      if (there >= Limits.POLICIES_MAX) {
        return CoreError.precondition(
            "the limit of "
                + Limits.POLICIES_MAX
                + " policies in vhost '"
                + c.host()
                + "' is reached");
      }
    }
    error = patterns(error, policy.pattern());
    if (error != null) {
      return error;
    }
    String wrong = PolicyRules.invalid(policy.definition(), c.operator());
    return wrong == null
        ? null
        : CoreError.precondition("invalid policy '" + policy.name() + "': " + wrong);
  }

  private static @Nullable CoreError limits(Map<String, Long> limits, List<String> known) {
    for (String name : new TreeMap<>(limits).keySet()) {
      if (!known.contains(name)) {
        return CoreError.precondition(
            "unknown limit '" + name + "': it is not one of " + String.join(", ", known));
      }
    }
    return null;
  }
}
