package holdfast.store;

import holdfast.store.LogSegment.Piece;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/// Writes one log segment, front to back, in large durable writes with rests between them so that
/// commits pass. For one background thread.
final class LogSegmentWriter implements Closeable {
  private static final int OUTPUT_BYTES = 512 * 1024;
  private static final int RESTS = 2;
  private static final byte[] PADDING = new byte[Disk.BLOCK_BYTES];

  /// At most what the end takes: padding, a block, and some bytes for each of the last numbers.
  private static final int END_BYTES = 3 * Disk.BLOCK_BYTES;

  private final long number;
  private final int pageBytes;
  private final SegmentOutput file;

  private final Pace pace = new Pace(RESTS);
  private boolean hurried;
  private final ByteBuffer output = Bytes.alignedBuffer(OUTPUT_BYTES);

  /// Where the output's first byte goes.
  private long outputAt;

  /// The page that fills; a heap buffer that grows with the largest entry.
  private ByteBuffer page;

  private long pageLog;
  private long pageFirst;
  private long pageLast;
  private int pageCount;

  private final LogSegment segment;
  private final ByteWriter footer = new ByteWriter(256);
  private int pieces;

  // The piece that is written.
  private long pieceLog;
  private long pieceStart;
  private long pieceEntries;
  private long pieceBytes;
  private final ByteWriter index = new ByteWriter(256);
  private int indexPages;
  private long indexSequence;
  private long indexOffset;

