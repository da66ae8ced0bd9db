package holdfast.core;

/// Everything that a client could make grow has its limit here, by name.
///
/// @param memoryBytesHigh bytes of messages, held or on their way, above which publishers block
/// @param queuesMax queues in all virtual hosts
/// @param consumersMax consumers of one session
/// @param targetsMax queues that one message may be routed to
public record Limits(long memoryBytesHigh, int queuesMax, int consumersMax, int targetsMax) {

  /// Entries, deliveries or queues that one step of work handles before others have their turn.
  static final int SLICE = 1024;

  /// Bytes of the name of a queue or an exchange, or of the key of a binding, in UTF-8.
  static final int NAME_BYTES_MAX = 255;

  /// How far ahead of the deliveries of a backlog the dispatch mark is journaled, in entries.
  static final int DISPATCH_AHEAD = 1000;

  /// Publishers are let go on when memory has fallen to this share of the limit.
  static final double MEMORY_RESUME = 0.9;

  public static Limits standard(long memoryBytesHigh) {
    return new Limits(memoryBytesHigh, 1_000_000, 65_535, 20_000);
  }
}
