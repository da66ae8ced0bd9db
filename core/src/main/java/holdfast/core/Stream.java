package holdfast.core;

import holdfast.store.Batch;
import holdfast.store.Log;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A queue that is read and not emptied: every consumer has a cursor of its own, and entries go
/// when they are too old or too many. An entry's offset is its sequence in the log, which counts
/// from 0 without a gap. Guarded by the gate.
///
/// ```
///   gone        on disk only                     window        arriving
///   - - - - | - - - - - - - - - - - - - - - - | e e e e e e | . . . .
///          log.low()     ^ a cursor              ^ a cursor  end
/// ```
///
/// Here is no object for an entry on disk. Consumers that keep up share the window; one that does
/// not has what comes next read for itself, a bounded piece at a time. A settlement gives credit
/// and nothing else, however the delivery ended.
final class Stream {
  private final Queue queue;
  private final Lane lane;
  private final Shard shard;
  private final Log log;
  private final StreamSegments segments;
  private final StreamReads reads;
  private final boolean singleActive;
  private StreamRetention retention;

  /// Offset of the next entry to become visible.
  private long end;

  private final StreamWindow window = new StreamWindow();

  /// In the order in which they came.
  private final Map<Consumer, StreamCursor> cursors = new LinkedHashMap<>();

  /// Cursors that may be served, in turn.
  private final ArrayDeque<StreamCursor> row = new ArrayDeque<>();

  /// Cursors that have seen everything.
  private ArrayDeque<StreamCursor> atEnd = new ArrayDeque<>();

  /// What nobody needs any more, to be let go of in slices.
  private final ArrayDeque<StreamCursor> leaving = new ArrayDeque<>();

  /// Begins with what the log holds.
  Stream(Lane lane, Shard shard, Log log) {
    this.lane = lane;
    this.queue = lane.queue;
    this.shard = shard;
    this.log = log;
    end = log.next();
    segments = new StreamSegments(log.low());
    reads = new StreamReads(this, lane, shard, log, segments);
    retention = StreamRetention.of(queue.declaration().arguments());
    singleActive = StreamRules.isSingleActive(queue.declaration());
  }

  /// A segment that the store had noted. False if nothing is left of it.
  boolean recovered(long first, byte[] value) {
    return segments.recovered(first, value, log.low());
  }

  /// Every segment that had been noted is known.
  void recovered() {
    segments.check(log.low(), log.next());
  }

  /// Other limits hold from now on.
  void retention(StreamRetention changed) {
    retention = changed;
    retain(shard.nowMs());
  }

  // --- entries come ---

  /// An entry is visible now.
  void arrived(Entry entry) {
    assert entry.sequence == end : "entries become visible out of order";
    end++;
    Message message = entry.message;
    if (message != null && segments.counted() == entry.sequence) {
      count(message);
    } else {
      reads.countRest();
    }
    if (isWorthKeeping()) {
      window.add(entry);
      lane.joinWindows();
      limitWindow();
    } else {
      dropWindow(); // it has no gap
      shard.release(entry);
    }
    if (!atEnd.isEmpty()) {
      ArrayDeque<StreamCursor> woken = atEnd;
      atEnd = new ArrayDeque<>();
      woken.forEach(this::putInRow);
    }
    retain(shard.nowMs());
  }

  private boolean isWorthKeeping() {
    return !cursors.isEmpty()
        && (shard.memory().hasCacheRoom()
            || window.size() < paging().lowEntries() && window.bytes() < paging().lowBytes());
  }

  private void limitWindow() {
    while (window.size() > Limits.STREAM_WINDOW_ENTRIES
        || window.bytes() > Limits.STREAM_WINDOW_BYTES && window.size() > 1) {
      releaseOldest();
    }
  }

  private boolean releaseOldest() {
    Entry oldest = window.poll();
    if (oldest != null) {
      shard.release(oldest);
    }
    return oldest != null;
  }

  private void dropWindow() {
    while (releaseOldest()) {
      // Its size is bounded.
    }
  }

  // --- entries go to consumers ---

  /// Serves a new consumer from the place that it asks for. What is visible but not yet searched is
  /// found by reading.
  void add(Consumer consumer, Arguments arguments) {
    StreamCursor cursor = new StreamCursor(consumer, StreamFilter.of(arguments), singleActive);
    cursors.put(consumer, cursor);
    long low = log.low();
    switch (StreamOffset.parse(arguments, shard.nowMs())) {
      case StreamOffset.First f -> cursor.moveTo(low);
      case StreamOffset.Last l -> cursor.moveTo(Math.max(low, end - 1));
      case StreamOffset.Next n -> cursor.moveTo(log.next());
      case StreamOffset.At at -> cursor.moveTo(Math.clamp(at.offset(), low, log.next()));
      case StreamOffset.Since since -> {
        StreamSegments.Segment segment = segments.since(since.timeMs());
        cursor.search(
            segment == null ? Math.max(low, segments.counted()) : segment.first,
            segment == null ? end : segment.end,
            since.timeMs());
      }
      case null -> throw new AssertionError("the arguments were checked before");
    }
  }

