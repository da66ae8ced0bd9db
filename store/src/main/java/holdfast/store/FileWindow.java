package holdfast.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// A part of a file in memory, for reading what lies here and there and mostly in order. For one
/// thread.
final class FileWindow implements Closeable {
  /// Read at once where reading goes on from what was read last, and where it jumps.
  private static final int AHEAD_BYTES = 256 * 1024;

  private static final int JUMP_BYTES = 8 * 1024;

  private final String name;
  private final SegmentInput file;

  /// Whether places, lengths and memory must be multiples of a block.
  private final boolean byBlock;

  private final long fileBytes;
  private ByteBuffer window;
  private long windowAt;

  /// @param file is closed with this
  FileWindow(SegmentInput file, String name) throws IOException {
    this(file, name, false);
  }

  /// @param byBlock whether only whole blocks may be read, into aligned memory
  FileWindow(SegmentInput file, String name, boolean byBlock) throws IOException {
    this.name = name;
    this.file = file;
    this.byBlock = byBlock;
    window = buffer(JUMP_BYTES);
    try {
      fileBytes = file.size();
    } catch (IOException e) {
      file.close();
      throw e;
    }
    window.limit(0);
  }

  private ByteBuffer buffer(int bytes) {
    return byBlock
        ? Bytes.alignedBuffer(bytes)
        : ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  String name() {
    return name;
  }

  long fileBytes() {
    return fileBytes;
  }

  /// Makes [#bytes] hold what stands at a place, `need` bytes of it at least unless the file ends
  /// before; returns the index of the place. What was there before may be gone.
  int at(long place, int need) throws IOException {
    if (place >= windowAt && place + need <= windowAt + window.limit()) {
      return (int) (place - windowAt);
    }
    long end = windowAt + window.limit();
    boolean goesOn = place >= windowAt && place <= end + AHEAD_BYTES / 4;
    int before = byBlock ? (int) (place % Disk.BLOCK_BYTES) : 0;
    long from = place - before;
    int wanted = Math.max(before + need, goesOn ? AHEAD_BYTES : JUMP_BYTES);
    int count = (int) Math.max(0, Math.min(wanted, fileBytes - from));
    count = byBlock ? Bytes.blocks(count) : count;
    if (window.capacity() < count || window.capacity() > 8 * Math.max(count, AHEAD_BYTES)) {
      window = buffer(Math.max(count, goesOn ? AHEAD_BYTES : JUMP_BYTES));
    }
    window.clear().limit(count);
    int read = count == 0 ? 0 : file.read(window, from);
    window.position(0).limit(read);
    windowAt = from;
    return before;
  }

  ByteBuffer bytes() {
    return window;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
