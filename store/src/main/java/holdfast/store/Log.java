package holdfast.store;

import holdfast.store.LogSegment.Piece;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// One append-only log: a durable queue's entries. Its id is never used again; an entry has its
/// sequence number for ever, is appended once and settled once.
///
/// What it takes in memory for an entry is eight bytes while the entry lies in the journal, and
/// nothing once it has moved to a log segment, but for the bits of what is settled out of order.
///
/// Owned by the [Fold]; changed only by the thread that owns the store (the gate), and by recovery.
public final class Log {
  private final long id;

  /// Sequence of the next entry; the first is 0.
  private long next;

  private final SequenceSet settled;
  private long live;

  /// Entries below this may have been handed out before an unclean stop.
  private long dispatchMark;

  /// Entries and mark as they were when the store was opened.
  private long nextAtOpen;

  private long markAtOpen;

  /// Where entries lie that have left the journal, in order of sequence; pieces without a live
  /// entry are dropped. All of them lie below `tail`.
  private final ArrayList<Piece> pieces = new ArrayList<>();

  /// Addresses of the entries that lie in the journal.
  private final AddressRing tail;

  /// The same by segment of the journal, with a count of those that are live.
  private final ArrayList<Run> runs = new ArrayList<>(1);

  /// Entries of the journal whose body went ahead in parts. Null most of the time.
  private @Nullable TreeMap<Long, LargeParts> large;

  private @Nullable TreeMap<Long, byte[]> notes;

  /// Whether it stands among the changes that the next checkpoint copies.
  boolean changed;

  /// Neighbouring entries of the journal in one segment.
  static final class Run {
    final long first;
    final long generation;
    long live;

    Run(long first, long generation) {
      this.first = first;
      this.generation = generation;
    }
  }

  Log(long id) {
    this(id, 0, new SequenceSet(0), 0, 0);
  }

  /// A log as a checkpoint has it.
  Log(long id, long next, SequenceSet settled, long dispatchMark, long tailFirst) {
    this.id = id;
    this.next = next;
    this.settled = settled;
    this.dispatchMark = dispatchMark;
    this.tail = new AddressRing(tailFirst);
    this.live = next - settled.countIn(0, next);
    tail.extendTo(next);
  }

  public long id() {
    return id;
  }

  /// The sequence that the next appended entry gets.
  public long next() {
    return next;
  }

  /// Every entry below this sequence is settled, and this one is not.
  public long low() {
    return settled.low();
  }

  /// Entries below this sequence may have been delivered before the last start.
  public long dispatchMark() {
    return dispatchMark;
  }

  /// Entries appended and not settled.
  public long live() {
    return live;
  }

  public boolean isLive(long sequence) {
    return sequence >= 0 && sequence < next && !settled.contains(sequence);
  }

  /// The first live sequence from `from` on, or [#next] if there is none.
  public long nextLive(long from) {
    return Math.min(next, settled.nextAbsent(from));
  }

  /// The end of the run of live entries that begins at `from`, which is live: at most `countMax`
  /// entries further on.
  public long liveRunEnd(long from, long countMax) {
    return settled.nextPresent(from, Math.min(next, from + countMax));
  }

  /// Whether an entry may have been delivered before the store was opened.
  ///
  /// @param offered what the entry itself says: that there was somebody to hand it to
  public boolean mayHaveBeenDelivered(long sequence, boolean offered) {
    return sequence < nextAtOpen && (offered || sequence < markAtOpen);
  }

  /// The note of an entry, or null.
  public byte @Nullable [] note(long sequence) {
    return notes == null ? null : notes.get(sequence);
  }

  /// All is as at open from now on.
  void opened() {
    nextAtOpen = next;
    markAtOpen = dispatchMark;
  }

  SequenceSet settled() {
    return settled;
  }

  ArrayList<Piece> pieces() {
    return pieces;
  }

  AddressRing tail() {
    return tail;
  }

  ArrayList<Run> runs() {
    return runs;
  }

  SortedMap<Long, byte[]> notes() {
    return notes == null ? new TreeMap<>() : notes;
  }

  SortedMap<Long, LargeParts> large() {
    return large == null ? new TreeMap<>() : large;
  }

  @Nullable LargeParts large(long sequence) {
    return large == null ? null : large.get(sequence);
  }

  void markDispatched(long upTo) {
    dispatchMark = Math.max(dispatchMark, upTo);
  }

  void note(long sequence, byte[] note) {
    if (notes == null) {
      notes = new TreeMap<>();
    }
    notes.put(sequence, note);
  }

  /// Adds an entry and returns the run that counts it.
  Run append(long address) {
    tail.add(address);
    live++;
    return runFor(next++, address);
  }

  /// Puts an entry, which is counted already, where it was found.
  Run found(long sequence, long address) {
    tail.set(sequence, address);
    return runFor(sequence, address);
  }

  private Run runFor(long sequence, long address) {
    long generation = Address.generation(address);
    Run last = runs.isEmpty() ? null : runs.getLast();
    if (last == null || last.generation != generation) {
      if (last != null && last.live == 0) {
        runs.removeLast();
      }
      last = new Run(sequence, generation);
      runs.add(last);
    }
    last.live++;
    return last;
  }

  void addLarge(long sequence, LargeParts parts) {
    if (large == null) {
      large = new TreeMap<>();
    }
    large.put(sequence, parts);
    parts.entries++;
  }

  /// Takes entries out of the live ones; what held them is the fold's to count.
  void settle(long first, long count) {
    settled.addRange(first, first + count);
    live -= count;
    assert live >= 0 : "log " + id + " has lost count of its live entries";
    if (notes != null) {
      notes.subMap(first, first + count).clear();
      notes = notes.isEmpty() ? null : notes;
    }
    // What is settled at the front of the journal's part is not asked for any more.
    if (settled.low() > tail.first()) {
      tail.dropFront(settled.low());
    }
  }

  /// Forgets the parts of bodies of entries in a range, and tells which.
  Iterable<LargeParts> removeLarge(long first, long end) {
    TreeMap<Long, LargeParts> all = large;
    if (all == null) {
      return new ArrayList<>();
    }
    SortedMap<Long, LargeParts> range = all.subMap(first, end);
    ArrayList<LargeParts> removed = new ArrayList<>(range.values());
    range.clear();
    if (all.isEmpty()) {
      large = null;
    }
    return removed;
  }

  /// Index of the last run that starts at or before a sequence.
  int runIndex(long sequence) {
    int low = 0;
    int high = runs.size() - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (runs.get(middle).first <= sequence) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  /// Index of the first piece that ends behind a sequence; the number of pieces if there is none.
  int pieceIndex(long sequence) {
    int low = 0;
    int high = pieces.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (pieces.get(middle).end > sequence) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  void dropEmptyRuns() {
    Iterator<Run> all = runs.iterator();
    while (all.hasNext()) {
      if (all.next().live == 0) {
        all.remove();
      }
    }
  }
}
