package holdfast.core;

import java.util.Map;

/// What an administrator changes: virtual hosts, users, what they may, policies and limits. Each is
/// journaled, and answered when it is durable.
public sealed interface Change {
  /// Makes a virtual host, or changes what is said of it.
  ///
  /// @param metadata `description`, `tags` and `default_queue_type`, kept as they came
  record PutHost(String name, Arguments metadata) implements Change {}

  /// Deletes a virtual host with everything in it; its clients are closed.
  record DeleteHost(String name) implements Change {}

  /// Makes a user, or changes it.
  record PutUser(User user) implements Change {}

  record DeleteUser(String name) implements Change {}

  record PutPermissions(String host, String user, Permissions permissions) implements Change {}

  record DeletePermissions(String host, String user) implements Change {}

  /// @param exchange the topic exchange it is for; empty for all
  record PutTopicPermissions(String host, String user, String exchange, String write, String read)
      implements Change {}

  /// @param exchange see [PutTopicPermissions]; null for all of this user in this host
  record DeleteTopicPermissions(
      String host, String user, @org.jspecify.annotations.Nullable String exchange)
      implements Change {}

  /// @param operator whether it is an operator's: it can only make limits stricter
  record PutPolicy(String host, Policy policy, boolean operator) implements Change {}

  record DeletePolicy(String host, String name, boolean operator) implements Change {}

  /// @param limits `max-connections`, `max-queues`; a name that is missing has no limit
  record PutHostLimits(String host, Map<String, Long> limits) implements Change {}

  /// @param limits `max-connections`, `max-channels`
  record PutUserLimits(String user, Map<String, Long> limits) implements Change {}
}
