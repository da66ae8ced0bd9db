package holdfast.store;

import java.io.IOException;
import java.nio.ByteBuffer;

/// Fills files with zeros, so that their room on disk is theirs and a later write changes no more
/// than it must.
final class Zeros {
  /// Zeros go to the disk in pieces of this size: commits wait behind one of them at most, where
  /// they would wait behind all of them if they were forced at the end. A larger piece would take a
  /// commit several times as long to pass and fill a file hardly faster.
  private static final int PIECE_BYTES = 128 * 1024;

  /// Rests after a piece, each as long as it took: a file is wanted when the segment before it is
  /// full, which takes longer.
  private static final int RESTS = 3;

  private Zeros() {}

  /// Writes zeros to a range of an open file, and forces it. With rests between the pieces for work
  /// in the background.
  static void fill(DiskFile file, long from, long to, boolean rests) throws IOException {
    ByteBuffer zeros = Bytes.alignedBuffer(PIECE_BYTES);
    Pace pace = new Pace(RESTS);
    for (long at = from; at < to; at += PIECE_BYTES) {
      pace.begin();
      file.write(zeros.clear().limit((int) Math.min(PIECE_BYTES, to - at)), at);
      if (rests) {
        pace.rest();
      }
    }
    file.force();
  }
}
