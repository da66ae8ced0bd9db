package holdfast.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/// The accounts after a change: a copy of what it touches, the rest shared. Changes are rare, and
/// readers many.
final class AccountChanges {
  static final Accounts NONE =
      new Accounts(Map.of(), Map.of(), Map.of(), Map.of(), List.of(), Map.of(), Map.of());

  private AccountChanges() {}

  static Accounts after(Accounts a, Change change) {
    return switch (change) {
      case Change.PutHost c -> withHosts(a, with(a.hosts(), c.name(), c.metadata()));
      case Change.DeleteHost c -> withoutHost(a, c.name());
      case Change.PutUser c ->
          new Accounts(
              a.hosts(),
              with(a.users(), c.user().name(), c.user()),
              a.permissions(),
              a.topicPermissions(),
              a.policies(),
              a.hostLimits(),
              a.userLimits());
      case Change.DeleteUser c -> withoutUser(a, c.name());
      case Change.PutPermissions c ->
          withPermissions(
              a,
              with(a.permissions(), new Accounts.Key(c.host(), c.user()), c.permissions()),
              a.topicPermissions());
      case Change.DeletePermissions c ->
          withPermissions(
              a,
              without(a.permissions(), new Accounts.Key(c.host(), c.user())::equals),
              a.topicPermissions());
      case Change.PutTopicPermissions c ->
          withPermissions(
              a,
              a.permissions(),
              with(
                  a.topicPermissions(),
                  new Accounts.TopicKey(c.host(), c.user(), c.exchange()),
                  new Accounts.TopicPermissions(c.write(), c.read())));
      case Change.DeleteTopicPermissions c ->
          withPermissions(
              a, a.permissions(), without(a.topicPermissions(), key -> isMeant(c, key)));
      case Change.PutPolicy c -> {
        List<Accounts.PolicyOfHost> policies =
            policiesBut(a, c.host(), c.policy().name(), c.operator());
        policies.add(new Accounts.PolicyOfHost(c.host(), c.policy(), c.operator()));
        yield withPolicies(a, policies);
      }
      case Change.DeletePolicy c ->
          withPolicies(a, policiesBut(a, c.host(), c.name(), c.operator()));
      case Change.PutHostLimits c ->
          withLimits(a, withLimits(a.hostLimits(), c.host(), c.limits()), a.userLimits());
      case Change.PutUserLimits c ->
          withLimits(a, a.hostLimits(), withLimits(a.userLimits(), c.user(), c.limits()));
    };
  }

  /// Whether a deletion of topic permissions means those of a key.
  static boolean isMeant(Change.DeleteTopicPermissions change, Accounts.TopicKey key) {
    return key.host().equals(change.host())
        && key.user().equals(change.user())
        && (change.exchange() == null || key.exchange().equals(change.exchange()));
  }

  private static <K, V> Map<K, V> with(Map<K, V> map, K key, V value) {
    Map<K, V> changed = new HashMap<>(map);
    changed.put(key, value);
    return Map.copyOf(changed);
  }

  private static <K, V> Map<K, V> without(Map<K, V> map, Predicate<K> which) {
    Map<K, V> changed = new HashMap<>(map);
    changed.keySet().removeIf(which);
    return Map.copyOf(changed);
  }

  private static Map<String, Map<String, Long>> withLimits(
      Map<String, Map<String, Long>> all, String name, Map<String, Long> limits) {
    return limits.isEmpty() ? without(all, name::equals) : with(all, name, Map.copyOf(limits));
  }

  private static List<Accounts.PolicyOfHost> policiesBut(
      Accounts a, String host, String name, boolean operator) {
    List<Accounts.PolicyOfHost> policies = new ArrayList<>(a.policies());
    policies.removeIf(one ->
        one.operator() == operator && one.host().equals(host) && one.policy().name().equals(name));
    return policies;
  }

  private static Accounts withHosts(Accounts a, Map<String, Arguments> hosts) {
    return new Accounts(
        hosts,
        a.users(),
        a.permissions(),
        a.topicPermissions(),
        a.policies(),
        a.hostLimits(),
        a.userLimits());
  }

  private static Accounts withoutHost(Accounts a, String host) {
    return new Accounts(
        without(a.hosts(), host::equals),
        a.users(),
        without(a.permissions(), key -> key.host().equals(host)),
        without(a.topicPermissions(), key -> key.host().equals(host)),
        a.policies().stream().filter(policy -> !policy.host().equals(host)).toList(),
        without(a.hostLimits(), host::equals),
        a.userLimits());
  }

  private static Accounts withoutUser(Accounts a, String user) {
    return new Accounts(
        a.hosts(),
        without(a.users(), user::equals),
        without(a.permissions(), key -> key.user().equals(user)),
        without(a.topicPermissions(), key -> key.user().equals(user)),
        a.policies(),
        a.hostLimits(),
        without(a.userLimits(), user::equals));
  }

  private static Accounts withPermissions(
      Accounts a,
      Map<Accounts.Key, Permissions> permissions,
      Map<Accounts.TopicKey, Accounts.TopicPermissions> topicPermissions) {
    return new Accounts(
        a.hosts(),
        a.users(),
        permissions,
        topicPermissions,
        a.policies(),
        a.hostLimits(),
        a.userLimits());
  }

  private static Accounts withPolicies(Accounts a, List<Accounts.PolicyOfHost> policies) {
    return new Accounts(
        a.hosts(),
        a.users(),
        a.permissions(),
        a.topicPermissions(),
        List.copyOf(policies),
        a.hostLimits(),
        a.userLimits());
  }

  private static Accounts withLimits(
      Accounts a,
      Map<String, Map<String, Long>> hostLimits,
      Map<String, Map<String, Long>> userLimits) {
    return new Accounts(
        a.hosts(),
        a.users(),
        a.permissions(),
        a.topicPermissions(),
        a.policies(),
        hostLimits,
        userLimits);
  }
}
