package holdfast.store;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// The front of the write-ahead log: two buffers, of which one fills while the other is written by
/// the engine's [Journal].
///
/// Appenders copy a record into the filling buffer under a short lock and get a *position* at once;
/// a writer takes the buffer, writes it outside the lock and comes back for what has gathered
/// meanwhile. So batches emerge without a timer: one record when the disk is idle, a thousand when
/// it is not. A position is the sequence of the write that carries the record, and `position <=
/// durable()` is the only meaning of "confirmed" there is. Under [SyncPolicy.Sync] that is "on
/// stable storage"; under the other policies `forced()` follows behind and says what is.
///
/// The writer is a thread of its own, or for one write at a time a caller of [#commitInline]. It
/// keeps `writing` set from taking a buffer until the listener knows of it: so writes and news of
/// them come in one order, whoever brings them.
///
/// Appended *awaited*, a record starts a write; appended *lazy*, it rides with the next awaited
/// one, or goes when a quarter of a buffer has gathered, or with the mark an idle journal writes.
///
/// One failed write or force closes the journal for good: no position at or behind it ever becomes
/// durable. Whether such a write is there is unknown; the way on is another [Engine#acquire].
final class JournalFront implements Journal.Completion {
  private final Object lock = new Object();
  private final WriterBell bell = new WriterBell(lock);
  private final Throttle throttle = new Throttle();
  private final StoreOptions options;
  private final JournalId journalId;
  private final long epoch;
  private final JournalListener listener;
  private final Journal engine;
  private final WriteTimes times;
  private final @Nullable JournalFlusher flusher;

  // Guarded by the lock.
  private final BufferPair buffers;

  /// Always `buffers.filling()`.
  private WriteBuffer filling;

  private final BufferRoom room;
  private boolean stopping;

  /// Somebody has taken a buffer and has not brought it back.
  private boolean writing;

  /// The writer's thread has found work and has not come back for more.
  private boolean writerAwake;

  /// A position that a checkpoint waits for; nobody waits if it is forced already.
  private long forceWanted;

  /// Whether the last awaited write is forced and has no later one on disk that says so.
  private boolean markDue;

  /// The same for any write with records: a clean stop marks lazy records too, so that damage to
  /// them is not taken for a torn engine.
  private boolean lastMarkDue;

  /// Set once, under the lock.
  private volatile @Nullable StoreFailedException failure;

  /// How far all was forced when the buffer was taken. Owned by who set `writing`.
  private long takenForced;

  /// Where the record appended last lies: an [Address]. Owned by the appender.
  private long appendedAt;

  /// Invariant: rises only, by the sequence of the write that has just returned.
  private volatile long durable;

  private volatile long writes;
  private volatile long writtenBytes;

  /// @param epoch has replayed its journal, and begun it
  JournalFront(
      Epoch epoch,
      Journal.Begin begin,
      StoreOptions options,
      JournalListener listener,
      WriteTimes times) {
    this.options = options;
    this.listener = listener;
    this.journalId = epoch.journalId();
    this.epoch = epoch.number();
    this.durable = begin.position() - 1;
    this.times = times;
    engine = epoch.journal();
    buffers = new BufferPair(engine, options.bufferBytes(), begin);
    filling = buffers.filling();
    room = new BufferRoom(lock, buffers, options);
    flusher = JournalFlusher.of(this, options.sync());
  }

  /// Appends one record; the caller made sure of room with [#hasRoom]. Returns its position. One
  /// thread appends at a time.
  long append(byte type, long batch, int part, RecordLayout.Payload payload, boolean awaited) {
    int crc = payload.crc(type, batch, part);
    int bytes = Bytes.align8(RecordLayout.HEADER_BYTES + payload.length());
    synchronized (lock) {
      throwIfFailed();
      if (filling.room() < bytes) {
        throw new IllegalStateException(
            "a record of " + payload.length() + " bytes was appended without asking for room");
      }
      appendedAt = filling.put(type, batch, part, payload, crc, awaited);
      room.look();
      // A lazy record alone only starts the time after which it goes.
      if (bell.isWaiting() && (isQuarterFull() || (!awaited && !bell.isTimed()))) {
        bell.ring();
      }
      return filling.sequence();
    }
  }

  /// [Address] of the record that [#append] appended last; for the appender.
  long appendedAt() {
    return appendedAt;
  }

  /// Whether one step's worth of records fits now.
  boolean hasRoom() {
    return room.forStep();
  }

