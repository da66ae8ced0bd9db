package holdfast.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/// A segment that is written, front to back. Closed before it is finished it is given up.
public interface SegmentOutput extends Closeable {
  /// Any number of bytes.
  long UNBOUNDED = Long.MAX_VALUE;

  /// Adds whole blocks of [Disk#BLOCK_BYTES] bytes; the buffer is one of [Bytes#alignedBuffer].
  void write(ByteBuffer blocks) throws IOException;

  /// The most bytes it takes in all.
  long room();

  /// Its bytes are safe on return, and the whole of it after [Segments#force].
  void finish() throws IOException;
}
