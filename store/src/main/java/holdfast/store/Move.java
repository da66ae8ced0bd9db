package holdfast.store;

import holdfast.store.LogSegment.Piece;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Live entries on their way into new log segments: out of the journal, so that its oldest segments
/// can be used again, and out of log segments that are mostly dead. Planned by the owner of the
/// fold, copied in the background, and counted by the owner again; whoever reads an entry meanwhile
/// reads it where it was.
final class Move {
  /// A shared body below this is copied with each of its entries.
  static final int SHARED_BODY_BYTES_MIN = 512;

  /// A log with more than this share of the entries has files of its own.
  private static final int BIG_SHARE = 4;

  /// Enough for a place in a segment, below its number.
  private static final int PLACE_BITS = 40;

  private final Journal journal;
  private final Segments segments;
  private final Room room;
  private final JournalId journalId;
  private final StoreOptions options;

  private final List<Item> items = new ArrayList<>();
  private final List<Result> results = new ArrayList<>();
  private final LongMap bodies = new LongMap();
  private final List<Long> numbers = new ArrayList<>();
  private long entries;
  private long nextNumber;
  private @Nullable LogSegmentWriter writer;
  private volatile boolean hurried;

  /// On a full disk, where all goes that it has room for: what is left stays where it is.
  private @Nullable SegmentOutput kept;

  private boolean full;

  /// Entries of the journal, by sequence from `first` on; those to leave out have no address.
  private record FromJournal(
      long log, long live, long first, long[] addresses, Map<Long, long[]> parts) implements Item {}

  /// Entries of a piece; `bits` has one for each sequence from its first on, set if it is live.
  private record FromPiece(long log, long live, Piece piece, long[] bits) implements Item {}

  private sealed interface Item {
    long live();
  }

  /// What became of an item.
  ///
  /// @param old the piece that was rewritten; null for entries of the journal
  /// @param end entries below this have moved
  record Result(long log, long end, @Nullable Piece old, List<Piece> pieces) {}

  Move(Epoch epoch, StoreOptions options, long nextNumber) {
    journal = epoch.journal();
    segments = epoch.segments();
    room = epoch.room();
    journalId = epoch.journalId();
    this.options = options;
    this.nextNumber = nextNumber;
  }

  // --- planned by the owner ---

  /// Adds the entries of a log that lie in the journal, below `end`.
  void addJournal(Log log, long end) {
    AddressRing tail = log.tail();
    long first = tail.first();
    long[] addresses = new long[(int) (end - first)];
    long live = 0;
    for (long s = log.nextLive(first); s < end; s = log.nextLive(s + 1)) {
      addresses[(int) (s - first)] = tail.get(s);
      live++;
    }
    Map<Long, long[]> parts = new HashMap<>();
    log.large().headMap(end).forEach((s, large) -> parts.put(s, large.addresses()));
    items.add(new FromJournal(log.id(), live, first, addresses, parts));
    entries += live;
  }

  void addPiece(Log log, Piece piece) {
    long[] live = new long[(int) ((piece.end - piece.first + 63) / 64)];
    for (long s = log.nextLive(piece.first); s < piece.end; s = log.nextLive(s + 1)) {
      int bit = (int) (s - piece.first);
      live[bit >>> 6] |= 1L << bit;
    }
    items.add(new FromPiece(log.id(), piece.live(), piece, live));
    entries += piece.live();
  }

  boolean isEmpty() {
    return items.isEmpty();
  }

  long entries() {
    return entries;
  }

  List<Result> results() {
    return results;
  }

  /// Number of the next log segment.
  long nextNumber() {
    return nextNumber;
  }

  /// Has the rest copied without rests: the journal has grown too long meanwhile. Any thread.
  void hurry() {
    hurried = true;
  }

  // --- copied in the background ---

  /// On return the new segments are on stable storage under their names. If it fails nothing of
  /// them is left. On a full disk it is what one file of the reserve takes, and no more.
  void run() throws IOException {
    items.sort((a, b) -> Boolean.compare(isBig(a), isBig(b)));
    try {
      copyAll();
    } catch (IOException e) {
      SegmentOutput output =
          room.isFull(e, options.segmentBytesFirst())
              ? segments.createInKept(Segments.Kind.LOG, nextNumber)
              : null;
      if (output == null) {
        throw e;
      }
      kept = output;
      copyIntoKept(output, e);
    }
  }

  private void copyIntoKept(SegmentOutput output, IOException cause) throws IOException {
    try (output) {
      copyAll();
    } catch (IOException | RuntimeException e) {
      e.addSuppressed(cause);
      throw e;
    }
  }

  private void copyAll() throws IOException {
    // One reader for all: a record that holds entries of many logs is read once.
    try (JournalEntries entriesOf =
        new JournalEntries(journal::openToScan, true, segments.description())) {
      for (Item item : items) {
        if (full) {
          break;
        }
        if (isBig(item)) {
          finishWriter();
        }
        switch (item) {
          case FromJournal j -> copy(j, entriesOf);
          case FromPiece p -> copy(p);
        }
      }
      if (results.isEmpty()) {
        throw new IOException("the first message to be moved does not fit into the reserve");
      }
      finishWriter();
      segments.force();
    } catch (IOException | RuntimeException e) {
      LogSegmentWriter open = writer;
      if (open != null) {
        open.close();
      }
      writer = null;
      for (long number : numbers) {
        segments.delete(Segments.Kind.LOG, number);
      }
      numbers.clear();
      results.clear();
      bodies.clear();
      full = false;
      throw e;
    }
  }

