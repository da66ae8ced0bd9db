package holdfast.store;

import java.io.IOException;
import java.nio.ByteBuffer;

/// An open file of a [Disk]. Not for use by two threads at once, except for reading, and for
/// forcing while another writes: what had been written before the force is stable after it. An
/// interrupt of the calling thread neither ends an operation nor closes the file.
public interface DiskFile extends SegmentInput {
  /// Writes the whole buffer at a position, or throws: a short write is a failed one. Where writes
  /// are durable the buffer is one of [Bytes#alignedBuffer].
  void write(ByteBuffer source, long position) throws IOException;

  /// Puts what was written so far on stable storage.
  void force() throws IOException;

  /// Sets the length; bytes gained read as zeros and are not yet backed by blocks.
  void resize(long bytes) throws IOException;
}
