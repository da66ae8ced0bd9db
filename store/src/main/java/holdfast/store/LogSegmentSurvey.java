package holdfast.store;

import holdfast.store.LogSegment.Piece;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Reads one log segment from its first byte to its last, past whatever is damaged: tells each
/// damaged place, and ticks off the live entries that it meets.
///
/// Behind a damaged page it goes on where a whole page is known to begin: where that page's own
/// length says, or where an index says. It does not search, for what it finds that way could be the
/// inside of somebody's message.
final class LogSegmentSurvey {
  private final Disk disk;
  private final JournalId journalId;
  private final SurveyedRecords records;
  private final List<Damage> damages;
  private final long number;
  private final String name;
  private final boolean needed;
  private final List<PieceOf> expected;

  /// Pages of shared bodies: offset -> length + 1.
  private final LongMap bodies = new LongMap();

  /// For each piece of the checkpoint that lies here, live entries met.
  private final Map<Piece, long[]> seen = new HashMap<>();

  private final int damagesBefore;
  private @Nullable TreeSet<Long> knownPages;

  /// A piece that the checkpoint names, and its log.
  record PieceOf(SurveyedLog log, Piece piece) {}

  LogSegmentSurvey(
      Disk disk,
      JournalId journalId,
      SurveyedRecords records,
      List<Damage> damages,
      long number,
      boolean needed,
      List<PieceOf> expected) {
    this.disk = disk;
    this.journalId = journalId;
    this.records = records;
    this.damages = damages;
    this.number = number;
    this.name = LogSegmentFiles.name(number);
    this.needed = needed;
    this.expected = expected;
    this.damagesBefore = damages.size();
  }

  private void tell(long offset, String what) {
    damages.add(new Damage(name, offset, what, !needed));
  }

  void run() throws IOException {
    try (LogSegmentReader reader = new LogSegmentReader(disk, number)) {
      if (!readHead(reader)) {
        return;
      }
      long footerAt = readPages(reader);
      readEnd(reader, footerAt);
      readIndexes(reader);
    }
  }

  /// False for a file that is not of this journal.
  private boolean readHead(LogSegmentReader reader) throws IOException {
    try {
      JournalId found = LogSegmentLayout.readHead(reader.block(0), number, name);
      if (!found.equals(journalId)) {
        tell(0, "it belongs to another journal");
        return false;
      }
    } catch (AnotherFormatException e) {
      throw e;
    } catch (CorruptionException e) {
      tell(0, "the first block is not the header it was given");
    }
    return true;
  }

  /// Where the footer stands; -1 if it was not met.
  private long readPages(LogSegmentReader reader) throws IOException {
    long at = Disk.BLOCK_BYTES;
    while (at >= 0 && at < reader.fileBytes()) {
      LogSegmentLayout.Page page = reader.pageAt(at);
      if (page == null) {
        at = behindDamage(reader, at);
        continue;
      }
      switch (page.kind()) {
        case LogSegmentLayout.ENTRIES -> readEntries(reader, page, at);
        case LogSegmentLayout.BODY ->
            bodies.put(at, page.length() - LogSegmentLayout.HEADER_BYTES + 1);
        case LogSegmentLayout.INDEX -> {}
        case LogSegmentLayout.FOOTER -> {
          return at;
        }
        default -> tell(at, "a page of unknown kind " + page.kind());
      }
      at += Bytes.align8(page.length());
    }
    return -1;
  }

  private long behindDamage(LogSegmentReader reader, long at) throws IOException {
    long next = reader.placeBehind(at);
    if (next < 0 || reader.pageAt(next) == null) {
      Long known = knownPages().higher(at);
      next = known == null ? -1 : known;
    }
    tell(
        at,
        next < 0
            ? "a page is damaged, and nothing tells where the next one begins"
            : "the pages from here to offset " + next + " are damaged");
    return next;
  }

