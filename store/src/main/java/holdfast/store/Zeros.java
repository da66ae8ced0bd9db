package holdfast.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.BooleanSupplier;

/// Fills files with zeros, so that their room on disk is theirs and a later write changes no more
/// than it must.
final class Zeros {
  /// Forced after each piece of this size: commits wait behind one of them at most, where they
  /// would wait behind all of them if they were forced at the end.
  private static final int PIECE_BYTES = 512 * 1024;

  /// Rests after a piece, each as long as it took: a file is wanted when the segment before it is
  /// full, which takes longer.
  private static final int RESTS = 3;

  private Zeros() {}

  /// Writes zeros to a range of a file that is open for [Disk.Access#BUFFERED] writes, and forces
  /// it: a file grows twice as fast that way as by durable writes, each of which makes the file
  /// system commit where the new blocks are. With rests between the pieces while nobody is in a
  /// hurry.
  static void fill(DiskFile file, long from, long to, BooleanSupplier hurried) throws IOException {
    ByteBuffer zeros = Bytes.alignedBuffer(PIECE_BYTES);
    Pace pace = new Pace(RESTS);
    for (long at = from; at < to; at += PIECE_BYTES) {
      pace.begin();
      file.write(zeros.clear().limit((int) Math.min(PIECE_BYTES, to - at)), at);
      file.force();
      if (!hurried.getAsBoolean()) {
        pace.rest();
      }
    }
  }
}