  /// Whether the next entry goes to the open file; if not, the move ends here.
  private boolean fits(Bytes.Slice header, Bytes.Slice body) {
    full = !requireWriter().hasRoom(header.length() + 2 * body.length());
    return !full;
  }

  /// In a file of its own; on a full disk all goes to one.
  private boolean isBig(Item item) {
    return kept == null && items.size() > 1 && item.live() > entries / BIG_SHARE;
  }

  private void copy(FromJournal item, JournalEntries from) throws IOException {
    List<Piece> pieces = new ArrayList<>(1);
    beginPiece(item.log, item.first);
    for (int i = 0; i < item.addresses.length; i++) {
      long sequence = item.first + i;
      if (item.addresses[i] == Address.NONE) {
        continue;
      }
      from.read(item.log, sequence, item.addresses[i], item.parts.get(sequence));
      if (!fits(from.header, from.body)) {
        endPiece(sequence, pieces);
        if (!pieces.isEmpty()) {
          results.add(new Result(item.log, sequence, null, pieces));
        }
        return;
      }
      LogSegmentWriter out = writerAt(item.log, sequence, pieces);
      boolean shared = from.targets > 1 && from.body.length() > SHARED_BODY_BYTES_MIN;
      long bodyPage = 0;
      if (shared) {
        bodyPage = bodies.get(from.bodyKey);
        if (bodyPage == 0) {
          bodyPage = out.body(item.log, sequence, from.body);
          bodies.put(from.bodyKey, bodyPage);
        }
      }
      out.entry(sequence, from.offered, from.header, from.body, bodyPage);
    }
    long end = item.first + item.addresses.length;
    endPiece(end, pieces);
    results.add(new Result(item.log, end, null, pieces));
  }

  private void copy(FromPiece item) throws IOException {
    Piece old = item.piece;
    List<Piece> pieces = new ArrayList<>(1);
    beginPiece(item.log, old.first);
    try (LogSegmentReader reader = new LogSegmentReader(segments, old.segment.number)) {
      reader.seek(reader.readIndex(old), old.first);
      while (reader.next(item.log)) {
        int bit = (int) (reader.sequence - old.first);
        if ((item.bits[bit >>> 6] & 1L << bit) == 0) {
          continue;
        }
        if (kept != null && reader.bodyPage != 0) {
          reader.body.of(reader.loadBody());
        }
        if (!fits(reader.header, reader.body)) {
          requireWriter().dropPiece();
          return;
        }
        LogSegmentWriter out = writerAt(item.log, reader.sequence, pieces);
        long bodyPage = 0;
        if (reader.bodyPage != 0) {
          // A place in a segment, told apart from the addresses that stand for bodies above.
          long key = -(old.segment.number << PLACE_BITS | reader.bodyPage);
          bodyPage = bodies.get(key);
          reader.body.of(reader.loadBody());
          if (bodyPage == 0) {
            bodyPage = out.body(item.log, reader.sequence, reader.body);
            bodies.put(key, bodyPage);
          }
        }
        out.entry(reader.sequence, reader.offered, reader.header, reader.body, bodyPage);
      }
    }
    endPiece(old.end, pieces);
    results.add(new Result(item.log, old.end, old, pieces));
  }

  private void beginPiece(long log, long first) throws IOException {
    LogSegmentWriter open = writer;
    if (open == null) {
      long number = nextNumber++;
      numbers.add(number);
      SegmentOutput output = kept != null ? kept : segments.create(Segments.Kind.LOG, number);
      open = new LogSegmentWriter(output, journalId, number, options.logPageBytes());
      writer = open;
    }
    open.beginPiece(log, first);
  }

  /// The writer for the next entry: another one when the file is full.
  private LogSegmentWriter writerAt(long log, long sequence, List<Piece> pieces)
      throws IOException {
    LogSegmentWriter open = requireWriter();
    if (hurried) {
      open.hurry();
    }
    if (kept != null || open.bytes() < options.segmentBytesMax()) {
      return open;
    }
    endPiece(sequence, pieces);
    finishWriter();
    beginPiece(log, sequence);
    return requireWriter();
  }

  private LogSegmentWriter requireWriter() {
    LogSegmentWriter open = writer;
    if (open == null) {
      throw new IllegalStateException("no log segment is being written");
    }
    return open;
  }

  private void endPiece(long end, List<Piece> pieces) throws IOException {
    Piece piece = requireWriter().endPiece(end);
    if (piece != null) {
      pieces.add(piece);
    }
  }

  private void finishWriter() throws IOException {
    LogSegmentWriter open = writer;
    if (open != null) {
      open.finish();
      writer = null;
      bodies.clear();
    }
  }
}
