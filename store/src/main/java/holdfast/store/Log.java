package holdfast.store;

import java.util.ArrayList;

/// One append-only log: a durable queue's entries. Its id is never used again; an entry has its
/// sequence number for ever, is appended once and settled once.
///
/// Owned by the [Fold]; changed only by the thread that owns the store (the gate), and by recovery.
public final class Log {
  private final long id;

  /// Sequence of the next entry; the first is 0.
  private long next;

  private final SequenceSet settled;

  /// Entries below this may have been handed out before an unclean stop.
  private long dispatchMark;

  /// Where the entries lie, in order of sequence; a run without live entries is dropped.
  private final ArrayList<Run> runs = new ArrayList<>();

  /// Neighbouring entries whose bytes lie in the same segments.
  static final class Run {
    final long first;
    final long fromGeneration;
    final long generation;
    long live;

    Run(long first, long fromGeneration, long generation, long live) {
      this.first = first;
      this.fromGeneration = fromGeneration;
      this.generation = generation;
      this.live = live;
    }
  }

  Log(long id, long next, long low, long dispatchMark) {
    this.id = id;
    this.next = next;
    this.settled = new SequenceSet(low);
    this.dispatchMark = dispatchMark;
  }

  public long id() {
    return id;
  }

  /// The sequence that the next appended entry gets.
  public long next() {
    return next;
  }

  /// Entries below this sequence may have been delivered before the last start.
  public long dispatchMark() {
    return dispatchMark;
  }

  /// Entries appended and not settled.
  public long live() {
    long live = 0;
    for (Run run : runs) {
      live += run.live;
    }
    return live;
  }

  long low() {
    return settled.low();
  }

  SequenceSet settled() {
    return settled;
  }

  ArrayList<Run> runs() {
    return runs;
  }

  void markDispatched(long upTo) {
    dispatchMark = Math.max(dispatchMark, upTo);
  }

  /// Counts one entry, whose bytes lie in these segments.
  void append(long fromGeneration, long generation) {
    Run last = runs.isEmpty() ? null : runs.getLast();
    if (last == null || last.generation != generation || last.fromGeneration != fromGeneration) {
      if (last != null && last.live == 0) {
        runs.removeLast();
      }
      last = new Run(next, fromGeneration, generation, 0);
      runs.add(last);
    }
    last.live++;
    next++;
  }

  /// Settles one live entry and returns the run that held it. The caller has made sure, with
  /// [#isLive], that it is one.
  Run settle(long sequence) {
    boolean added = settled.add(sequence);
    assert added : "entry " + sequence + " of log " + id + " is settled twice";
    int index = search(sequence);
    Run run = runs.get(index);
    run.live--;
    assert run.live >= 0 : "log " + id + " has lost count of its live entries";
    if (run.live == 0 && index < runs.size() - 1) {
      runs.remove(index);
    }
    return run;
  }

  /// The last run that starts at or before a sequence.
  private int search(long sequence) {
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

  boolean isLive(long sequence) {
    return sequence >= 0 && sequence < next && !settled.contains(sequence);
  }
}
