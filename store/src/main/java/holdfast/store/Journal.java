package holdfast.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.LongPredicate;

/// The port to the one sequence of writes: a row of numbered segments, of which the newest is
/// written. Belongs to an [Epoch].
///
/// - Writes complete in the order in which they are handed over, one at a time; each is there
///   afterwards as a whole or not at all.
/// - A completed write survives whatever the engine says it survives.
/// - A write whose append failed may be there or not; nothing can be appended behind it.
///
/// Offsets in a segment begin at [Disk#BLOCK_BYTES], and each write begins at a multiple of it.
public interface Journal {
  /// What [#append] returns for a write that completes later.
  long PENDING = -1;

  /// Hears of a write that was [#PENDING]; one of the two, once, on any thread, or neither where
  /// the epoch is over.
  interface Completion {
    /// @param nanos how long it took
    void completed(long nanos);

    void failed(Throwable cause);
  }

  /// Takes what is replayed.
  interface Replayed {
    /// What follows was written in a later epoch: what the one before left unfinished stays so.
    void newEpoch();

    /// A write, in its order.
    ///
    /// @param position rises from write to write
    /// @param offset where in the segment the first record stands
    /// @param records what [WriteBuffer#records] was, between position and limit; valid until the
    ///   call returns
    void write(long segment, long position, long offset, ByteBuffer records) throws IOException;

    /// Whether a write is known to have completed: should it be missing, that is damage.
    boolean isCounted(long position);
  }

  /// Where the first write of an epoch goes.
  ///
  /// @param segmentBytes as [#plan] says of others
  record Begin(long segment, long segmentBytes, long position) {}

  /// Whether a segment is there and belongs to this journal.
  boolean has(long segment, JournalId journalId) throws IOException;

  /// Hands over every write from the beginning of a segment on that completed, and perhaps one that
  /// did not: from here on it has.
  ///
  /// @throws CorruptionException when something that completed is missing or damaged
  void replay(long fromSegment, Replayed to) throws IOException;

  /// Makes the first segment of this epoch; called once, behind the replay.
  Begin begin() throws IOException;

  /// Decides on the next segment, and on its size: no write goes beyond that. No device work; any
  /// thread.
  long plan(long segment);

  /// Hands over the next write, one at a time. Returns how many nanoseconds it took if it has
  /// completed, or [#PENDING].
  ///
  /// @throws IOException when it failed: the outcome is unknown and the epoch is over
  long append(WriteBuffer write, Completion completion) throws IOException;

  /// Whether a completed write survives the worst only after [#force].
  default boolean isBuffered() {
    return false;
  }

  /// Makes the completed writes survive the worst. For one thread at a time, beside appends.
  default void force() throws IOException {}

  /// The highest position that survives the worst. Any thread.
  long forced();

  /// Opens a segment to read what has completed in it, for as long as it is not given back.
  SegmentInput open(long segment) throws IOException;

  /// Opens a segment to be read once and mostly in order, with as little trouble for commits as an
  /// engine can: places, lengths and memory of reads are multiples of [Disk#BLOCK_BYTES].
  default SegmentInput openToScan(long segment) throws IOException {
    return open(segment);
  }

  /// What is written to, for a person.
  String where();

  /// Gives back every segment below `before` but for those that somebody reads: they go the next
  /// time.
  void free(long before, LongPredicate isRead) throws IOException;

  /// What a segment takes; 0 for one that is not there.
  long bytes(long segment);

  /// What all segments take, from this one on.
  long bytesFrom(long segment);

  int segmentCount();

  /// What all of it takes, with what is kept ready.
  long diskBytes();

  /// Ends writing.
  ///
  /// @param forces whether what has completed is forced first
  void close(boolean forces) throws IOException;
}