  /// Where pages begin, as far as footer, indexes and checkpoint tell.
  private TreeSet<Long> knownPages() throws IOException {
    TreeSet<Long> known = knownPages;
    if (known == null) {
      known = new TreeSet<>();
      knownPages = known;
      List<Piece> pieces = new ArrayList<>();
      expected.forEach(each -> pieces.add(each.piece));
      try (LogSegmentReader other = new LogSegmentReader(disk, number)) {
        addFooter(other, pieces, known);
        for (Piece piece : pieces) {
          addIndex(other, piece, known);
        }
      }
    }
    return known;
  }

  private void addFooter(LogSegmentReader reader, List<Piece> pieces, TreeSet<Long> known)
      throws IOException {
    try {
      pieces.addAll(reader.readFooter(new LogSegment(number, reader.fileBytes(), 0)));
      known.add(reader.footerAt());
    } catch (CorruptionException e) {
      // Told where the end is looked at; nothing is known from the footer then.
      return;
    }
  }

  private static void addIndex(LogSegmentReader reader, Piece piece, TreeSet<Long> known)
      throws IOException {
    try {
      LogSegmentReader.PageIndex index = reader.readIndex(piece);
      known.add(piece.indexAt);
      for (long offset : index.offsets()) {
        known.add(offset);
      }
    } catch (CorruptionException e) {
      // Told where the checkpoint's pieces are looked at; nothing is known from this index then.
      return;
    }
  }

  private void readEntries(LogSegmentReader reader, LogSegmentLayout.Page page, long at)
      throws IOException {
    SurveyedLog log = records.ofPage(page.log());
    if (log == null) {
      return;
    }
    boolean anyLive = false;
    try {
      while (reader.nextOfPage()) {
        long sequence = reader.sequence;
        if (!log.isLive(sequence) || !hasBody(reader, log, at)) {
          continue;
        }
        anyLive = true;
        if (log.originKnown) {
          log.found(sequence);
        } else {
          log.saw(sequence);
          log.found(sequence);
        }
        count(log, sequence);
      }
    } catch (CorruptionException e) {
      tell(at, "a page whose checksum is right holds what no store wrote");
    }
    if (anyLive) {
      log.addPage(page.first(), number, at);
    }
  }

  private boolean hasBody(LogSegmentReader reader, SurveyedLog log, long at) {
    if (reader.bodyPage == 0 || bodies.get(reader.bodyPage) == reader.bodyPageLength() + 1L) {
      return true;
    }
    if (damages.size() == damagesBefore) {
      tell(at, "entry " + reader.sequence + " of log " + log.id + " names a body that is not here");
    }
    return false;
  }

  private void count(SurveyedLog log, long sequence) {
    Piece piece = log.pieceOf(sequence);
    if (piece != null && piece.segment.number == number) {
      seen.computeIfAbsent(piece, each -> new long[1])[0]++;
    }
  }

  private void readEnd(LogSegmentReader reader, long footerAt) throws IOException {
    long endAt = Math.max(0, reader.fileBytes() - Disk.BLOCK_BYTES);
    try {
      LogSegmentLayout.End end = LogSegmentLayout.readEnd(reader.block(endAt), number, name);
      if (footerAt < 0) {
        reader.readFooter(new LogSegment(number, reader.fileBytes(), 0));
      } else if (end.footerAt() != footerAt) {
        tell(endAt, "its footer stands elsewhere than its last block says");
      }
    } catch (CorruptionException e) {
      tell(endAt, "its end is damaged or missing");
    }
  }

  /// The pieces that the checkpoint has here must hold what is live in them.
  private void readIndexes(LogSegmentReader reader) throws IOException {
    for (PieceOf each : expected) {
      require(reader, each.log, each.piece);
    }
  }

  private void require(LogSegmentReader reader, SurveyedLog log, Piece piece) throws IOException {
    try {
      reader.readIndex(piece);
    } catch (CorruptionException e) {
      tell(piece.indexAt, "the index of the pages of log " + log.id + " is damaged");
    }
    long live = piece.end - piece.first - log.settled.countIn(piece.first, piece.end);
    long[] met = seen.get(piece);
    if (damages.size() == damagesBefore && live != (met == null ? 0 : met[0])) {
      tell(
          piece.indexAt,
          "of "
              + live
              + " live entries of log "
              + log.id
              + (met == null ? " none" : " not all")
              + " are here");
    }
  }
}
