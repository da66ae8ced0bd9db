package holdfast.core;

/// What a message's publisher wants to be sure of when it is confirmed. In a queue that is not
/// durable there is no difference.
public enum Durability {
  /// Confirmed when it is on stable storage.
  DURABLE,
  /// Journaled in the same order, and confirmed when it has been appended: a crash may lose what
  /// was confirmed within about the last write. Consumers see it when it is on stable storage.
  EARLY,
  /// Not journaled: in memory only, and gone after a restart.
  MEMORY;

  /// Whether it is journaled in durable queues.
  public boolean isLogged() {
    return this != MEMORY;
  }
}
