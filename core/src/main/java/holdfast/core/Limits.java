package holdfast.core;

/// Everything that a client could make grow has its limit here, by name.
///
/// @param memoryBytesHigh bytes of what is in memory and nowhere else, or on its way, above which
///   publishers block
/// @param cacheBytesHigh bytes in memory, all in all, above which messages that are on disk as well
///   are let go of; not above `memoryBytesHigh`
/// @param queuesMax queues in all virtual hosts
/// @param consumersMax consumers of one session
/// @param targetsMax queues that one message may be routed to
/// @param paging how queues read what they have on disk only
public record Limits(
    long memoryBytesHigh,
    long cacheBytesHigh,
    int queuesMax,
    int consumersMax,
    int targetsMax,
    Paging paging) {

  /// How queues read what they have on disk only.
  ///
  /// @param lowEntries a queue that somebody takes from reads ahead when it has fewer entries than
  ///   this in memory, and fewer bytes than `lowBytes`
  /// @param lowBytes see there
  /// @param fetchEntriesMax entries that one read brings at most
  /// @param fetchBytesMax bytes that one read brings, but for a single entry that is larger
  /// @param fetchBytesMin bytes that it brings when there is no room for more; so much is left to a
  ///   queue that somebody takes from in any case, so that it always goes on
  /// @param fetchesMax reads under way for all queues
  public record Paging(
      int lowEntries,
      int lowBytes,
      int fetchEntriesMax,
      int fetchBytesMax,
      int fetchBytesMin,
      int fetchesMax) {
    public static final Paging STANDARD =
        new Paging(1024, 512 * 1024, 2048, 1024 * 1024, 64 * 1024, 16);

    public Paging {
      if (lowEntries < 1 || lowBytes < 1 || fetchEntriesMax < 1 || fetchesMax < 1) {
        throw new IllegalArgumentException(
            "a queue that never reads: "
                + lowEntries
                + " entries, "
                + lowBytes
                + " bytes, "
                + fetchEntriesMax
                + " at once, "
                + fetchesMax
                + " reads");
      }
      if (fetchBytesMin < 1 || fetchBytesMax < fetchBytesMin) {
        throw new IllegalArgumentException(
            "reads of at least " + fetchBytesMin + " and at most " + fetchBytesMax + " bytes");
      }
    }
  }

  /// Entries, deliveries or queues that one step of work handles before others have their turn.
  static final int SLICE = 1024;

  /// Entries on disk that one step of a purge settles, where they are neighbours.
  static final int PURGE_SLICE = 64 * 1024;

  /// Bytes of the name of a queue or an exchange, or of the key of a binding, in UTF-8.
  static final int NAME_BYTES_MAX = 255;

  /// How far ahead of the deliveries of a backlog the dispatch mark is journaled, in entries.
  static final int DISPATCH_AHEAD = 1000;

  /// Publishers are let go on when memory has fallen to this share of the limit.
  static final double MEMORY_RESUME = 0.9;

  /// The usual share of `cacheBytesHigh` in `memoryBytesHigh`.
  static final double CACHE_SHARE = 0.6;

  /// Neighbours among returned entries that are read at once may lie this far apart.
  static final int FETCH_GAP_MAX = 64;

  /// While memory is short, a session that has so many unsettled deliveries gets no more.
  static final int UNSETTLED_WHILE_SHORT_MAX = 10_000;

  public static Limits standard(long memoryBytesHigh) {
    return new Limits(
        memoryBytesHigh,
        usualCacheBytes(memoryBytesHigh),
        1_000_000,
        65_535,
        20_000,
        Paging.STANDARD);
  }

  /// What of a memory limit is usually filled with messages that are on disk as well.
  public static long usualCacheBytes(long memoryBytesHigh) {
    return (long) (memoryBytesHigh * CACHE_SHARE);
  }
}
