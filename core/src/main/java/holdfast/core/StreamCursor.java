package holdfast.core;

import java.util.ArrayDeque;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Where one consumer stands in a stream, and what was read from disk for it ahead of that. Guarded
/// by the gate.
final class StreamCursor {
  /// What a cursor waits for.
  enum Place {
    /// Credit.
    OUT,
    /// Its turn.
    ROW,
    /// The next entry to be visible.
    END,
    /// A read.
    READ
  }

  final Consumer consumer;
  final @Nullable StreamFilter filter;
  Place place = Place.OUT;

  /// Whether it stands in the row of those that are read for.
  boolean reading;

  /// Offset of the entry that it is given next, or of the one behind it if that is gone.
  private long next;

  /// Entries that were read from disk, from `next` on.
  private final ArrayDeque<Entry> ahead = new ArrayDeque<>();

  private long aheadBytes;

  /// Of a beginning by time that is being searched for: the place is at `searchEnd` or before.
  private long searchEnd;

  private long searchMs;
  private boolean searching;

  /// Whether its consumer was ever given something.
  private boolean served;

  /// Where entries that were handed out and are not settled stand; kept only where another consumer
  /// may have to go on from there.
  private final @Nullable TreeSet<Long> out;

  StreamCursor(Consumer consumer, @Nullable StreamFilter filter, boolean handsOver) {
    this.consumer = consumer;
    this.filter = filter;
    out = handsOver ? new TreeSet<>() : null;
  }

  // --- where it stands ---

  void moveTo(long offset) {
    assert ahead.isEmpty() : "what was read ahead belongs to another place";
    next = offset;
    searching = false;
  }

  /// Begins to look for the first entry of a time, by halves: it is at `end` or before.
  void search(long from, long end, long timeMs) {
    next = from;
    searchEnd = end;
    searchMs = timeMs;
    searching = from < end;
  }

  boolean isSearching() {
    return searching;
  }

  /// The offset whose time is asked for.
  long probe() {
    return (next + searchEnd) >>> 1;
  }

  /// What time the entry at an offset is of.
  void probed(long offset, long timeMs) {
    if (timeMs >= searchMs) {
      searchEnd = offset;
    } else {
      next = offset + 1;
    }
    searching = next < searchEnd;
  }

  /// What stood before an offset is not there any more.
  void trimmed(long first) {
    if (ahead.isEmpty() && next < first) {
      next = first;
      searching = searching && next < searchEnd;
    }
  }

  long next() {
    return next;
  }

  boolean hasServed() {
    return served;
  }

  /// Where somebody else goes on who takes its place.
  long resumesAt() {
    return out == null || out.isEmpty() ? next : Math.min(next, out.first());
  }

  // --- entries ---

  /// The first of those that were read ahead; null if there is none.
  @Nullable Entry head() {
    return ahead.peek();
  }

  /// The entry has been handed out, or passed over. It is given back if it was read for this
  /// cursor.
  @Nullable Entry pass(long offset) {
    next = offset + 1;
    Entry first = poll();
    assert first == null || first.sequence == offset : "passed " + offset + " of others";
    return first;
  }

  /// Takes the first of those that were read ahead.
  @Nullable Entry poll() {
    Entry first = ahead.poll();
    if (first != null) {
      aheadBytes -= first.bytes();
    }
    return first;
  }

  void handedOut(long offset) {
    served = true;
    if (out != null) {
      out.add(offset);
    }
  }

  void settled(long offset) {
    if (out != null) {
      out.remove(offset);
    }
  }

  /// Where the next read for it begins.
  long readsFrom() {
    return ahead.isEmpty() ? next : ahead.getLast().sequence + 1;
  }

  void addAhead(Entry entry) {
    ahead.add(entry);
    aheadBytes += entry.bytes();
  }

  /// Whether little is left of what was read.
  boolean isLow(Limits.Paging paging) {
    return ahead.size() < paging.lowEntries() && aheadBytes < paging.lowBytes();
  }

  /// Lets go of the last that was read; null if there is nothing.
  @Nullable Entry dropLast() {
    Entry last = ahead.pollLast();
    if (last != null) {
      aheadBytes -= last.bytes();
    }
    return last;
  }

  boolean isEmpty() {
    return ahead.isEmpty();
  }
}
