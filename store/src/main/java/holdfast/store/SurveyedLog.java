package holdfast.store;

import holdfast.store.LogSegment.Piece;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What a [Survey] knows of one log: what should be there, and every place where an entry of it was
/// found. An entry may be found twice: files keep what has moved on until nobody needs them.
///
/// Costs 16 bytes for an entry in the journal, 24 for a page of a log segment, and a bit for an
/// entry anywhere. Owned by the survey's thread.
final class SurveyedLog {
  final long id;

  /// Whether the log's beginning is known: from a checkpoint, or because its creation was read.
  final boolean originKnown;

  /// What the checkpoint counts of this log ends here.
  final JournalFront.Place copied;

  /// Entries from here on lay in the journal when the checkpoint was taken.
  final long tailFirst;

  /// Pieces that the checkpoint names.
  final List<Piece> pieces;

  final SequenceSet settled;
  long next;
  long dispatchMark;
  final TreeMap<Long, byte[]> notes = new TreeMap<>();
  final TreeMap<Long, long[]> parts = new TreeMap<>();

  /// Entries of the journal in the order in which they were read.
  private long[] sequences = {};

  private long[] addresses = {};
  private int count;

  /// Pages with a live entry: first sequence, segment, offset.
  private long[] pages = {};

  private int pageCount;

  /// Live entries that were found. Made when what is settled is known.
  private SequenceSet found = new SequenceSet(0);

  private long firstSeen = Long.MAX_VALUE;

  /// A log of which nothing is known but its id.
  SurveyedLog(long id, boolean originKnown) {
    this.id = id;
    this.originKnown = originKnown;
    copied = new JournalFront.Place(0, 0, 0);
    tailFirst = 0;
    pieces = List.of();
    settled = new SequenceSet(0);
  }

  /// A log as a checkpoint has it.
  SurveyedLog(Log log, JournalFront.Place copied) {
    id = log.id();
    originKnown = true;
    this.copied = copied;
    tailFirst = log.tail().first();
    pieces = new ArrayList<>(log.pieces());
    settled = log.settled();
    next = log.next();
    dispatchMark = log.dispatchMark();
    notes.putAll(log.notes());
  }

  boolean isLive(long sequence) {
    return !settled.contains(sequence);
  }

  /// The piece of the checkpoint in which an entry lies; null if it lay in the journal.
  @Nullable Piece pieceOf(long sequence) {
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
    return low < pieces.size() && pieces.get(low).first <= sequence ? pieces.get(low) : null;
  }

  void foundInJournal(long sequence, long address) {
    saw(sequence);
    if (count == sequences.length) {
      sequences = Arrays.copyOf(sequences, Math.max(16, count * 2));
      addresses = Arrays.copyOf(addresses, Math.max(16, count * 2));
    }
    sequences[count] = sequence;
    addresses[count++] = address;
  }

  /// An entry up to here was in this log.
  void saw(long sequence) {
    firstSeen = Math.min(firstSeen, sequence);
    next = Math.max(next, sequence + 1);
  }

  /// Everything is read that says what is settled: from here on entries can be ticked off.
  void beginFinding() {
    found = new SequenceSet(settled.low());
    for (int i = 0; i < count; i++) {
      found(sequences[i]);
    }
  }

  /// Nothing is ticked off any more.
  void forgetFound() {
    found = new SequenceSet(settled.low());
  }

  /// Ticks off an entry; whether it is live.
  boolean found(long sequence) {
    if (!isLive(sequence)) {
      return false;
    }
    found.add(sequence);
    return true;
  }

  void addPage(long first, long segment, long at) {
    if (3 * pageCount == pages.length) {
      pages = Arrays.copyOf(pages, Math.max(12, pages.length * 2));
    }
    pages[3 * pageCount] = first;
    pages[3 * pageCount + 1] = segment;
    pages[3 * pageCount + 2] = at;
    pageCount++;
  }

  /// A page of a log segment that holds live entries.
  record PageAt(long first, long segment, long at) {}

  /// The pages in order of their first sequence; of two, that of the newer segment first.
  List<PageAt> pagesInOrder() {
    Long[] order = new Long[pageCount];
    Arrays.setAll(order, i -> (long) i);
    Arrays.sort(
        order,
        (a, b) -> {
          int i = 3 * a.intValue();
          int j = 3 * b.intValue();
          return pages[i] != pages[j]
              ? Long.compare(pages[i], pages[j])
              : Long.compare(pages[j + 1], pages[i + 1]);
        });
    return new java.util.AbstractList<>() {
      @Override
      public PageAt get(int index) {
        int i = 3 * order[index].intValue();
        return new PageAt(pages[i], pages[i + 1], pages[i + 2]);
      }

      @Override
      public int size() {
        return order.length;
      }
    };
  }

  int inJournal() {
    return count;
  }

  long sequence(int index) {
    return sequences[index];
  }

  long address(int index) {
    return addresses[index];
  }

  /// Entries of the journal by sequence, which is the order of the journal unless it is damaged; of
  /// two of the same sequence the newer one stays.
  void sortJournal() {
    boolean sorted = true;
    for (int i = 1; i < count && sorted; i++) {
      sorted = sequences[i - 1] < sequences[i];
    }
    if (sorted) {
      return;
    }
    TreeMap<Long, Long> newest = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      newest.put(sequences[i], addresses[i]);
    }
    count = 0;
    newest.forEach(this::foundInJournal);
  }

  long live() {
    long from = first();
    return next - from - settled.countIn(from, next);
  }

  private long first() {
    return originKnown ? 0 : Math.min(firstSeen, next);
  }

  /// The first live entry from a place on that nobody found; [#next] if there is none.
  long nextLost(long from) {
    long s = settled.nextAbsent(Math.max(from, first()));
    while (s < next && found.contains(s)) {
      s = settled.nextAbsent(s + 1);
    }
    return Math.min(s, next);
  }

  /// The end of a run of lost entries.
  long lostRunEnd(long from) {
    long s = from;
    while (s < next && isLive(s) && !found.contains(s)) {
      s++;
    }
    return s;
  }
}
