package holdfast.store;

import java.io.IOException;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The write-ahead log: two buffers, of which one fills while the other is written.
///
/// Appenders copy a record into the filling buffer under a short lock and get a *position* at once;
/// a writer takes the buffer, writes it outside the lock and comes back for what has gathered
/// meanwhile. So batches emerge without a timer: one record when the disk is idle, a thousand when
/// it is not. A position is the sequence of the write that carries the record, and `position <=
/// durable()` is the only meaning of "on stable storage" there is.
///
/// Appended *awaited*, a record starts a write; appended *lazy*, it rides with the next awaited
/// one, or goes when a quarter of a buffer has gathered, or with the mark an idle journal writes.
///
/// One failed write closes the journal for good: no position at or behind it ever becomes durable.
final class Journal {
  /// What the journal tells the thread that owns its state; called on the writer's thread, outside
  /// the lock.
  interface Listener {
    /// Every position up to this one is on stable storage.
    void durable(long position);

    /// The room that somebody was refused is there now.
    void room();

    /// The journal is closed for good.
    void failed(StoreFailedException failure);
  }

  private final Object lock = new Object();
  private final SegmentFiles files;
  private final StoreOptions options;
  private final JournalId journalId;
  private final long epoch;
  private final Listener listener;

  // Guarded by the lock.
  private WriteBuffer filling;
  private WriteBuffer resting;
  private SegmentFiles.Plan planned;
  private boolean roomWanted;
  private boolean writing;
  private boolean stopping;

  /// The writes of every segment that is not the last.
  private final TreeMap<Long, Checkpoint.WriteRange> closedRanges;

  private long fillingFirstWrite;

  /// Where the record appended last lies: an [Address].
  private long appendedAt;

  /// Whether the last awaited write has no later one on disk that calls it durable.
  private boolean markDue;

  /// The same for any write with records: a clean stop marks lazy records too, so that damage to
  /// them is not taken for a torn tail.
  private boolean lastMarkDue;

  private @Nullable StoreFailedException failure;

  // Owned by the writer.
  private DiskFile activeFile;
  private long activeGeneration;
  private int previousCrc;

  /// Invariant: rises only, by the sequence of the write that has just returned from the device.
  private volatile long durable;

  private volatile long writes;
  private volatile long writtenBytes;

  /// Where the journal goes on after recovery.
  ///
  /// @param closedRanges the writes that count in each of the older segments that were kept
  record Start(
      JournalId journalId,
      long epoch,
      long generation,
      long firstWrite,
      int previousCrc,
      TreeMap<Long, Checkpoint.WriteRange> closedRanges) {}

  /// Creates the first segment of this epoch; its header is on stable storage on return.
  Journal(SegmentFiles files, StoreOptions options, Start start, Listener listener)
      throws IOException {
    this.files = files;
    this.options = options;
    this.listener = listener;
    this.journalId = start.journalId;
    this.epoch = start.epoch;
    this.previousCrc = start.previousCrc;
    this.durable = start.firstWrite - 1;
    this.closedRanges = new TreeMap<>(start.closedRanges);
    this.fillingFirstWrite = start.firstWrite;
    filling = new WriteBuffer(options.bufferBytes());
    resting = new WriteBuffer(options.bufferBytes());
    planned = files.reserve(start.generation);
    filling.begin(start.firstWrite, start.generation, SegmentLayout.BYTES);
    activeGeneration = start.generation;
    activeFile = files.activate(planned, header(planned, start.firstWrite));
  }

  private SegmentLayout.Header header(SegmentFiles.Plan plan, long firstWrite) {
    return new SegmentLayout.Header(
        journalId, plan.generation(), plan.bytes(), firstWrite, epoch, previousCrc);
  }

  /// Appends one record; the caller made sure of room with [#hasRoom]. Returns its position.
  long append(byte type, long batch, int part, RecordLayout.Payload payload, boolean awaited) {
    synchronized (lock) {
      throwIfFailed();
      if (filling.room() < Bytes.align8(RecordLayout.HEADER_BYTES + payload.length())) {
        throw new IllegalStateException(
            "a record of " + payload.length() + " bytes was appended without asking for room");
      }
      appendedAt = filling.put(type, batch, part, payload, awaited);
      if (filling.gatheredBytes() >= options.bufferBytes() / 4) {
        lock.notifyAll();
      }
      return filling.sequence();
    }
  }

  /// [Address] of the record that [#append] appended last; for the appender.
  long appendedAt() {
    synchronized (lock) {
      return appendedAt;
    }
  }

  /// Whether one step's worth of records fits now. If not, [Listener#room] is called once it does.
  boolean hasRoom() {
    synchronized (lock) {
      boolean fits = filling.room() >= options.stepBytesMax();
      roomWanted |= !fits;
      return fits;
    }
  }

  /// Starts a write if somebody waits for one. The gate calls it at the end of a drain, so that
  /// what was read together is written together.
  void kick() {
    synchronized (lock) {
      if (filling.awaited() && !writing) {
        lock.notifyAll();
      }
    }
  }

  /// Has a write made soon, with the lazy records so far or none, for a checkpoint that waits for
  /// its place to exist on disk.
  long flush() {
    synchronized (lock) {
      throwIfFailed();
      filling.markAwaited();
      lock.notifyAll();
      return filling.sequence();
    }
  }

  /// The place of the next record: what a checkpoint taken now covers, exactly.
  Place place() {
    synchronized (lock) {
      return new Place(filling.generation(), filling.sequence(), filling.records());
    }
  }

