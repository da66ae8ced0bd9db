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
  private final long fileBytes;
  private ByteBuffer window = buffer(JUMP_BYTES);
  private long windowAt;

  /// @param file is closed with this
  FileWindow(SegmentInput file, String name) throws IOException {
    this.name = name;
    this.file = file;
    try {
      fileBytes = file.size();
    } catch (IOException e) {
      file.close();
      throw e;
    }
    window.limit(0);
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
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
    int wanted = Math.max(need, goesOn ? AHEAD_BYTES : JUMP_BYTES);
    int count = (int) Math.max(0, Math.min(wanted, fileBytes - place));
    if (window.capacity() < count || window.capacity() > 8 * Math.max(count, AHEAD_BYTES)) {
      window = buffer(Math.max(count, goesOn ? AHEAD_BYTES : JUMP_BYTES));
    }
    window.clear().limit(count);
    int read = count == 0 ? 0 : file.read(window, place);
    window.position(0).limit(read);
    windowAt = place;
    return 0;
  }

  ByteBuffer bytes() {
    return window;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
