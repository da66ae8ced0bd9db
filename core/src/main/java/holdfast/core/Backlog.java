package holdfast.core;

import holdfast.store.ByteReader;
import holdfast.store.FetchedEntry;
import holdfast.store.Log;
import holdfast.store.Store;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The visible entries of one lane of a queue, in order. Guarded by the gate.
///
/// ```
///   returned        window          on disk only, and behind       tail
///   . . . . . . | e e e e e e | - - - - - u - - - - u u - - - | e e u e |  arriving
///                              nextStored                                visibleEnd
/// ```
///
/// Entries that were handed out and came back stand first. Behind them is the *window*: entries in
/// memory, with their messages. What follows is on disk, and here there is no more of it than a
/// count; only entries that are not logged (`u`) wait in memory, each knowing before which sequence
/// it stands. What is on disk enters the window by a fetch and can be cut off from its end again,
/// for the log has it.
///
/// What becomes visible while the last of what is on disk is being read stays in memory, as the
/// *tail*: else a queue that takes in as much as it gives out would go on reading for ever.
final class Backlog {
  private final Lane lane;
  private final Shard shard;
  private final @Nullable Log log;

  /// By order. Some have no message in memory.
  private final TreeMap<Long, Entry> returned = new TreeMap<>();

  private final ArrayDeque<Entry> window = new ArrayDeque<>();

  /// Entries in memory that stand behind such as are on disk only, the tail among them.
  private final ArrayDeque<Entry> behind = new ArrayDeque<>();

  /// Entries of `behind` from the first logged one on. Behind that there is nothing on disk only.
  private int tailSize;

  /// Sequence of the first logged entry of the tail, if there is one.
  private long tailFrom;

  /// What the window takes in memory.
  private long windowBytes;

  /// Entries of the window that are on disk as well.
  private int windowLogged;

  /// Logged entries among the returned that have their messages.
  private int returnedHeld;

  /// Logged entries among the returned from this order on have no message.
  private long returnedCutFrom;

  /// Every visible logged entry from this sequence on, up to the tail, is on disk only, and was
  /// never handed out in this life; every one before it is in memory or settled. `nextStored <=
  /// visibleEnd`.
  private long nextStored;

  /// Sequence of the next entry to become visible.
  private long visibleEnd;

  /// Live entries from `nextStored` up to the tail.
  private long stored;

  /// Order of the next entry that is handed out.
  private long nextOrder;

  /// Begins with what the log holds.
  Backlog(Lane lane, Shard shard, @Nullable Log log) {
    this.lane = lane;
    this.shard = shard;
    this.log = log;
    if (log != null) {
      nextStored = log.low();
      visibleEnd = log.next();
      stored = log.live();
    }
  }

  // --- entries come ---

  /// An entry is visible now.
  ///
  /// @param taken whether somebody takes from this queue: then a little is kept in any case
  void arrived(Entry entry, boolean taken) {
    if (stored == 0) {
      moveUp(Limits.SLICE);
    }
    boolean follows = stored == 0 && behind.isEmpty();
    if (!entry.isLogged()) {
      if (follows) {
        push(entry);
      } else {
        if (tailSize >= paging().lowEntries()) {
          dropTail();
        }
        entry.before = visibleEnd;
        behind.add(entry);
        tailSize += tailSize > 0 ? 1 : 0;
      }
      return;
    }
    assert entry.sequence == visibleEnd : "entries become visible out of order";
    visibleEnd = entry.sequence + 1;
    if (follows && (shard.memory().hasCacheRoom() || taken && isLow())) {
      push(entry);
    } else if (lane.isFetching() && mayBeTail()) {
      if (tailSize == 0) {
        tailFrom = entry.sequence;
      }
      entry.before = entry.sequence;
      behind.add(entry);
      tailSize++;
      lane.joinWindows();
    } else {
      dropTail();
      stored++;
      shard.release(entry);
    }
  }

  /// Whether what is on disk may all be here with the next read, and there is room meanwhile.
  private boolean mayBeTail() {
    return stored <= paging().fetchEntriesMax()
        && tailSize < paging().lowEntries()
        && shard.memory().hasCacheRoom();
  }

  /// The tail is on disk only, too; returns how many entries were looked at.
  private int dropTail() {
    int size = tailSize;
    if (size == 0) {
      return 0;
    }
    ArrayDeque<Entry> notLogged = new ArrayDeque<>();
    for (; tailSize > 0; tailSize--) {
      Entry entry = behind.removeLast();
      if (entry.isLogged()) {
        stored++;
        shard.release(entry);
      } else {
        notLogged.push(entry);
      }
    }
    behind.addAll(notLogged);
    return size;
  }