  /// A point between two records.
  ///
  /// @param generation the segment
  /// @param write the write's sequence
  /// @param records how many records of that write lie before this point
  record Place(long generation, long write, int records) {}

  /// The writes of each of these segments, the one that fills now left out.
  TreeMap<Long, Checkpoint.WriteRange> rangesOf(Set<Long> generations) {
    synchronized (lock) {
      TreeMap<Long, Checkpoint.WriteRange> ranges = new TreeMap<>(closedRanges);
      ranges.keySet().retainAll(generations);
      return ranges;
    }
  }

  /// Forgets the ranges of segments that are gone.
  void forgetRanges(long before, Set<Long> needed) {
    synchronized (lock) {
      closedRanges.headMap(before).keySet().removeIf(g -> !needed.contains(g));
    }
  }

  long durable() {
    return durable;
  }

  long epoch() {
    return epoch;
  }

  JournalId journalId() {
    return journalId;
  }

  long writes() {
    return writes;
  }

  long writtenBytes() {
    return writtenBytes;
  }

  /// Generation of the segment that the next record goes to.
  long generation() {
    synchronized (lock) {
      return filling.generation();
    }
  }

  /// Waits, on the writer's thread, until there is something to write: true, or until the journal
  /// is stopped or failed: false.
  boolean awaitWork() throws InterruptedException {
    synchronized (lock) {
      while (failure == null) {
        if (filling.awaited()
            || filling.gatheredBytes() >= options.bufferBytes() / 4
            || roomWanted) {
          return true;
        }
        if (stopping) {
          return lastMarkDue || filling.records() > 0;
        }
        boolean unmarked = markDue || filling.records() > 0;
        if (unmarked) {
          long deadline = System.nanoTime() + options.idleMarkMs() * 1_000_000;
          long writesBefore = writes;
          if (!waitUntil(deadline) && writes == writesBefore) {
            return true;
          }
        } else {
          lock.wait();
        }
      }
      return false;
    }
  }

  /// False when the deadline passed without a reason to write.
  private boolean waitUntil(long deadline) throws InterruptedException {
    while (!stopping && failure == null && !filling.awaited() && !roomWanted) {
      if (filling.gatheredBytes() >= options.bufferBytes() / 4) {
        return true;
      }
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      lock.wait(Math.max(1, left / 1_000_000));
    }
    return true;
  }

  /// Writes what has gathered, or an empty mark if nothing has. Only one thread calls this. False
  /// when the journal has failed.
  boolean writeOnce() {
    WriteBuffer write;
    SegmentFiles.Plan plan;
    boolean room;
    synchronized (lock) {
      if (failure != null) {
        return false;
      }
      write = filling;
      plan = planned;
      filling = resting;
      beginNext(write);
      markDue = write.awaited();
      lastMarkDue = write.awaited() || write.records() > 0;
      room = roomWanted;
      roomWanted = false;
      writing = true;
    }
    if (room) {
      listener.room();
    }
    try {
      previousCrc = write(write, plan);
    } catch (IOException | RuntimeException e) {
      fail(e);
      return false;
    }
    synchronized (lock) {
      resting = write;
      writing = false;
    }
    writes++;
    writtenBytes += write.sealedBytes();
    durable = write.sequence();
    listener.durable(write.sequence());
    return true;
  }

  /// Fixes the place of the next write: behind this one, or at the start of the next segment when a
  /// full buffer would not fit. Known before it fills, so that a record's segment is known when it
  /// is appended.
  private void beginNext(WriteBuffer write) {
    long offset = write.offset() + write.alignedLength();
    long generation = write.generation();
    if (offset + options.bufferBytes() > planned.bytes()) {
      closedRanges.put(
          generation, new Checkpoint.WriteRange(fillingFirstWrite, write.sequence() + 1));
      fillingFirstWrite = write.sequence() + 1;
      generation++;
      planned = files.reserve(generation);
      offset = SegmentLayout.BYTES;
    }
    filling.begin(write.sequence() + 1, generation, offset);
  }

  private int write(WriteBuffer write, SegmentFiles.Plan plan) throws IOException {
    if (write.generation() != activeGeneration) {
      activeFile.close();
      activeFile = files.activate(plan, header(plan, write.sequence()));
      activeGeneration = write.generation();
    }
    int crc = write.seal(journalId, durable, epoch, previousCrc);
    activeFile.write(write.sealed(), write.offset());
    return crc;
  }

  private void fail(Throwable cause) {
    StoreFailedException failed =
        new StoreFailedException(
            "writing to "
                + SegmentFiles.name(activeGeneration)
                + " failed: "
                + cause
                + "; nothing since the last confirm is confirmed, a restart recovers",
            cause);
    synchronized (lock) {
      if (failure == null) {
        failure = failed;
      }
      lock.notifyAll();
    }
    listener.failed(failed);
  }

  /// Closes the journal for good because something else of the store failed.
  void failFor(Throwable cause) {
    fail(cause);
  }

  private void throwIfFailed() {
    if (failure != null) {
      throw failure;
    }
  }

  /// Lets [#awaitWork] return false once everything is written and marked.
  void stop() {
    synchronized (lock) {
      stopping = true;
      lock.notifyAll();
    }
  }

  /// Writes what is left and the mark, once stopped, where there is no writer's thread.
  void writeRest() throws InterruptedException {
    while (awaitWork()) {
      if (!writeOnce()) {
        return;
      }
    }
  }

  /// Closes the active file; the writer has ended.
  void closeFile() throws IOException {
    activeFile.close();
  }
}
