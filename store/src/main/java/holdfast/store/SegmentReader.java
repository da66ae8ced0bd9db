package holdfast.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Reads one segment's writes in their order, through a window that moves ahead in large reads.
final class SegmentReader implements Closeable {
  private static final int WINDOW_BYTES = 8 * 1024 * 1024;

  /// No write is larger than this, whatever buffer it was written with.
  private static final int WRITE_BYTES_MAX = 256 * 1024 * 1024;

  private final String name;
  private final DiskFile file;
  private final long fileBytes;
  private final SegmentLayout.Header header;
  private ByteBuffer window;

  /// Offset in the file of the window's first byte.
  private long windowAt;

  private long offset = SegmentLayout.BYTES;
  private WriteLayout.@Nullable Header write;
  private int writeAt;

  private final boolean headerWhole;

  SegmentReader(Disk disk, long generation) throws IOException {
    this(disk, generation, null);
  }

  /// Reads a segment even if its header is damaged: as one of the journal `ifDamaged`, whose first
  /// write is unknown (0). Without a journal a damaged header is refused.
  SegmentReader(Disk disk, long generation, @Nullable JournalId ifDamaged) throws IOException {
    name = SegmentFiles.name(generation);
    file = disk.openToScan(name);
    try {
      fileBytes = file.size();
      // Recovery looks at the header of every segment there is: a large window comes when it reads
      // on.
      window = buffer(SegmentLayout.BYTES);
      window.limit(0);
      fill(0, SegmentLayout.BYTES);
      SegmentLayout.Header read = SegmentLayout.decode(window, name);
      headerWhole = read != null && read.generation() == generation;
      if (headerWhole) {
        header = Objects.requireNonNull(read);
      } else if (ifDamaged != null) {
        header = new SegmentLayout.Header(ifDamaged, generation, fileBytes, 0, 0, 0);
      } else {
        throw new CorruptionException(
            "segment " + name + " is damaged: its first block is not the header it was given");
      }
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private static ByteBuffer buffer(int bytes) {
    return Bytes.alignedBuffer(bytes);
  }

  /// Makes the window hold `need` bytes from a place on, or as many as the file has.
  private void fill(long at, int need) throws IOException {
    if (at >= windowAt && at + need <= windowAt + window.limit()) {
      return;
    }
    long from = at & -Disk.BLOCK_BYTES;
    int needed = (int) (at - from) + need;
    int wanted = at == 0 ? needed : (int) Math.max(needed, Math.min(WINDOW_BYTES, fileBytes));
    if (wanted > window.capacity()) {
      window = buffer(Bytes.blocks(wanted));
    }
    window.clear();
    file.read(window, from);
    window.flip();
    windowAt = from;
  }

  SegmentLayout.Header header() {
    return header;
  }

  boolean isHeaderWhole() {
    return headerWhole;
  }

  String name() {
    return name;
  }

  long fileBytes() {
    return fileBytes;
  }

  /// Offset of the next write: where the reading stands.
  long offset() {
    return offset;
  }

  /// Moves to the write at the current offset if it is whole, has this sequence and follows the
  /// write with this header crc. False, and nothing moves, if not.
  boolean next(long sequence, int previousCrc) throws IOException {
    WriteLayout.Header found = headerAt(offset);
    if (found == null || found.sequence() != sequence || found.previousCrc() != previousCrc) {
      return false;
    }
    fill(offset, found.length());
    int at = (int) (offset - windowAt);
    if (!WriteLayout.isWhole(window, at, found)) {
      return false;
    }
    write = found;
    writeAt = at;
    offset += Bytes.blocks(found.length());
    return true;
  }

  private WriteLayout.@Nullable Header headerAt(long at) throws IOException {
    fill(at, WriteLayout.HEADER_BYTES);
    if (at < windowAt || at - windowAt > window.limit()) {
      return null;
    }
    return WriteLayout.decode(
        window, (int) (at - windowAt), header.journalId(), header.generation(), WRITE_BYTES_MAX);
  }

  /// The header at the current offset; null if none is whole there.
  WriteLayout.@Nullable Header peek() throws IOException {
    return headerAt(offset);
  }

  /// Goes to the first place, from the current offset on, where the header of a write from `first`
  /// on and below `end` is whole; null, and nothing moves, if there is none.
  WriteLayout.@Nullable Header skipTo(long first, long end) throws IOException {
    for (long at = offset; at < fileBytes; at += Disk.BLOCK_BYTES) {
      WriteLayout.Header found = headerAt(at);
      if (found != null && found.sequence() >= first && found.sequence() < end) {
        offset = at;
        return found;
      }
    }
    return null;
  }

  /// Moves to the write at the current offset although its bytes are not whole; its header is.
  void nextDamaged(WriteLayout.Header found) throws IOException {
    fill(offset, found.length());
    write = found;
    writeAt = (int) (offset - windowAt);
    offset += Bytes.blocks(found.length());
  }

  /// The write that [#next] moved to.
  WriteLayout.Header write() {
    WriteLayout.Header current = write;
    if (current == null) {
      throw new IllegalStateException("no write has been read from " + name);
    }
    return current;
  }

  /// What a record of the current write is handed to.
  interface RecordReader {
    /// @param index counts the records of a write from 0
    /// @param offset where in the segment the record stands
    /// @param payload between position and limit; valid until the next record
    void record(int index, long offset, byte type, long batch, ByteBuffer payload)
        throws IOException;
  }

  /// Where in the segment the first record of the current write stands.
  long recordsOffset() {
    write();
    return windowAt + writeAt + WriteLayout.HEADER_BYTES;
  }

  /// The records of the current write, which is whole as [#next] has found; valid until it moves.
  ByteBuffer recordsBytes() {
    return window.slice(
        writeAt + WriteLayout.HEADER_BYTES, write().length() - WriteLayout.HEADER_BYTES);
  }

  /// Hands them over one by one.
  void records(RecordReader reader) throws IOException {
    readAll(recordsBytes(), recordsOffset(), name, reader);
  }

  /// Hands over the records that stand one behind the other in a buffer.
  ///
  /// @param offset where in the segment the first one stands
  static void readAll(ByteBuffer records, long offset, String name, RecordReader reader)
      throws IOException {
    ByteBuffer view = records.slice().order(ByteOrder.LITTLE_ENDIAN);
    int end = view.limit();
    ByteBuffer payload = view.duplicate();
    int index = 0;
    for (int at = 0; at < end; index++) {
      int length = end - at < RecordLayout.HEADER_BYTES ? 0 : RecordLayout.length(view, at);
      if (length < RecordLayout.HEADER_BYTES || length > end - at) {
        throw new CorruptionException(
            "segment " + name + ": record " + index + " of a write does not fit into it");
      }
      payload.limit(at + length).position(at + RecordLayout.HEADER_BYTES);
      reader.record(
          index, offset + at, RecordLayout.type(view, at), RecordLayout.batch(view, at), payload);
      at += Bytes.align8(length);
    }
  }

  /// Hands over the records of the current write that are whole, though the write is not; returns
  /// how many.
  ///
  /// Behind a damaged record it goes on only where the rest of the write is filled exactly by as
  /// many whole records as are left: anything else could be the inside of somebody's message.
  int wholeRecords(RecordReader reader) throws IOException {
    WriteLayout.Header current = write();
    int at = writeAt + WriteLayout.HEADER_BYTES;
    int end = Math.min(writeAt + current.length(), window.limit());
    int count = 0;
    for (int i = 0; i < current.records() && at >= 0; i++) {
      if (RecordLayout.isWhole(window, at, end)) {
        at = handOver(reader, i, at);
        count++;
      } else {
        at = behindDamage(at, end, current.records() - i - 1);
      }
    }
    return count;
  }

  /// Hands over the whole records of a write without a header, which stands between two places;
  /// returns how many.
  int recordsBetween(long from, long end, RecordReader reader) throws IOException {
    int length = Math.toIntExact(Math.min(end - from, WRITE_BYTES_MAX));
    fill(from, length);
    int at = (int) (from - windowAt) + WriteLayout.HEADER_BYTES;
    int limit = (int) Math.min(from - windowAt + length, window.limit());
    int count = 0;
    while (RecordLayout.isWhole(window, at, limit)) {
      at = handOver(reader, count++, at);
    }
    return count;
  }

  private int handOver(RecordReader reader, int index, int at) throws IOException {
    int length = RecordLayout.length(window, at);
    ByteBuffer payload = window.duplicate();
    payload.limit(at + length).position(at + RecordLayout.HEADER_BYTES);
    byte type = RecordLayout.type(window, at);
    reader.record(index, windowAt + at, type, RecordLayout.batch(window, at), payload);
    return at + Bytes.align8(length);
  }

  private int behindDamage(int damaged, int end, int left) {
    for (int from = damaged + RecordLayout.HEADER_BYTES; left > 0 && from < end; from += 8) {
      int at = from;
      int whole = 0;
      while (whole < left && RecordLayout.isWhole(window, at, end)) {
        at += Bytes.align8(RecordLayout.length(window, at));
        whole++;
      }
      if (whole == left && at == end) {
        return from;
      }
    }
    return -1;
  }

  /// Looks behind the current offset, at every block, for a write newer than `sequence` that calls
  /// `sequence` durable; null if there is none.
  WriteLayout.@Nullable Header witness(long sequence) throws IOException {
    for (long at = offset; at < fileBytes; at += Disk.BLOCK_BYTES) {
      WriteLayout.Header found = headerAt(at);
      if (found != null && found.sequence() > sequence && found.durable() >= sequence) {
        return found;
      }
    }
    return null;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
