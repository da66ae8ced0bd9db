package holdfast.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The port to what is written once and read often: log segments and checkpoints, each with a
/// number of its kind. Belongs to an [Epoch]; for the background thread, but for reading. A later
/// epoch may find what an earlier one left unfinished: it deletes what it does not know.
public interface Segments {
  /// The two kinds: each counts for itself.
  enum Kind {
    LOG,
    CHECKPOINT
  }

  /// The numbers of those that are there, newest first.
  List<Long> numbers(Kind kind) throws IOException;

  /// @throws java.nio.file.NoSuchFileException if there is none
  SegmentInput open(Kind kind, long number) throws IOException;

  /// Begins one that is written front to back, in place of what is left of an unfinished one.
  SegmentOutput create(Kind kind, long number) throws IOException;

  /// The same in what is kept for the time when there is no space left. Null if nothing is.
  default @Nullable SegmentOutput createInKept(Kind kind, long number) throws IOException {
    return null;
  }

  /// Writes one at once. It is there whole or not at all; on return it survives the worst.
  ///
  /// @param nextBytesMax how large the next one may be expected to be at most
  void write(Kind kind, long number, ByteBuffer bytes, long nextBytesMax) throws IOException;

  /// Makes what was finished, and what was deleted, survive the worst.
  void force() throws IOException;

  /// Nothing happens if there is none.
  void delete(Kind kind, long number) throws IOException;

  /// What this is called in messages to a person.
  String description();
}