  /// A consumer may have credit again, or for the first time.
  void offer(Consumer consumer) {
    StreamCursor cursor = cursors.get(consumer);
    if (cursor != null
        && cursor.place == StreamCursor.Place.OUT
        && consumer.hasCredit()
        && (!singleActive || isFirst(cursor))) {
      putInRow(cursor);
    }
  }

  private boolean isFirst(StreamCursor cursor) {
    return cursors.values().iterator().next() == cursor;
  }

  void remove(Consumer consumer) {
    StreamCursor cursor = cursors.get(consumer);
    if (cursor == null) {
      return;
    }
    boolean first = isFirst(cursor);
    cursors.remove(consumer);
    row.remove(cursor);
    atEnd.remove(cursor);
    reads.remove(cursor);
    leaving.add(cursor);
    becomeDue();
    if (singleActive && first && !cursors.isEmpty()) {
      StreamCursor heir = cursors.values().iterator().next();
      if (cursor.hasServed()) {
        heir.moveTo(Math.max(log.low(), cursor.resumesAt()));
      }
      offer(heir.consumer);
    }
  }

  /// A delivery has ended, in whatever way.
  void settled(Entry entry) {
    StreamCursor cursor = singleActive ? cursors.get(entry.consumer) : null;
    if (cursor != null) {
      cursor.settled(entry.sequence);
    }
  }

  private void putInRow(StreamCursor cursor) {
    cursor.place = StreamCursor.Place.ROW;
    row.add(cursor);
    becomeDue();
  }

  private void becomeDue() {
    if (!queue.due && !queue.deleted()) {
      shard.due(queue);
    }
  }

  /// One step: what is to be written, or a slice of what is to be handed out. True if there is
  /// more.
  boolean dispatch() {
    if (segments.hasUnnoted() || excess() != null) {
      writeChanges();
      return true;
    }
    int left = Limits.SLICE - release(Limits.SLICE);
    for (; left > 0; left--) {
      StreamCursor cursor = row.poll();
      if (cursor == null) {
        return false;
      }
      serve(cursor);
    }
    return true;
  }

  private void serve(StreamCursor cursor) {
    if (!cursor.consumer.hasCredit()) {
      cursor.place = StreamCursor.Place.OUT;
      return;
    }
    cursor.trimmed(log.low());
    Entry entry = cursor.isSearching() ? null : next(cursor);
    Message message = entry == null ? null : entry.message;
    if (entry == null || message == null) {
      boolean atItsEnd = !cursor.isSearching() && cursor.next() >= end;
      cursor.place = atItsEnd ? StreamCursor.Place.END : StreamCursor.Place.READ;
      if (atItsEnd) {
        atEnd.add(cursor);
      } else {
        reads.read(cursor);
      }
      return;
    }
    if (cursor.filter == null || cursor.filter.wants(message)) {
      hand(cursor, entry.sequence, message);
    }
    Entry own = cursor.pass(entry.sequence);
    if (own != null) {
      shard.release(own);
    }
    if (!cursor.isEmpty() && reads.wantsRead(cursor)) {
      reads.read(cursor);
    }
    row.add(cursor);
  }

  private @Nullable Entry next(StreamCursor cursor) {
    Entry own = cursor.head();
    return own != null ? own : window.get(cursor.next());
  }

  private void hand(StreamCursor cursor, long offset, Message message) {
    Entry delivery = new Entry(lane, null, offset, true);
    shard.memory().add(Entry.FOOTPRINT_BYTES);
    lane.handedOut();
    cursor.handedOut(offset);
    Arguments extra = Arguments.of(Map.of(StreamOffset.ARGUMENT, offset));
    cursor.consumer.session.deliver(cursor.consumer, delivery, message, extra);
  }

  // --- what is on disk ---

  private Limits.Paging paging() {
    return shard.limits().paging();
  }

  /// Its turn to read; false if it has no use for it any more.
  boolean beginFetch(int bytesMax) {
    return !queue.deleted() && reads.begin(bytesMax);
  }

  /// Offset of the next entry to become visible.
  long end() {
    return end;
  }

  /// Where what is on disk only ends.
  long storedEnd() {
    return window.isEmpty() ? end : window.first();
  }

  /// What a cursor waited for has been read, or it need not wait.
  void goOn(StreamCursor cursor) {
    if (cursor.place == StreamCursor.Place.READ) {
      putInRow(cursor);
    }
  }

  /// An entry was read for a cursor, unless that has gone meanwhile.
  void readAhead(StreamCursor cursor, Entry entry, Message message) {
    if (cursors.get(cursor.consumer) == cursor) {
      message.hold();
      shard.memory().add(Entry.FOOTPRINT_BYTES);
      cursor.addAhead(new Entry(lane, message, entry.sequence, true));
      lane.joinWindows();
    }
  }

