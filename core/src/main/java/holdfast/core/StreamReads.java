package holdfast.core;

import holdfast.store.FetchedEntry;
import holdfast.store.Log;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/// What is read from disk for one stream, one bounded piece at a time: what cursors are given next,
/// times by which a place is searched, and entries that a start has not counted. Guarded by the
/// gate.
final class StreamReads {
  private final Stream stream;
  private final Lane lane;
  private final Shard shard;
  private final Log log;
  private final StreamSegments segments;

  /// Cursors to read for, in turn.
  private final ArrayDeque<StreamCursor> row = new ArrayDeque<>();

  /// Whether a read was asked for, or is under way.
  private boolean fetching;

  /// Whether entries are to be counted; see [#countRest].
  private boolean counting;

  /// Takes what was read. The entries are let go of afterwards.
  private interface Taker {
    void take(List<Entry> found);
  }

  StreamReads(Stream stream, Lane lane, Shard shard, Log log, StreamSegments segments) {
    this.stream = stream;
    this.lane = lane;
    this.shard = shard;
    this.log = log;
    this.segments = segments;
  }

  private Limits.Paging paging() {
    return shard.limits().paging();
  }

  /// Whether there is something to read for a cursor.
  boolean wantsRead(StreamCursor cursor) {
    return cursor.isSearching()
        || cursor.isLow(paging()) && Math.max(cursor.readsFrom(), log.low()) < stream.storedEnd();
  }

  /// Reads for a cursor in its turn.
  void read(StreamCursor cursor) {
    if (!cursor.reading) {
      cursor.reading = true;
      row.add(cursor);
    }
    ask();
  }

  void remove(StreamCursor cursor) {
    row.remove(cursor);
  }

  void clear() {
    row.clear();
  }

  /// Has the entries counted that came after the last note of their segment and before the start:
  /// their messages are read again until the end is reached.
  void countRest() {
    if (!counting && segments.counted() < stream.end()) {
      counting = true;
      ask();
    }
  }

  private void ask() {
    if (!fetching && !lane.queue.deleted() && (counting || !row.isEmpty())) {
      fetching = true;
      shard.fetches().ask(lane);
    }
  }

  /// Its turn; false if there is nothing to read any more.
  boolean begin(int bytesMax) {
    if (counting) {
      fetch(segments.counted(), stream.end(), bytesMax, paging().fetchEntriesMax(), this::count);
      return true;
    }
    for (StreamCursor cursor = row.poll(); cursor != null; cursor = row.poll()) {
      cursor.reading = false;
      cursor.trimmed(log.low());
      if (wantsRead(cursor)) {
        begin(cursor, bytesMax);
        return true;
      }
      stream.goOn(cursor);
    }
    fetching = false;
    return false;
  }

  /// Who waits for the same entries is given them as well.
  private void begin(StreamCursor cursor, int bytesMax) {
    if (cursor.isSearching()) {
      long probe = cursor.probe();
      fetch(probe, probe + 1, bytesMax, 1, found -> probed(cursor, probe, found));
      return;
    }
    long from = cursor.readsFrom();
    List<StreamCursor> together = new ArrayList<>();
    together.add(cursor);
    for (StreamCursor other : row) {
      if (!other.isSearching() && other.readsFrom() == from) {
        together.add(other);
      }
    }
    fetch(
        from,
        stream.storedEnd(),
        bytesMax,
        paging().fetchEntriesMax(),
        found -> together.forEach(reader -> fetched(reader, from, found)));
  }

  private void fetch(long from, long to, int bytesMax, int countMax, Taker taker) {
    shard
        .store()
        .fetch(
            log,
            from,
            to,
            bytesMax,
            countMax,
            found -> {
              fetching = false;
              if (!lane.queue.deleted()) {
                if (found.isEmpty() && log.nextLive(from) < to) {
                  throw new IllegalStateException(
                      "log " + log.id() + " has lost entries from " + from + " to " + to);
                }
                take(found, taker);
              }
              shard.fetches().done(bytesMax);
              ask();
            });
  }

  /// Messages are held while they find their takers.
  private void take(List<FetchedEntry> found, Taker taker) {
    List<Entry> entries = new ArrayList<>(found.size());
    for (FetchedEntry one : found) {
      entries.add(new Entry(lane, shard.fetchedMessage(one), one.sequence(), true));
    }
    taker.take(entries);
    entries.forEach(shard::letGo);
  }

  private void count(List<Entry> found) {
    for (Entry entry : found) {
      Message message = entry.message;
      if (message != null && entry.sequence == segments.counted()) {
        stream.count(message);
      }
    }
    counting = false;
    stream.retain(shard.nowMs());
  }

  private void probed(StreamCursor cursor, long offset, List<Entry> found) {
    if (!found.isEmpty() && cursor.isSearching()) {
      Message message = found.getFirst().message;
      cursor.probed(offset, message == null ? 0 : message.acceptedAtMs());
    }
    stream.goOn(cursor);
  }

  private void fetched(StreamCursor cursor, long from, List<Entry> found) {
    // What was read ahead may have been let go of meanwhile: then others come before these.
    if (from <= cursor.readsFrom()) {
      for (Entry entry : found) {
        Message message = entry.message;
        if (message != null && entry.sequence >= cursor.readsFrom()) {
          stream.readAhead(cursor, entry, message);
        }
      }
    }
    stream.goOn(cursor);
  }
}
