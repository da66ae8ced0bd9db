package holdfast.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads entries of one log segment. Every page is checked before it is used. For one thread; who
/// uses it has pinned the segment.
final class LogSegmentReader implements Closeable {
  private final Segments segments;
  private final long number;
  private final FileWindow window;

  /// Where pages of shared bodies are read, so that the reading of entries does not jump.
  private @Nullable FileWindow bodies;

  /// The entry that [#next] moved to.
  long sequence;

  boolean offered;
  final Bytes.Slice header = new Bytes.Slice();
  final Bytes.Slice body = new Bytes.Slice();

  /// Place of the body's own page, or 0 if the body stands in the entry.
  long bodyPage;

  private final List<Long> footerLogs = new ArrayList<>();
  private long footerAt;
  private long walkedPage;
  private PageIndex index = PageIndex.NONE;
  private int page;
  private ByteBuffer entries = ByteBuffer.allocate(0);
  private int entriesLeft;

  /// Of the page that was read last.
  private int pageCount;

  private long pageLog;
  private long pageFirst;
  private int bodyPageLength;
  private long loadedPage;
  private byte[] loaded = {};

  LogSegmentReader(Segments segments, long number) throws IOException {
    this.segments = segments;
    this.number = number;
    window = open(segments, number);
  }

  /// One of a directory.
  LogSegmentReader(Disk disk, long number) throws IOException {
    this(new LocalSegments(disk), number);
  }

  private static FileWindow open(Segments segments, long number) throws IOException {
    return new FileWindow(segments.open(Segments.Kind.LOG, number), LogSegmentFiles.name(number));
  }

  /// Throws if a segment is not there as it was begun.
  static void requireHead(Segments segments, long number, JournalId journalId) throws IOException {
    String name = LogSegmentFiles.name(number);
    try (FileWindow file = open(segments, number)) {
      file.at(0, Disk.BLOCK_BYTES);
      if (!LogSegmentLayout.readHead(file.bytes(), number, name).equals(journalId)) {
        throw new CorruptionException("log segment " + name + " belongs to another journal");
      }
    }
  }

  /// Where the pages of a piece stand: for each its first sequence, offset and length.
  record PageIndex(long[] firsts, long[] offsets, int[] lengths) {
    static final PageIndex NONE = new PageIndex(new long[0], new long[0], new int[0]);

    /// The page that holds a sequence, if any page does.
    int pageOf(long sequence) {
      int low = 0;
      int high = firsts.length - 1;
      while (low < high) {
        int middle = (low + high + 1) >>> 1;
        if (firsts[middle] <= sequence) {
          low = middle;
        } else {
          high = middle - 1;
        }
      }
      return low;
    }
  }

  PageIndex readIndex(LogSegment.Piece piece) throws IOException {
    ByteBuffer payload = page(piece.indexAt, piece.indexBytes, LogSegmentLayout.INDEX);
    ByteReader in = new ByteReader(payload);
    try {
      int pages = pageCount;
      PageIndex read = new PageIndex(new long[pages], new long[pages], new int[pages]);
      long first = piece.first;
      long offset = 0;
      for (int i = 0; i < pages; i++) {
        first += in.varint();
        offset += in.varint();
        read.firsts[i] = first;
        read.offsets[i] = offset;
        read.lengths[i] = Math.toIntExact(in.varint());
      }
      return read;
    } catch (ByteReader.MalformedException | ArithmeticException e) {
      throw damaged(piece.indexAt, e.getMessage());
    }
  }

  /// The payload of a page, in a copy-free view that is valid until the next is read.
  private ByteBuffer page(long at, int length, int kind) throws IOException {
    int place = window.at(at, length);
    LogSegmentLayout.Page found = LogSegmentLayout.decode(window.bytes(), place);
    if (found == null || found.length() != length || found.kind() != kind) {
      throw damaged(at, "the page is not whole");
    }
    return payload(found, place);
  }

