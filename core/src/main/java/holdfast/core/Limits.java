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
/// @param consumerTimeoutMs how long a delivery may be unsettled, in ms, where the queue and the
///   consumer say nothing
/// @param paging how queues read what they have on disk only
public record Limits(
    long memoryBytesHigh,
    long cacheBytesHigh,
    int queuesMax,
    int consumersMax,
    int targetsMax,
    long consumerTimeoutMs,
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

  /// Usual time that a delivery may be unsettled.
  private static final long CONSUMER_TIMEOUT_MS = 30 * 60_000;

  /// Entries, deliveries or queues that one step of work handles before others have their turn.
  static final int SLICE = 1024;

  /// Entries on disk that one step of a purge settles, where they are neighbours.
  static final int PURGE_SLICE = 64 * 1024;

  /// Bytes of the name of a queue or an exchange, or of the key of a binding, in UTF-8.
  static final int NAME_BYTES_MAX = 255;

  /// Routing keys that a message may have beside its own.
  static final int COPIES_MAX = 1000;

  /// Places in the patterns of topic exchanges that routing one message may stand at.
  static final long TOPIC_STEPS_MAX = 1_000_000;

  /// Messages that an exchange may keep for queues that are bound later.
  static final int HISTORY_MAX = 1000;

  /// How far ahead of the deliveries of a backlog the dispatch mark is journaled, in entries.
  static final int DISPATCH_AHEAD = 1000;

  /// A segment of a stream is full with so many bytes, unless its declaration says otherwise.
  static final long STREAM_SEGMENT_BYTES_USUAL = 500_000_000;

  /// The most that a declaration may say.
  static final long STREAM_SEGMENT_BYTES_MAX = 3_000_000_000L;

  /// Segments of a stream become larger when there are more than about so many.
  static final int STREAM_SEGMENTS_MAX = 16_384;

  /// What of a stream stays in memory for the consumers that keep up.
  static final int STREAM_WINDOW_ENTRIES = 4096;

  /// See there, in bytes.
  static final long STREAM_WINDOW_BYTES = 4L * 1024 * 1024;

  /// Publishers are let go on when memory has fallen to this share of the limit.
  static final double MEMORY_RESUME = 0.9;

  /// The usual share of `cacheBytesHigh` in `memoryBytesHigh`.
  static final double CACHE_SHARE = 0.6;

  /// Neighbours among returned entries that are read at once may lie this far apart.
  static final int FETCH_GAP_MAX = 64;

  /// Characters of a regular expression in a permission or a policy.
  static final int PATTERN_CHARS_MAX = 1024;

  /// Looks at a character after which the search for one is given up.
  static final int PATTERN_STEPS_MAX = 50_000;

  /// Virtual hosts; users; policies of one virtual host, and as many operator policies.
  static final int HOSTS_MAX = 10_000;

  static final int USERS_MAX = 50_000;
  static final int POLICIES_MAX = 1_000;

  /// Permissions, and as many topic permissions, of all users in all virtual hosts.
  static final int PERMISSIONS_MAX = 200_000;

  /// Queues and exchanges that one step looks up the policy of.
  static final int POLICY_SLICE = 20_000;

  /// While memory is short, a session that has so many unsettled deliveries gets no more.
  static final int UNSETTLED_WHILE_SHORT_MAX = 10_000;

  public static Limits standard(long memoryBytesHigh) {
    return new Limits(
        memoryBytesHigh,
        usualCacheBytes(memoryBytesHigh),
        1_000_000,
        65_535,
        20_000,
        CONSUMER_TIMEOUT_MS,
        Paging.STANDARD);
  }

  /// What of a memory limit is usually filled with messages that are on disk as well.
  public static long usualCacheBytes(long memoryBytesHigh) {
    return (long) (memoryBytesHigh * CACHE_SHARE);
  }
}
