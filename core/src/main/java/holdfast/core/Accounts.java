package holdfast.core;

import java.util.List;
import java.util.Map;

/// Everything that an administrator has set, at one moment. Immutable; any thread.
///
/// @param hosts name -> metadata
/// @param users name -> user
/// @param permissions host, user -> what that user may there
/// @param policies of all hosts
/// @param hostLimits host -> limits
/// @param userLimits user -> limits
public record Accounts(
    Map<String, Arguments> hosts,
    Map<String, User> users,
    Map<Key, Permissions> permissions,
    Map<TopicKey, TopicPermissions> topicPermissions,
    List<PolicyOfHost> policies,
    Map<String, Map<String, Long>> hostLimits,
    Map<String, Map<String, Long>> userLimits) {
  public record Key(String host, String user) {}

  public record TopicKey(String host, String user, String exchange) {}

  public record TopicPermissions(String write, String read) {}

  public record PolicyOfHost(String host, Policy policy, boolean operator) {}
}