  private ByteBuffer payload(LogSegmentLayout.Page found, int place) {
    pageCount = found.count();
    pageLog = found.log();
    pageFirst = found.first();
    int bytes = found.length() - LogSegmentLayout.HEADER_BYTES;
    return window
        .bytes()
        .slice(place + LogSegmentLayout.HEADER_BYTES, bytes)
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  /// Goes to the page of a piece in which a sequence stands or would stand.
  void seek(PageIndex index, long from) {
    this.index = index;
    page = index.pageOf(from);
    entriesLeft = 0;
    entries = ByteBuffer.allocate(0);
  }

  /// Moves to the next entry of this log; false at the end of the piece. [#header] and [#body] are
  /// valid until the next call or the next [#loadBody].
  boolean next(long log) throws IOException {
    while (entriesLeft == 0) {
      if (page >= index.firsts.length) {
        return false;
      }
      long at = index.offsets[page];
      entries = page(at, index.lengths[page], LogSegmentLayout.ENTRIES);
      if (pageLog != log || pageFirst != index.firsts[page]) {
        throw damaged(at, "it is a page of log " + pageLog);
      }
      entriesLeft = pageCount;
      sequence = pageFirst;
      page++;
    }
    readEntry(index.offsets[page - 1]);
    return true;
  }

  // --- whole files, whatever is in them ---

  long fileBytes() {
    return window.fileBytes();
  }

  /// The page that begins at a place; null if none is whole there. Its entries, if it has any, are
  /// read by [#nextOfPage].
  LogSegmentLayout.@Nullable Page pageAt(long at) throws IOException {
    int place = window.at(at, LogSegmentLayout.HEADER_BYTES);
    if (window.bytes().limit() - place < LogSegmentLayout.HEADER_BYTES) {
      return null;
    }
    int length = LogSegmentLayout.length(window.bytes(), place);
    if (length < LogSegmentLayout.HEADER_BYTES || length > fileBytes() - at) {
      return null;
    }
    place = window.at(at, length);
    LogSegmentLayout.Page found = LogSegmentLayout.decode(window.bytes(), place);
    if (found != null && found.kind() == LogSegmentLayout.ENTRIES) {
      entries = payload(found, place);
      entriesLeft = pageCount;
      sequence = pageFirst;
      walkedPage = at;
    }
    return found;
  }

  /// Where the page behind the one at `at` begins, if that one says its length.
  long placeBehind(long at) throws IOException {
    int place = window.at(at, LogSegmentLayout.HEADER_BYTES);
    if (window.bytes().limit() - place < LogSegmentLayout.HEADER_BYTES) {
      return -1;
    }
    int length = LogSegmentLayout.length(window.bytes(), place);
    return length < LogSegmentLayout.HEADER_BYTES || length > fileBytes() - at
        ? -1
        : at + Bytes.align8(length);
  }

  /// Moves to the next entry of the page that [#pageAt] found; false when there is no more.
  boolean nextOfPage() throws CorruptionException {
    if (entriesLeft == 0) {
      return false;
    }
    readEntry(walkedPage);
    return true;
  }

  /// Length of the body that stands apart.
  int bodyPageLength() {
    return bodyPageLength;
  }

  /// A block of the file, as it is; empty behind its end.
  ByteBuffer block(long at) throws IOException {
    int place = window.at(at, Disk.BLOCK_BYTES);
    int length = Math.min(Disk.BLOCK_BYTES, window.bytes().limit() - place);
    return window.bytes().slice(place, length).order(ByteOrder.LITTLE_ENDIAN);
  }

  /// The pieces that the footer names. Throws if the end or the footer is damaged.
  List<LogSegment.Piece> readFooter(LogSegment segment) throws IOException {
    long blockAt = Math.max(0, fileBytes() - Disk.BLOCK_BYTES);
    LogSegmentLayout.End end =
        LogSegmentLayout.readEnd(block(blockAt), segment.number, window.name());
    if (end.footerAt() < Disk.BLOCK_BYTES || end.footerAt() > blockAt) {
      throw damaged(blockAt, "its footer lies outside of it");
    }
    ByteReader in =
        new ByteReader(page(end.footerAt(), end.footerBytes(), LogSegmentLayout.FOOTER));
    List<LogSegment.Piece> pieces = new ArrayList<>();
    footerLogs.clear();
    footerAt = end.footerAt();
    try {
      for (int n = pageCount; n > 0; n--) {
        footerLogs.add(in.varint());
        pieces.add(
            new LogSegment.Piece(
                segment,
                in.varint(),
                in.varint(),
                in.varint(),
                in.varint(),
                in.varint(),
                Math.toIntExact(in.varint())));
      }
    } catch (ByteReader.MalformedException | ArithmeticException e) {
      throw damaged(end.footerAt(), e.getMessage());
    }
    return pieces;
  }

  /// The log of each piece that [#readFooter] read last.
  List<Long> footerLogs() {
    return footerLogs;
  }

  /// Where the footer stands that [#readFooter] read last.
  long footerAt() {
    return footerAt;
  }

  private void readEntry(long at) throws CorruptionException {
    entriesLeft--;
    ByteReader in = new ByteReader(entries);
    try {
      sequence += in.varint();
      int flags = in.u8();
      offered = (flags & LogSegmentLayout.OFFERED) != 0;
      int headerLength = in.count();
      header.of(entries, in.position(), headerLength);
      in.skip(headerLength);
      long bodyLength = in.varint();
      if ((flags & LogSegmentLayout.BODY_APART) == 0) {
        bodyPage = 0;
        body.of(entries, in.position(), Math.toIntExact(bodyLength));
        in.skip(bodyLength);
      } else {
        bodyPage = in.varint();
        bodyPageLength = Math.toIntExact(bodyLength);
      }
    } catch (ByteReader.MalformedException | ArithmeticException e) {
      throw damaged(at, e.getMessage());
    }
  }

  /// Bytes of the body that stands apart. The same array for entries that follow each other and
  /// share it.
  byte[] loadBody() throws IOException {
    if (loadedPage != bodyPage) {
      FileWindow apart = bodies;
      if (apart == null) {
        apart = open(segments, number);
        bodies = apart;
      }
      int length = LogSegmentLayout.HEADER_BYTES + bodyPageLength;
      int place = apart.at(bodyPage, length);
      LogSegmentLayout.Page found = LogSegmentLayout.decode(apart.bytes(), place);
      if (found == null || found.length() != length || found.kind() != LogSegmentLayout.BODY) {
        throw damaged(bodyPage, "the page of a body is not whole");
      }
      loaded = new byte[bodyPageLength];
      apart.bytes().get(place + LogSegmentLayout.HEADER_BYTES, loaded);
      loadedPage = bodyPage;
    }
    return loaded;
  }

  /// An entry that should be here is not.
  CorruptionException lacks(long log, long sequence) {
    return new CorruptionException(
        "log segment "
            + window.name()
            + " in "
            + segments.description()
            + " lacks entry "
            + sequence
            + " of log "
            + log
            + ", which was confirmed");
  }

  private CorruptionException damaged(long at, @Nullable String what) {
    return new CorruptionException(
        "log segment "
            + window.name()
            + " in "
            + segments.description()
            + " is damaged at offset "
            + at
            + ": "
            + what);
  }

  @Override
  public void close() throws IOException {
    FileWindow apart = bodies;
    try (window) {
      if (apart != null) {
        apart.close();
      }
    }
  }
}