  /// Counts the next entry of its log.
  void count(Message message) {
    segments.count(message, retention.segmentBytes());
  }

  // --- letting go of what is on disk ---

  boolean keepsWhatIsOnDisk() {
    return !window.isEmpty() || cursors.values().stream().anyMatch(cursor -> !cursor.isEmpty());
  }

  /// Lets go of messages that are on disk; returns how many entries were looked at. What was read
  /// for who cannot take it goes first.
  int cutBack(int countMax) {
    int count = 0;
    for (StreamCursor cursor : cursors.values()) {
      boolean waits = cursor.place == StreamCursor.Place.OUT;
      while (waits && count < countMax && dropAhead(cursor)) {
        count++;
      }
    }
    boolean taken = !row.isEmpty() || !atEnd.isEmpty();
    while (count < countMax
        && (!taken || window.bytes() > paging().fetchBytesMin() && window.size() > 1)
        && releaseOldest()) {
      count++;
    }
    return count;
  }

  private boolean dropAhead(StreamCursor cursor) {
    Entry last = cursor.dropLast();
    if (last != null) {
      shard.release(last);
    }
    return last != null;
  }

  /// Lets go of what belonged to cursors that have gone; returns how many entries.
  private int release(int countMax) {
    int count = 0;
    for (StreamCursor gone = leaving.peek(); gone != null; gone = leaving.peek()) {
      while (count < countMax && dropAhead(gone)) {
        count++;
      }
      if (!gone.isEmpty()) {
        return count;
      }
      leaving.remove();
    }
    if (cursors.isEmpty()) {
      while (count < countMax && releaseOldest()) {
        count++;
      }
    }
    return count;
  }

  /// Of a deleted stream: something that is still in memory, or null.
  @Nullable Entry remains() {
    while (!leaving.isEmpty() && leaving.getFirst().isEmpty()) {
      leaving.remove();
    }
    return leaving.isEmpty() ? window.get(window.first()) : leaving.getFirst().head();
  }

  /// Takes it out.
  Entry removeRemains() {
    Entry entry = leaving.isEmpty() ? window.poll() : leaving.getFirst().poll();
    if (entry == null) {
      throw new AssertionError("nothing remains of stream " + queue.name());
    }
    return entry;
  }

  // --- retention ---

  /// Has what is too old or too much taken away, and segments noted, in its next turn. Also asked
  /// from time to time, for entries grow old by themselves.
  void retain(long nowMs) {
    reads.countRest();
    if (segments.hasUnnoted() || segments.excess(retention, nowMs) != null) {
      becomeDue();
    }
  }

  private StreamSegments.@Nullable Segment excess() {
    return segments.excess(retention, shard.nowMs());
  }

  /// One batch: segments noted, and then the oldest taken away together with their notes. Nobody
  /// waits for it: a crash makes both be done again.
  private void writeChanges() {
    Batch batch = shard.newBatch();
    int bytesMax = shard.store().batchBytesMax() / 2;
    while (segments.hasUnnoted() && batch.length() < bytesMax) {
      Long stray = segments.takeStray();
      if (stray != null) {
        batch.remove(Definitions.segmentKey(log.id(), stray));
        continue;
      }
      StreamSegments.Segment segment = segments.takeUnnoted();
      if (segment != null) {
        batch.put(Definitions.segmentKey(log.id(), segment.first), segment.value());
      }
    }
    long upTo = 0;
    if (!segments.hasUnnoted()) {
      for (StreamSegments.Segment oldest = excess();
          oldest != null && batch.length() < bytesMax;
          oldest = excess()) {
        batch.remove(Definitions.segmentKey(log.id(), oldest.first));
        upTo = oldest.end;
        segments.removeOldest();
      }
    }
    if (upTo > 0) {
      batch.trim(log, upTo);
    }
    shard.store().write(batch, false);
    while (!window.isEmpty() && window.first() < log.low()) {
      releaseOldest();
    }
  }

  // --- what it is ---

  /// Entries that are visible.
  long count() {
    return end - Math.min(end, log.low());
  }

  /// What the entries that are counted hold.
  long bytes() {
    return segments.bytes();
  }

  int segmentCount() {
    return segments.count();
  }

  /// How errors name it.
  String title() {
    return "queue '" + queue.name() + "' in vhost '" + queue.host().name() + "'";
  }

  void delete() {
    leaving.addAll(cursors.values());
    cursors.clear();
    row.clear();
    atEnd.clear();
    reads.clear();
  }

  /// Its notes are to be removed with it.
  void deleteNotes(Removals removals) {
    for (long first : segments.firsts()) {
      removals.remove(Definitions.segmentKey(log.id(), first));
    }
  }
}
