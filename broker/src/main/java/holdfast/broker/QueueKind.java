package holdfast.broker;

/// Whether a queue outlives the process.
public enum QueueKind {
  /// The queue and its messages are on disk: they survive a restart, `kill -9`, a loss of power.
  DURABLE,
  /// The queue lives in memory and touches no disk; it is gone with the process.
  NON_DURABLE
}
