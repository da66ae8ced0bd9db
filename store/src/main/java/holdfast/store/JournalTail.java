package holdfast.store;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// The end of the journal on disk: the file that is written, the chain of header crcs, and how far
/// all of it is forced.
///
/// One thread at a time writes: the journal says which. Another may force what has been written
/// while the next write is under way; `forcing` guards the file's change against that.
///
/// A segment is on stable storage whole before the next one has a header, for that header says
/// where this one ends, and a write missing before that end is damage, not a torn tail.
final class JournalTail {
  private final SegmentFiles files;
  private final JournalId journalId;
  private final long epoch;
  private final boolean buffered;
  private final Object forcing = new Object();

  /// Guarded by `forcing`.
  private @Nullable IOException forceFailure;

  // Owned by who writes; the file is changed under `forcing` alone.
  private DiskFile file;
  private int previousCrc;

  /// Where the last write ended in its segment.
  private long end;

  private volatile long generation;

  /// Invariant: forced <= written. Both only rise.
  private volatile long written;

  private volatile long forced;

  /// Creates the first segment of this epoch; its header is on stable storage on return.
  JournalTail(SegmentFiles files, LocalJournal.Start start, SegmentFiles.Plan plan, SyncPolicy sync)
      throws IOException {
    this.files = files;
    this.journalId = start.journalId();
    this.epoch = start.epoch();
    this.previousCrc = start.previousCrc();
    this.buffered = !(sync instanceof SyncPolicy.Sync);
    written = start.firstWrite() - 1;
    forced = written;
    generation = plan.generation();
    file = activate(plan, start.firstWrite());
  }

  private DiskFile activate(SegmentFiles.Plan plan, long firstWrite) throws IOException {
    DiskFile durable =
        files.activate(
            plan,
            new SegmentLayout.Header(
                journalId, plan.generation(), plan.bytes(), firstWrite, epoch, previousCrc));
    if (!buffered) {
      return durable;
    }
    durable.close();
    return files.open(plan.generation(), Disk.Access.BUFFERED);
  }

  /// Goes on in the next segment.
  void goOn(SegmentFiles.Plan plan, long firstWrite) throws IOException {
    synchronized (forcing) {
      force();
      file.close();
      files.ends(generation, end);
      file = activate(plan, firstWrite);
    }
    generation = plan.generation();
  }

  long generation() {
    return generation;
  }

  /// Writes a buffer to the segment it belongs to; returns how many nanoseconds the device took.
  long write(WriteBuffer write) throws IOException {
    int crc = write.seal(journalId, forced, epoch, previousCrc);
    long begun = System.nanoTime();
    file.write(write.sealed(), write.offset());
    long nanos = System.nanoTime() - begun;
    previousCrc = crc;
    end = write.offset() + write.sealedBytes();
    long position = write.sequence();
    assert position == written + 1 : position + " follows " + written;
    written = position;
    if (!buffered) {
      forced = position;
    }
    return nanos;
  }

  /// Forces what has been written; nothing happens if there is nothing to force. After a force that
  /// failed none is tried again: it might succeed although the bytes are gone.
  void force() throws IOException {
    synchronized (forcing) {
      if (forceFailure != null) {
        throw new IOException("a force of " + segment() + " failed before", forceFailure);
      }
      long upTo = written;
      if (upTo > forced) {
        try {
          file.force();
        } catch (IOException e) {
          forceFailure = e;
          throw e;
        }
        forced = upTo;
      }
    }
  }

  /// The highest position on stable storage.
  long forced() {
    return forced;
  }

  /// Name of the segment that is written.
  String segment() {
    return SegmentFiles.name(generation);
  }

  /// Closes the file.
  ///
  /// @param forces whether what was written is forced first: not once the journal has failed
  void close(boolean forces) throws IOException {
    synchronized (forcing) {
      try {
        if (forces) {
          force();
        }
      } finally {
        file.close();
      }
    }
  }
}
