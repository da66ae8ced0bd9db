package holdfast.core;

import holdfast.store.Batch;
import holdfast.store.ByteReader;
import holdfast.store.ByteWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// How users, permissions, policies and limits stand in the store's definitions; keys are made as
/// [Definitions] says. In which order they are read does not matter: [#accounts] puts them together
/// when all are.
///
/// ```
///   u user               -> version, hash, hashing, tags
///   m user               -> version, limits: name, value
///   r host user          -> version, configure, write, read
///   t host user exchange -> version, write, read
///   p host policy        -> version, pattern, applies to, priority, definition
///   o host policy        -> the same, of an operator policy
///   l host               -> version, limits: name, value
/// ```
final class AccountDefinitions {
  private static final char USER = 'u';
  private static final char USER_LIMITS = 'm';
  private static final char PERMISSIONS = 'r';
  private static final char TOPIC_PERMISSIONS = 't';
  private static final char POLICY = 'p';
  private static final char OPERATOR_POLICY = 'o';
  private static final char HOST_LIMITS = 'l';

  /// The letters of what belongs to a host, and is deleted with it.
  static final String LETTERS_OF_HOST =
      new String(new char[] {PERMISSIONS, TOPIC_PERMISSIONS, POLICY, OPERATOR_POLICY, HOST_LIMITS});

  private static final int VERSION = 1;
  private static final int SHA_256 = 1;
  private static final int SHA_512 = 2;

  private final Map<String, User> users = new HashMap<>();
  private final Map<String, Map<String, Long>> userLimits = new HashMap<>();
  private final Map<Accounts.Key, Permissions> permissions = new HashMap<>();
  private final Map<Accounts.TopicKey, Accounts.TopicPermissions> topics = new HashMap<>();
  private final List<Accounts.PolicyOfHost> policies = new ArrayList<>();
  private final Map<String, Map<String, Long>> hostLimits = new HashMap<>();

  // --- writing ---

  /// Puts what a change says into a batch, or takes it out of the store. What is deleted with a
  /// host or a user is not for here.
  static void write(Batch batch, Change change) {
    switch (change) {
      case Change.PutHost c ->
          batch.put(
              Definitions.key(Definitions.HOST, c.name()),
              Definitions.hostValue(c.metadata(), false));
      case Change.PutUser c -> batch.put(userKey(c.user().name()), value(c.user()));
      case Change.PutPermissions c ->
          batch.put(permissionsKey(new Accounts.Key(c.host(), c.user())), value(c.permissions()));
      case Change.DeletePermissions c ->
          batch.remove(permissionsKey(new Accounts.Key(c.host(), c.user())));
      case Change.PutTopicPermissions c ->
          batch.put(
              topicKey(new Accounts.TopicKey(c.host(), c.user(), c.exchange())),
              new ByteWriter(64).u8(VERSION).string(c.write()).string(c.read()).toBytes());
      case Change.PutPolicy c ->
          batch.put(policyKey(c.host(), c.policy().name(), c.operator()), value(c.policy()));
      case Change.DeletePolicy c -> batch.remove(policyKey(c.host(), c.name(), c.operator()));
      case Change.PutHostLimits c ->
          putOrRemove(batch, Definitions.key(HOST_LIMITS, c.host()), c.limits());
      case Change.PutUserLimits c -> putOrRemove(batch, userLimitsKey(c.user()), c.limits());
      case Change.DeleteTopicPermissions c -> {
        // Can be many: their keys are removed one by one, as those of a user are.
      }
      case Change.DeleteHost c -> {}
      case Change.DeleteUser c -> {}
    }
  }

  private static void putOrRemove(Batch batch, String key, Map<String, Long> limits) {
    if (limits.isEmpty()) {
      batch.remove(key);
      return;
    }
    ByteWriter out = new ByteWriter(64).u8(VERSION).varint(limits.size());
    new TreeMap<>(limits).forEach((name, value) -> out.string(name).fixed64(value));
    batch.put(key, out.toBytes());
  }

  private static byte[] value(User user) {
    ByteWriter out = new ByteWriter(128).u8(VERSION).bytes(user.passwordHash());
    out.u8(
        switch (user.hashing()) {
          case SHA_256 -> SHA_256;
          case SHA_512 -> SHA_512;
        });
    out.varint(user.tags().size());
    user.tags().forEach(out::string);
    return out.toBytes();
  }

  private static byte[] value(Permissions permissions) {
    return new ByteWriter(64)
        .u8(VERSION)
        .string(permissions.configure())
        .string(permissions.write())
        .string(permissions.read())
        .toBytes();
  }

  private static byte[] value(Policy policy) {
    ByteWriter out =
        new ByteWriter(128)
            .u8(VERSION)
            .string(policy.pattern())
            .u8(code(policy.appliesTo()))
            .fixed64(policy.priority());
    policy.definition().put(out);
    return out.toBytes();
  }