  private void push(Entry entry) {
    window.add(entry);
    windowBytes += entry.bytes();
    if (entry.isLogged()) {
      nextStored = entry.sequence + 1;
      windowLogged++;
      lane.joinWindows();
    }
  }

  /// An unsettled entry goes back to its place.
  void giveBack(Entry entry) {
    shard.keepIfRoom(entry);
    if (entry.isLogged() && entry.message != null) {
      holdsReturned(entry);
    }
    returned.put(entry.order(), entry);
  }

  private void holdsReturned(Entry entry) {
    returnedHeld++;
    returnedCutFrom = Math.max(returnedCutFrom, entry.order() + 1);
    lane.joinWindows();
  }

  // --- entries go ---

  /// The next entry, without taking it; null if there is none in memory. It may have to be read
  /// first: then it has no message.
  @Nullable Entry head() {
    if (!returned.isEmpty()) {
      return returned.firstEntry().getValue();
    }
    if (window.isEmpty()) {
      moveUp(Limits.SLICE);
    }
    return window.peek();
  }

  /// Brings into the window what waits behind it and stands before what is on disk.
  private void moveUp(int countMax) {
    for (int i = 0; i < countMax; i++) {
      Entry next = behind.peek();
      if (next == null || stored > 0 && next.before > nextStored) {
        return;
      }
      pushFirstBehind();
    }
  }

  private void pushFirstBehind() {
    if (behind.size() == tailSize) {
      tailSize--;
    }
    push(behind.remove());
  }

  /// Takes the head for somebody who will settle it.
  Entry take() {
    Entry entry = remove();
    if (!entry.wasOut()) {
      entry.isOut(nextOrder++);
    }
    return entry;
  }

  /// Takes the head for good.
  Entry remove() {
    if (!returned.isEmpty()) {
      Entry entry = returned.pollFirstEntry().getValue();
      if (entry.isLogged() && entry.message != null) {
        returnedHeld--;
      }
      return entry;
    }
    Entry entry = window.remove();
    leftWindow(entry);
    return entry;
  }

  private void leftWindow(Entry entry) {
    windowBytes -= entry.bytes();
    if (entry.isLogged()) {
      windowLogged--;
    }
  }

  /// Settles some neighbours that are on disk only and come next; returns how many, which can be 0
  /// if something in memory turns out to stand before them.
  long settleStored(Settling settling, long countMax) {
    Log source = log;
    if (source == null || stored == 0) {
      return 0;
    }
    nextStored = source.nextLive(nextStored);
    Entry inMemory = behind.peek();
    long end = inMemory == null ? visibleEnd : inMemory.before;
    if (end <= nextStored) {
      return 0;
    }
    long runEnd = source.liveRunEnd(nextStored, Math.min(countMax, end - nextStored));
    long count = runEnd - nextStored;
    settling.add(source, nextStored, count);
    nextStored = runEnd;
    stored -= count;
    return count;
  }

  /// Its log is gone.
  void forgetStored() {
    stored = 0;
  }

  long count() {
    return (long) returned.size() + window.size() + behind.size() + stored;
  }

  // --- reading ---

  /// Whether the head can be handed out without being read first.
  boolean headIsHere() {
    Entry head = head();
    return head != null && head.message != null;
  }

  /// Whether something should be read for who takes from here.
  boolean wantsFetch() {
    if (!returned.isEmpty() && returned.firstEntry().getValue().message == null) {
      return true;
    }
    return stored > 0 && isLow();
  }

  private Limits.Paging paging() {
    return shard.limits().paging();
  }

  private boolean isLow() {
    return window.size() < paging().lowEntries() && windowBytes < paging().lowBytes();
  }

  /// Begins to read what comes next; false if there is nothing to read. What comes of it is told
  /// with [Lane#fetched].
  boolean beginFetch(int bytesMax) {
    Log source = log;
    if (source == null || !wantsFetch()) {
      return false;
    }
    Entry head = head();
    if (head != null && head.message == null) {
      List<Entry> missing = missingReturned();
      fetch(
          source,
          missing.getFirst().sequence,
          missing.getLast().sequence + 1,
          bytesMax,
          found -> fetchedReturned(missing, found));
    } else {
      long from = nextStored;
      fetch(source, from, storedEnd(), bytesMax, found -> fetchedStored(source, from, found));
    }
    return true;
  }

