package holdfast.core;

import holdfast.store.Log;
import org.jspecify.annotations.Nullable;

/// The messages of one priority in one queue; most queues have one lane. It stands on a log of its
/// own where the queue is durable, reads ahead in it, and knows how far the journal allows to hand
/// out. Guarded by the gate.
final class Lane {
  /// A dispatch mark on its way to disk: entries below `upTo` may be handed out then.
  record MarkWait(long position, Lane lane, long upTo) implements Pending {}

  final Queue queue;
  final int priority;
  private final Shard shard;
  private final @Nullable Log log;
  private final Backlog backlog;

  /// What is visible of a queue that is read and not emptied: it has nothing in its backlog.
  private final @Nullable Stream stream;

  /// Entries that the batch under construction brings to the log.
  private int placed;

  /// Whether a read was asked for, or is under way.
  private boolean fetching;

  /// Whether it stands in the row of lanes that keep in memory what is on disk.
  private boolean inWindows;

  /// Whether something was taken since its last turn to let go of memory.
  private boolean taken;

  /// Entries of the log below this may be handed out.
  private long mark;

  private long markAsked;
  private long lastMarkPosition;

  /// Entries of the log below this were there before the start.
  private long unsizedEnd;

  Lane(Queue queue, Shard shard, int priority, @Nullable Log log) {
    this.queue = queue;
    this.shard = shard;
    this.priority = priority;
    this.log = log;
    stream =
        log != null && StreamRules.isStream(queue.declaration())
            ? new Stream(this, shard, log)
            : null;
    backlog = new Backlog(this, shard, stream == null ? log : null);
    if (log != null) {
      mark = log.dispatchMark();
      markAsked = mark;
      unsizedEnd = log.live() > 0 ? log.next() : 0;
    }
  }

  @Nullable Log log() {
    return log;
  }

  /// Of its log; of a lane without one something that no log has.
  long id() {
    Log known = log;
    return known == null ? Entry.NOT_LOGGED : known.id();
  }

  @Nullable Stream stream() {
    return stream;
  }

  /// Messages that are ready; of a stream, that are kept.
  long count() {
    return stream == null ? backlog.count() : stream.count();
  }

  Backlog backlog() {
    return backlog;
  }

  // --- entries come ---

  /// The sequence of an entry that the batch under construction brings.
  long place() {
    Log target = log;
    if (target == null) {
      return Entry.NOT_LOGGED;
    }
    return target.next() + placed++;
  }

  /// The batch is written: the log counts its entries itself.
  void placedAreWritten() {
    placed = 0;
  }

  // --- how large they are ---

  /// Whether it holds entries whose size nobody has looked at.
  boolean isUnsized() {
    return unsizedEnd > 0;
  }

  /// Whether this is one of them.
  boolean isUnsized(Entry entry) {
    return entry.isLogged() && entry.sequence < unsizedEnd;
  }

  /// They are being looked at now, every one.
  void sized() {
    unsizedEnd = 0;
  }

  // --- entries go ---

  /// A stream has handed out an entry that it keeps.
  void handedOut() {
    taken = true;
    queue.handedOut();
  }

  /// Of a deleted queue: something that is still in memory, or null.
  @Nullable Entry remains() {
    return stream == null ? backlog.head() : stream.remains();
  }

  /// Takes it out.
  Entry removeRemains() {
    return stream == null ? backlog.remove() : stream.removeRemains();
  }

  Entry take() {
    taken = true;
    Entry entry = backlog.take();
    entry.fresh = false;
    return entry;
  }

  /// Whether the head may be handed out, as far as the journal knows. If not, what allows it has
  /// been asked for, and the position it will stand at is returned; 0 if it may.
  long askToHandOut(Entry head) {
    Log target = log;
    if (target == null || head.offered || !head.isLogged() || head.sequence < mark) {
      return 0;
    }
    if (head.sequence >= markAsked) {
      markAsked = head.sequence + Limits.DISPATCH_AHEAD;
      lastMarkPosition = shard.markDispatched(this, target, markAsked);
    }
    return lastMarkPosition;
  }

  void marked(long upTo) {
    mark = Math.max(mark, upTo);
    queue.becomeDue();
  }

  // --- what is on disk ---

  /// Reads what comes next from the disk, if little is left in memory. Called when somebody takes.
  void readAhead() {
    if (!fetching && !queue.deleted() && backlog.wantsFetch()) {
      fetching = true;
      shard.fetches().ask(this);
    }
  }

  /// Its turn to read; false if it has no use for it any more.
  boolean beginFetch(int bytesMax) {
    if (stream != null) {
      return stream.beginFetch(bytesMax);
    }
    if (!queue.deleted() && backlog.beginFetch(bytesMax)) {
      return true;
    }
    fetchOver();
    return false;
  }

  boolean isFetching() {
    return fetching;
  }

  /// What was read is in its place.
  void fetched(int bytesMax) {
    fetchOver();
    shard.fetches().done(bytesMax);
  }

  private void fetchOver() {
    fetching = false;
    taken = true; // what was just read is not the first to go
    queue.fetchOver();
  }

  /// Takes part in giving back memory.
  void joinWindows() {
    if (!inWindows && !queue.deleted()) {
      inWindows = true;
      shard.windows().add(this);
    }
  }

  void leftWindows() {
    inWindows = false;
  }

  /// Whether something was taken since it was asked this before.
  boolean takeSecondChance() {
    boolean chance = taken;
    taken = false;
    return chance;
  }

  boolean keepsWhatIsOnDisk() {
    return stream == null ? backlog.keepsWhatIsOnDisk() : stream.keepsWhatIsOnDisk();
  }

  /// Lets go of messages that are on disk; returns how many entries were looked at.
  int cutBack(int countMax) {
    return stream == null ? backlog.cutBack(countMax, queue.needsHead()) : stream.cutBack(countMax);
  }

  void delete() {
    backlog.forgetStored();
    if (stream != null) {
      stream.delete();
    }
    if (inWindows) {
      inWindows = false;
      shard.windows().remove(this);
    }
  }
}