  private static int code(Policy.AppliesTo appliesTo) {
    return switch (appliesTo) {
      case ALL -> 0;
      case EXCHANGES -> 1;
      case QUEUES -> 2;
      case CLASSIC_QUEUES -> 3;
      case QUORUM_QUEUES -> 4;
      case STREAMS -> 5;
    };
  }

  static String userKey(String user) {
    return Definitions.key(USER, user);
  }

  static String userLimitsKey(String user) {
    return Definitions.key(USER_LIMITS, user);
  }

  static String permissionsKey(Accounts.Key key) {
    return Definitions.key(PERMISSIONS, key.host(), key.user());
  }

  static String topicKey(Accounts.TopicKey key) {
    return Definitions.key(TOPIC_PERMISSIONS, key.host(), key.user(), key.exchange());
  }

  private static String policyKey(String host, String name, boolean operator) {
    return Definitions.key(operator ? OPERATOR_POLICY : POLICY, host, name);
  }

  // --- reading ---

  /// Takes a definition; false if it is not one of these.
  boolean recover(String key, byte[] value) {
    ByteReader in = new ByteReader(value);
    if ((LETTERS_OF_HOST + USER + USER_LIMITS).indexOf(key.charAt(0)) < 0) {
      return false;
    }
    int version = in.u8();
    if (version != VERSION) {
      throw new ByteReader.MalformedException("a definition of version " + version);
    }
    switch (key.charAt(0)) {
      case USER -> {
        String name = Definitions.names(key, 1)[0];
        users.put(name, user(name, in));
      }
      case USER_LIMITS -> userLimits.put(Definitions.names(key, 1)[0], limits(in));
      case PERMISSIONS -> {
        String[] names = Definitions.names(key, 2);
        permissions.put(
            new Accounts.Key(names[0], names[1]),
            new Permissions(in.string(), in.string(), in.string()));
      }
      case TOPIC_PERMISSIONS -> {
        String[] names = Definitions.names(key, 3);
        topics.put(
            new Accounts.TopicKey(names[0], names[1], names[2]),
            new Accounts.TopicPermissions(in.string(), in.string()));
      }
      case POLICY, OPERATOR_POLICY -> {
        String[] names = Definitions.names(key, 2);
        policies.add(
            new Accounts.PolicyOfHost(
                names[0], policy(names[1], in), key.charAt(0) == OPERATOR_POLICY));
      }
      default -> hostLimits.put(Definitions.names(key, 1)[0], limits(in));
    }
    return true;
  }

  private static User user(String name, ByteReader in) {
    byte[] hash = in.bytes();
    int hashing = in.u8();
    User.Hashing how =
        switch (hashing) {
          case SHA_256 -> User.Hashing.SHA_256;
          case SHA_512 -> User.Hashing.SHA_512;
          default -> throw new ByteReader.MalformedException("no hashing is numbered " + hashing);
        };
    List<String> tags = new ArrayList<>();
    for (int n = in.count(); n > 0; n--) {
      tags.add(in.string());
    }
    return new User(name, hash, how, List.copyOf(tags));
  }

  private static Policy policy(String name, ByteReader in) {
    String pattern = in.string();
    int code = in.u8();
    Policy.AppliesTo appliesTo = null;
    for (Policy.AppliesTo one : Policy.AppliesTo.values()) {
      if (code(one) == code) {
        appliesTo = one;
      }
    }
    if (appliesTo == null) {
      throw new ByteReader.MalformedException("no kind of policy is numbered " + code);
    }
    int priority = (int) in.fixed64();
    return new Policy(name, pattern, appliesTo, Arguments.get(in), priority);
  }

  private static Map<String, Long> limits(ByteReader in) {
    Map<String, Long> limits = new HashMap<>();
    for (int n = in.count(); n > 0; n--) {
      limits.put(in.string(), in.fixed64());
    }
    return Map.copyOf(limits);
  }

  /// What was read, of hosts and users that are there: the rest is left of a deletion under way.
  Accounts accounts(Map<String, Arguments> hosts) {
    permissions
        .keySet()
        .removeIf(key -> !hosts.containsKey(key.host()) || !users.containsKey(key.user()));
    topics
        .keySet()
        .removeIf(key -> !hosts.containsKey(key.host()) || !users.containsKey(key.user()));
    policies.removeIf(policy -> !hosts.containsKey(policy.host()));
    hostLimits.keySet().retainAll(hosts.keySet());
    userLimits.keySet().retainAll(users.keySet());
    return new Accounts(
        Map.copyOf(hosts),
        Map.copyOf(users),
        Map.copyOf(permissions),
        Map.copyOf(topics),
        List.copyOf(policies),
        Map.copyOf(hostLimits),
        Map.copyOf(userLimits));
  }
}
