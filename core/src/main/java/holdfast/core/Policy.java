package holdfast.core;

/// Settings for all queues or exchanges whose names match, in one virtual host. Of those that
/// match, the one of the highest priority applies; an operator policy applies besides.
///
/// @param pattern a regular expression that names are searched for
/// @param definition such as `message-ttl`, `dead-letter-exchange`
public record Policy(
    String name, String pattern, AppliesTo appliesTo, Arguments definition, int priority) {
  /// What a policy is meant for.
  public enum AppliesTo {
    ALL,
    EXCHANGES,
    QUEUES,
    CLASSIC_QUEUES,
    QUORUM_QUEUES,
    STREAMS
  }
}