  /// Whether records of so many bytes in all, headers and padding included, fit now. If not,
  /// [JournalListener#room] is called once they do. For the appender.
  boolean hasRoom(int bytes) {
    return room.forStep(bytes);
  }

  /// Whether one step's worth of records leaves room for others. If not, [JournalListener#moreRoom]
  /// is called once it does, which is with the next write.
  boolean hasRoomToSpare() {
    return room.toSpare();
  }

  /// Whether a part of a large body may go into this write: not if there is one's worth in it. If
  /// not, [JournalListener#moreRoom] is called once it may.
  boolean hasRoomForPart() {
    return room.forPart();
  }

  /// Whether somebody was refused room, which the next write makes.
  boolean isRoomWanted() {
    synchronized (lock) {
      return room.isWanted();
    }
  }

  /// Starts a write if somebody waits for one. The gate calls it at the end of a drain, so that
  /// what was read together is written together.
  void kick() {
    synchronized (lock) {
      if (isDue() && !writing) {
        bell.ring();
      }
    }
  }

  /// Has a write made soon, with the lazy records so far or none, and everything up to it forced
  /// under every policy: for a checkpoint, which may be written once its place is on stable
  /// storage. Returns the position to compare with [#forced].
  long flush() {
    synchronized (lock) {
      throwIfFailed();
      filling.markAwaited();
      forceWanted = filling.sequence();
      bell.ring();
      return forceWanted;
    }
  }

  /// The place of the next record: what a checkpoint taken now covers, exactly.
  Place place() {
    synchronized (lock) {
      return new Place(filling.generation(), filling.sequence(), filling.recordCount());
    }
  }

  /// A point between two records.
  ///
  /// @param generation the segment
  /// @param write the write's sequence
  /// @param records how many records of that write lie before this point
  record Place(long generation, long write, int records) {}

  /// The highest position that may be confirmed. Any thread.
  long durable() {
    return durable;
  }