  LogSegmentWriter(SegmentOutput file, JournalId journalId, long number, int pageBytes)
      throws IOException {
    this.file = file;
    this.number = number;
    this.pageBytes = pageBytes;
    this.segment = new LogSegment(number, 0, 0);
    page = newPage(pageBytes + pageBytes / 2);
    ByteBuffer head = ByteBuffer.allocate(Disk.BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    LogSegmentLayout.putHead(head, journalId, number);
    pace.begin();
    put(head.array(), Disk.BLOCK_BYTES);
  }

  private static ByteBuffer newPage(int bytes) {
    ByteBuffer page = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    return page.position(LogSegmentLayout.HEADER_BYTES);
  }

  /// Leaves the rests out from now on.
  void hurry() {
    hurried = true;
  }

  /// Bytes written so far.
  long bytes() {
    return outputAt + output.position();
  }

  /// Whether there is room for an entry of so many bytes and for what completes the file then.
  boolean hasRoom(int entryBytes) {
    if (file.room() == SegmentOutput.UNBOUNDED) {
      return true;
    }
    long open = (long) page.position() + entryBytes + index.length() + footer.length();
    return bytes() + open + 8L * LogSegmentLayout.HEADER_BYTES + END_BYTES <= file.room();
  }

  /// Forgets the piece that is being written: what there is of it in the file means nothing.
  void dropPiece() {
    pageCount = 0;
    page.clear().position(LogSegmentLayout.HEADER_BYTES);
  }

  /// Begins a piece: entries of one log follow, in order of sequence.
  void beginPiece(long log, long first) {
    pieceLog = log;
    pieceStart = first;
    pieceEntries = 0;
    pieceBytes = 0;
    index.clear();
    indexPages = 0;
    indexSequence = first;
    indexOffset = 0;
  }

  /// Adds an entry with its body, or with the place of a [#body] written before where `bodyPage` is
  /// not 0.
  void entry(long sequence, boolean offered, Bytes.Slice header, Bytes.Slice body, long bodyPage)
      throws IOException {
    int need = 40 + header.length() + (bodyPage == 0 ? body.length() : 0);
    if (pageCount > 0 && page.position() + need > pageBytes) {
      endPage();
    }
    if (page.remaining() < need) {
      page = newPage(LogSegmentLayout.HEADER_BYTES + need);
    }
    if (pageCount == 0) {
      pageLog = pieceLog;
      pageFirst = sequence;
      pageLast = sequence;
    }
    int before = page.position();
    Bytes.putVarint(page, sequence - pageLast);
    int apart = bodyPage == 0 ? 0 : LogSegmentLayout.BODY_APART;
    page.put((byte) ((offered ? LogSegmentLayout.OFFERED : 0) | apart));
    Bytes.putVarint(page, header.length());
    header.copyTo(page);
    Bytes.putVarint(page, body.length());
    if (bodyPage == 0) {
      body.copyTo(page);
    } else {
      Bytes.putVarint(page, bodyPage);
    }
    pageLast = sequence;
    pageCount++;
    pieceEntries++;
    pieceBytes += page.position() - before;
  }

  /// Writes a body that several entries have; returns its place.
  long body(long log, long sequence, Bytes.Slice body) throws IOException {
    ByteBuffer whole = newPage(LogSegmentLayout.HEADER_BYTES + body.length());
    body.copyTo(whole);
    return putPage(whole, LogSegmentLayout.BODY, 1, log, sequence);
  }

  private void endPage() throws IOException {
    if (pageCount == 0) {
      return;
    }
    int length = page.position();
    long at = putPage(page, LogSegmentLayout.ENTRIES, pageCount, pageLog, pageFirst);
    index.varint(pageFirst - indexSequence).varint(at - indexOffset).varint(length);
    indexSequence = pageFirst;
    indexOffset = at;
    indexPages++;
    pageCount = 0;
    page =
        page.capacity() > 4 * pageBytes
            ? newPage(pageBytes + pageBytes / 2)
            : page.clear().position(LogSegmentLayout.HEADER_BYTES);
  }

  /// Ends the piece; it stands for the range up to `end`, whether there are entries to its end or
  /// not. Null if there was none at all.
  @Nullable Piece endPiece(long end) throws IOException {
    endPage();
    if (pieceEntries == 0) {
      return null;
    }
    ByteBuffer page = newPage(LogSegmentLayout.HEADER_BYTES + index.length());
    page.put(index.array(), 0, index.length());
    int bytes = page.position();
    long at = putPage(page, LogSegmentLayout.INDEX, indexPages, pieceLog, pieceStart);
    footer.varint(pieceLog).varint(pieceStart).varint(end).varint(pieceEntries);
    footer.varint(pieceBytes).varint(at).varint(bytes);
    pieces++;
    return new Piece(segment, pieceStart, end, pieceEntries, pieceBytes, at, bytes);
  }

  /// Seals a page, puts it out, and returns where it stands.
  private long putPage(ByteBuffer whole, int kind, int count, long log, long first)
      throws IOException {
    put(PADDING, (int) (-bytes() & 7));
    long at = bytes();
    int length = whole.position();
    LogSegmentLayout.seal(whole.flip(), 0, length, kind, count, log, first);
    put(whole.array(), length);
    return at;
  }

  private void put(byte[] bytes, int count) throws IOException {
    int from = 0;
    while (from < count) {
      int now = Math.min(count - from, output.remaining());
      output.put(bytes, from, now);
      from += now;
      if (!output.hasRemaining()) {
        writeOutput();
      }
    }
  }

  private void writeOutput() throws IOException {
    output.flip();
    int length = output.limit();
    file.write(output);
    outputAt += length;
    output.clear();
    if (!hurried) {
      pace.rest();
    }
    pace.begin();
  }

  /// Completes and closes the file.
  void finish() throws IOException {
    ByteBuffer page = newPage(LogSegmentLayout.HEADER_BYTES + footer.length());
    page.put(footer.array(), 0, footer.length());
    int footerBytes = page.position();
    long footerAt = putPage(page, LogSegmentLayout.FOOTER, pieces, 0, 0);
    put(PADDING, (int) (-bytes() & Disk.BLOCK_BYTES - 1));
    ByteBuffer end = ByteBuffer.allocate(Disk.BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    LogSegmentLayout.putEnd(end, number, footerAt, footerBytes);
    put(end.array(), Disk.BLOCK_BYTES);
    if (output.position() > 0) {
      writeOutput();
    }
    file.finish();
    segment.fileBytes = outputAt;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
