package holdfast.store;

import holdfast.store.LogSegment.Piece;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Entries on their way back from disk. The owner of the store says which, and pins the segments
/// they lie in; a reader's thread reads them; the owner takes over what was read. Nobody waits.
final class Fetches {
  /// Page lists that are kept in memory; those of other pieces are read again when they are needed.
  private static final int INDEXES_MAX = 32;

  private final Journal journal;
  private final Pins journalPins;
  private final Segments segments;
  private final Pins segmentPins;
  private final Executor readers;
  private final Runnable onDone;
  private final Consumer<Throwable> onFailure;
  private final ConcurrentLinkedQueue<Done> done = new ConcurrentLinkedQueue<>();

  /// The page lists used last. Guarded by itself.
  private final Map<Piece, LogSegmentReader.PageIndex> indexes =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Piece, LogSegmentReader.PageIndex> eldest) {
          return size() > INDEXES_MAX;
        }
      };

  private record Done(Store.FetchSink sink, List<FetchedEntry> entries) {}

  /// Live entries that are asked for, by log, as far as the bytes go.
  private record Wanted(long log, long[] sequences, int count, int bytesMax) {}

  /// @param onDone called by a reader's thread when there is something to [#handOver]
  Fetches(
      Epoch epoch,
      Pins journalPins,
      Pins segmentPins,
      Executor readers,
      Runnable onDone,
      Consumer<Throwable> onFailure) {
    journal = epoch.journal();
    segments = epoch.segments();
    this.journalPins = journalPins;
    this.segmentPins = segmentPins;
    this.readers = readers;
    this.onDone = onDone;
    this.onFailure = onFailure;
  }

  // --- the owner's part ---

  void begin(Log log, long from, long to, int bytesMax, int countMax, Store.FetchSink sink) {
    long end = Math.min(to, log.next());
    long first = log.nextLive(from);
    if (first >= end) {
      done.add(new Done(sink, List.of()));
      onDone.run();
      return;
    }
    int index = log.pieceIndex(first);
    Piece piece = index < log.pieces().size() ? log.pieces().get(index) : null;
    if (piece != null && piece.first <= first) {
      fetchPiece(piece, wanted(log, first, Math.min(end, piece.end), bytesMax, countMax), sink);
    } else {
      fetchJournal(log, wanted(log, first, end, bytesMax, countMax), sink);
    }
  }

  private static Wanted wanted(Log log, long first, long end, int bytesMax, int countMax) {
    long[] sequences = new long[(int) Math.min(countMax, end - first)];
    int count = 0;
    for (long s = first; s < end && count < sequences.length; s = log.nextLive(s + 1)) {
      sequences[count++] = s;
    }
    return new Wanted(log.id(), sequences, count, bytesMax);
  }

  private void fetchJournal(Log log, Wanted wanted, Store.FetchSink sink) {
    long[] addresses = new long[wanted.count];
    Map<Long, long[]> parts = new HashMap<>();
    Set<Long> generations = new TreeSet<>();
    for (int i = 0; i < wanted.count; i++) {
      long sequence = wanted.sequences[i];
      addresses[i] = log.tail().get(sequence);
      generations.add(Address.generation(addresses[i]));
      LargeParts large = log.large(sequence);
      if (large != null) {
        parts.put(sequence, large.addresses());
        for (long part : large.addresses()) {
          generations.add(Address.generation(part));
        }
      }
    }
    generations.forEach(journalPins::pin);
    execute(
        sink,
        () -> readJournal(wanted, addresses, parts),
        () -> generations.forEach(journalPins::unpin));
  }

  private void fetchPiece(Piece piece, Wanted wanted, Store.FetchSink sink) {
    segmentPins.pin(piece.segment.number);
    execute(sink, () -> readPiece(piece, wanted), () -> segmentPins.unpin(piece.segment.number));
  }

  boolean hasDone() {
    return !done.isEmpty();
  }

  boolean handOver() {
    Done next = done.poll();
    if (next == null) {
      return false;
    }
    next.sink.fetched(next.entries);
    return true;
  }

  // --- the reader's part ---

  private interface Read {
    List<FetchedEntry> read() throws IOException;
  }

  private void execute(Store.FetchSink sink, Read read, Runnable unpin) {
    readers.execute(() -> {
      try {
        done.add(new Done(sink, read.read()));
      } catch (IOException | RuntimeException | Error e) {
        // Also for want of memory: a queue waits for this, and would for ever.
        onFailure.accept(e);
        return;
      } finally {
        unpin.run();
      }
      onDone.run();
    });
  }

  private List<FetchedEntry> readJournal(Wanted wanted, long[] addresses, Map<Long, long[]> parts)
      throws IOException {
    List<FetchedEntry> entries = new ArrayList<>();
    long bytes = 0;
    try (JournalEntries reader = new JournalEntries(journal::open, false, segments.description())) {
      for (int i = 0; i < wanted.count && (i == 0 || bytes < wanted.bytesMax); i++) {
        long sequence = wanted.sequences[i];
        reader.read(wanted.log, sequence, addresses[i], parts.get(sequence));
        entries.add(
            new FetchedEntry(
                sequence, reader.header.toBytes(), reader.body.toBytes(), reader.offered));
        bytes += reader.header.length() + reader.body.length();
      }
    }
    return entries;
  }

  private List<FetchedEntry> readPiece(Piece piece, Wanted wanted) throws IOException {
    List<FetchedEntry> entries = new ArrayList<>();
    long bytes = 0;
    try (LogSegmentReader reader = new LogSegmentReader(segments, piece.segment.number)) {
      reader.seek(index(piece, reader), wanted.sequences[0]);
      for (int i = 0; i < wanted.count && (i == 0 || bytes < wanted.bytesMax); i++) {
        do {
          if (!reader.next(wanted.log)) {
            throw reader.lacks(wanted.log, wanted.sequences[i]);
          }
        } while (reader.sequence < wanted.sequences[i]);
        if (reader.sequence > wanted.sequences[i]) {
          throw reader.lacks(wanted.log, wanted.sequences[i]);
        }
        byte[] body = reader.bodyPage == 0 ? reader.body.toBytes() : reader.loadBody();
        entries.add(
            new FetchedEntry(reader.sequence, reader.header.toBytes(), body, reader.offered));
        bytes += reader.header.length() + body.length;
      }
    }
    return entries;
  }

  private LogSegmentReader.PageIndex index(Piece piece, LogSegmentReader reader)
      throws IOException {
    LogSegmentReader.@Nullable PageIndex known;
    synchronized (indexes) {
      known = indexes.get(piece);
    }
    if (known == null) {
      known = reader.readIndex(piece);
      synchronized (indexes) {
        indexes.put(piece, known);
      }
    }
    return known;
  }
}