  /// The highest position on stable storage: `durable()` under [SyncPolicy.Sync], and never more.
  /// Any thread.
  long forced() {
    return Math.min(engine.forced(), durable);
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

  /// Lets the writer rest after each write from now on, up to 50 ns a byte. Any thread.
  ///
  /// @param overload how far what follows the journal is behind: 0 not at all, 1 or more for the
  ///   longest rest
  void slow(double overload) {
    throttle.set(overload);
  }

  Throttle throttle() {
    return throttle;
  }

  /// The thread that forces what this journal has written, to be started by the writer's; null
  /// where every write is forced by itself.
  @Nullable JournalFlusher flusher() {
    return flusher;
  }

  /// Waits, on the writer's thread, until there is something to write: true, or until the journal
  /// is stopped or failed: false.
  boolean awaitWork() throws InterruptedException {
    synchronized (lock) {
      writerAwake = false;
      while (failure == null) {
        if (!writing && isDue()) {
          writerAwake = true;
          return true;
        }
        if (!writing && stopping) {
          writerAwake = lastMarkDue || filling.recordCount() > 0;
          return writerAwake;
        }
        long writesBefore = writes;
        if (writing || !isUnmarked()) {
          bell.await();
        } else if (!bell.awaitNanos(options.idleMarkMs() * 1_000_000)
            && !writing
            && writes == writesBefore
            && failure == null) {
          writerAwake = true;
          return true;
        }
      }
      return false;
    }
  }

  private boolean isDue() {
    return filling.awaited() || isQuarterFull() || room.isWanted();
  }

  private boolean isQuarterFull() {
    return filling.gatheredBytes() >= options.bufferBytes() / 4;
  }

  private boolean isUnmarked() {
    return markDue || filling.recordCount() > 0;
  }

  /// Writes what has gathered, or an empty mark if nothing has. For the writer's thread, or where
  /// there is none; nothing happens while the engine is at the write before. False when the journal
  /// has failed.
  boolean writeOnce() {
    synchronized (lock) {
      if (failure != null) {
        return false;
      }
      if (writing) {
        return true;
      }
      take();
    }
    return commit();
  }

  /// Writes what has gathered on the calling thread, if nothing is being written and the writer's
  /// thread sleeps: for a caller who is alone and would wait, this saves handing over to a thread
  /// and back. The listener is called on this thread, before this returns.
  ///
  /// True when everything that was appended before is durable on return; false when it is not, and
  /// the caller kicks and waits as ever.
  ///
  /// @throws StoreFailedException when the journal has failed, in this write or before
  boolean commitInline() {
    synchronized (lock) {
      throwIfFailed();
      if (writing || writerAwake || stopping || throttle.isOn()) {
        return false;
      }
      if (filling.recordCount() == 0) {
        return true;
      }
      take();
    }
    long position = buffers.taken().sequence();
    try {
      commit();
    } catch (RuntimeException | Error e) {
      // As on the writer's thread: news half told ends the journal.
      failFor(e);
      throw e;
    }
    throwIfFailed();
    return durable >= position;
  }

  /// Takes the filling buffer to write it; under the lock.
  private void take() {
    assert !writing : "two threads write the journal";
    writing = true;
    WriteBuffer write = buffers.take();
    filling = buffers.filling();
    lastMarkDue = write.awaited() || write.recordCount() > 0;
    markDue = !engine.isBuffered() && write.awaited();
    room.take();
  }

  /// Hands the buffer that was taken to the engine, and tells of it if it is complete then. False
  /// when that failed.
  private boolean commit() {
    WriteBuffer write = buffers.taken();
    takenForced = engine.forced();
    room.tell(listener);
    long nanos;
    try {
      if (engine.isBuffered() && write.recordCount() == 0 && !write.awaited()) {
        // A mark says that what lies before it is forced. Nobody waits for this write.
        engine.force();
      }
      nanos = engine.append(write, this);
    } catch (IOException | RuntimeException e) {
      failFor(e);
      return false;
    }
    return nanos == Journal.PENDING || tell(write, nanos);
  }

  @Override
  public void completed(long nanos) {
    tell(buffers.taken(), nanos);
  }

  @Override
  public void failed(Throwable cause) {
    failFor(cause);
  }

  private boolean tell(WriteBuffer write, long nanos) {
    times.record(write.sealedBytes(), nanos);
    if (!publish(write)) {
      return false;
    }
    listener.durable(write.sequence());
    if (engine.isBuffered() && engine.forced() > takenForced) {
      listener.forced();
    }
    synchronized (lock) {
      writing = false;
      if (isDue() || stopping || (isUnmarked() && !bell.isTimed())) {
        bell.ring();
      }
    }
    return true;
  }

  /// The write has returned: what it carries may be confirmed, unless the journal failed meanwhile.
  private boolean publish(WriteBuffer write) {
    boolean forceAsked;
    synchronized (lock) {
      if (failure != null) {
        return false;
      }
      writes++;
      writtenBytes += write.sealedBytes();
      durable = write.sequence();
      forceAsked = forceWanted <= write.sequence() && forceWanted > engine.forced();
    }
    if (flusher != null) {
      flusher.wrote(forceAsked);
    }
    return true;
  }

  /// Forces what has been written so far. For the flusher, or where there is none; nothing happens
  /// under [SyncPolicy.Sync]. False when the journal has failed.
  boolean forceOnce() {
    long before = engine.forced();
    if (failure != null) {
      return false;
    }
    try {
      engine.force();
    } catch (IOException | RuntimeException e) {
      failFor(e);
      return false;
    }
    if (engine.forced() > before) {
      synchronized (lock) {
        if (lastMarkDue && !writing && engine.forced() == filling.sequence() - 1) {
          markDue = true;
          bell.ring();
        }
      }
      listener.forced();
    }
    return true;
  }

  /// Closes the journal for good. Nothing happens if it has failed before.
  void failFor(Throwable cause) {
    failFor("writing to " + engine.where(), cause);
  }

  /// The same because something else of the store failed.
  ///
  /// @param doing what was being done, in words for a person
  void failFor(String doing, Throwable cause) {
    String what =
        cause instanceof CorruptionException
            ? String.valueOf(cause.getMessage())
            : doing + " failed: " + cause;
    StoreFailedException failed =
        new StoreFailedException(
            what + "; nothing since the last confirm is confirmed, a restart recovers", cause);
    synchronized (lock) {
      if (failure != null) {
        return;
      }
      failure = failed;
      bell.ring();
    }
    listener.failed(failed);
  }

  private void throwIfFailed() {
    StoreFailedException failed = failure;
    if (failed != null) {
      throw failed;
    }
  }

  /// Lets [#awaitWork] return false once everything is written and marked.
  void stop() {
    throttle.set(0);
    synchronized (lock) {
      stopping = true;
      bell.ring();
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

  /// Closes the active file; the writer has ended. What was written is forced under every policy,
  /// unless the journal has failed.
  void closeFile() throws IOException {
    engine.close(failure == null);
  }
}
