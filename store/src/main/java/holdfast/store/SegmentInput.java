package holdfast.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/// An open segment, to be read at any offset.
public interface SegmentInput extends Closeable {
  /// Reads until the buffer is full or the segment ends; returns the bytes read, 0 at the end.
  int read(ByteBuffer target, long position) throws IOException;

  /// Bytes in the segment.
  long size() throws IOException;
}
