package holdfast.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/// Reads one segment's writes in their order, through a window that moves ahead in large reads.
final class SegmentReader implements Closeable {
  private static final int WINDOW_BYTES = 4 * 1024 * 1024;

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

  SegmentReader(Disk disk, long generation) throws IOException {
    name = SegmentFiles.name(generation);
    file = disk.open(name, Disk.Access.READ);
    try {
      fileBytes = file.size();
      // Recovery looks at the header of every segment there is: a large window comes when it reads
      // on.
      window = buffer(SegmentLayout.BYTES);
      window.limit(0);
      fill(0, SegmentLayout.BYTES);
      SegmentLayout.Header read = SegmentLayout.decode(window, name);
      if (read == null || read.generation() != generation) {
        throw new CorruptionException(
            "segment " + name + " is damaged: its first block is not the header it was given");
      }
      header = read;
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /// Makes the window hold `need` bytes from a place on, or as many as the file has.
  private void fill(long at, int need) throws IOException {
    if (at >= windowAt && at + need <= windowAt + window.limit()) {
      return;
    }
    int wanted = at == 0 ? need : Math.max(need, (int) Math.min(WINDOW_BYTES, fileBytes));
    if (wanted > window.capacity()) {
      window = buffer(wanted);
    }
    window.clear();
    file.read(window, at);
    window.flip();
    windowAt = at;
  }

  SegmentLayout.Header header() {
    return header;
  }

  String name() {
    return name;
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
    void record(int index, byte type, long batch, ByteBuffer payload) throws IOException;
  }

  /// Hands over the records of the current write, counted from 0.
  void records(RecordReader reader) throws IOException {
    WriteLayout.Header current = write();
    int at = writeAt + WriteLayout.HEADER_BYTES;
    int end = writeAt + current.length();
    for (int i = 0; i < current.records(); i++) {
      if (!RecordLayout.isWhole(window, at, end)) {
        throw new CorruptionException(
            "segment "
                + name
                + ": record "
                + i
                + " of write "
                + current.sequence()
                + " is damaged");
      }
      int length = RecordLayout.length(window, at);
      reader.record(
          i,
          RecordLayout.type(window, at),
          RecordLayout.batch(window, at),
          window.slice(at + RecordLayout.HEADER_BYTES, length - RecordLayout.HEADER_BYTES));
      at += Bytes.align8(length);
    }
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