  private long storedEnd() {
    return tailSize == 0 ? visibleEnd : tailFrom;
  }

  private void fetch(Log source, long from, long to, int bytesMax, Store.FetchSink taker) {
    shard
        .store()
        .fetch(
            source,
            from,
            to,
            bytesMax,
            paging().fetchEntriesMax(),
            found -> {
              if (!lane.queue.deleted()) {
                if (found.isEmpty() && source.nextLive(from) < to) {
                  throw new IllegalStateException(
                      "log " + source.id() + " has lost entries from " + from + " to " + to);
                }
                taker.fetched(found);
              }
              lane.fetched(bytesMax);
            });
  }

  /// The first returned entries without messages, as far as they lie close together.
  private List<Entry> missingReturned() {
    List<Entry> missing = new ArrayList<>();
    for (Entry entry : returned.values()) {
      if (!entry.isLogged()) {
        continue;
      }
      boolean near =
          missing.isEmpty() || entry.sequence - missing.getLast().sequence <= Limits.FETCH_GAP_MAX;
      if (entry.message != null || !near || missing.size() == paging().fetchEntriesMax()) {
        break;
      }
      missing.add(entry);
    }
    return missing;
  }

  private void fetchedReturned(List<Entry> missing, List<FetchedEntry> found) {
    int at = 0;
    for (FetchedEntry one : found) {
      while (at < missing.size() && missing.get(at).sequence < one.sequence()) {
        at++;
      }
      if (at == missing.size()) {
        return;
      }
      Entry entry = missing.get(at);
      boolean waits = entry.message == null && returned.get(entry.order()) == entry;
      if (waits && entry.sequence == one.sequence()) {
        entry.message = shard.fetchedMessage(one);
        holdsReturned(entry);
      }
    }
  }

  private void fetchedStored(Log source, long from, List<FetchedEntry> found) {
    if (from > nextStored) {
      return; // the window was cut back meanwhile: others come before these
    }
    int moved = 0;
    for (FetchedEntry one : found) {
      long sequence = one.sequence();
      if (sequence < nextStored) {
        continue; // purged meanwhile
      }
      assert source.isLive(sequence) : "entry " + sequence + " is settled and was never handed out";
      for (Entry next = behind.peek(); next != null; next = behind.peek()) {
        if (next.before > sequence) {
          break;
        }
        if (moved++ == Limits.SLICE) {
          return; // enough for one step; the rest is read again
        }
        pushFirstBehind();
      }
      stored--;
      Entry entry = new Entry(lane, shard.fetchedMessage(one), sequence, one.offered());
      entry.redelivered = source.mayHaveBeenDelivered(sequence, one.offered());
      byte[] note = source.note(sequence);
      entry.returns = note == null ? 0 : (int) new ByteReader(note).varint();
      shard.memory().add(Entry.FOOTPRINT_BYTES);
      push(entry);
    }
  }

  // --- letting go of what is on disk ---

  boolean keepsWhatIsOnDisk() {
    return windowLogged > 0 || returnedHeld > 0 || tailSize > 0;
  }

  /// Lets go of messages that are on disk, those first that come last; returns how many entries
  /// were looked at.
  ///
  /// @param taken whether somebody takes from this queue: then a little stays
  int cutBack(int countMax, boolean taken) {
    int count = dropTail();
    while (count < countMax && windowLogged > 0) {
      if (taken && (windowBytes <= paging().fetchBytesMin() || window.size() == 1)) {
        return count;
      }
      Entry entry = window.removeLast();
      leftWindow(entry);
      count++;
      if (entry.isLogged()) {
        nextStored = entry.sequence;
        stored++;
        shard.release(entry);
      } else {
        entry.before = nextStored;
        behind.addFirst(entry);
      }
    }
    return taken ? count : count + cutBackReturned(countMax - count);
  }

  private int cutBackReturned(int countMax) {
    int count = 0;
    while (count < countMax && returnedHeld > 0) {
      Map.Entry<Long, Entry> last = returned.lowerEntry(returnedCutFrom);
      assert last != null : "returned entries hold messages that are not there";
      returnedCutFrom = last.getKey();
      Entry entry = last.getValue();
      if (entry.isLogged() && entry.message != null) {
        shard.letGo(entry);
        returnedHeld--;
      }
      count++;
    }
    return count;
  }
}
