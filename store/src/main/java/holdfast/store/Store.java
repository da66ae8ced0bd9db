package holdfast.store;

import java.io.Closeable;
import java.io.IOException;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// Many append-only logs and a small space of definitions, all written through one journal.
///
/// - A [Batch] is atomic: after a crash all of it is there or none of it.
/// - Every write returns a *position*; `position <= durable()` is what "on stable storage" means.
/// - An entry has a sequence in its log for ever, and is settled once.
///
/// One thread at a time owns a store (a broker's gate): every method here is that thread's but for
/// those that say otherwise. What happens by itself, on the journal's writer and on the background
/// executor, tells the owner through the [Listener].
public final class Store implements AutoCloseable {
  /// News of a store, from its own threads: the owner is told, nothing is decided here.
  public interface Listener {
    /// Every position up to this one is on stable storage.
    void durable(long position);

    /// The room that [Store#hasRoom] denied is there now.
    void room();

    /// There is something for the owner to do: call [Store#handOverFetched] and [Store#tend].
    void fetched();

    /// The store is closed for good: nothing more becomes durable.
    void failed(StoreFailedException failure);

    /// Something in the background did not succeed and will be tried again; nothing is lost.
    void warned(String what, Exception cause);
  }

  /// Takes what a fetch brought: in order of sequence; empty if nothing live was there.
  public interface FetchSink {
    void fetched(List<FetchedEntry> entries);
  }

  private static final long WRITER_JOIN_MS = 4_000;
  private static final String FILLING = "keeping space for the worst";

  /// An id is unique over all starts: the epoch above, a count below.
  private static final int COUNT_BITS = 40;

  private final Epoch epoch;

  /// What is closed with this store.
  private final Closeable owned;

  private final StoreOptions options;
  private final Listener listener;
  private final Executor background;
  private final Room room;
  private final Fold fold;
  private final JournalFront journal;
  private final Fetches fetches;
  private final Upkeep upkeep;
  private final List<String> warnings;
  private final long replayedRecords;
  private final RecordLayout.Payload partPayload = new RecordLayout.Payload();
  private final Set<LargeBody> openBodies = new HashSet<>();
  private @Nullable JournalWriter writer;
  private final AtomicBoolean filling = new AtomicBoolean();
  private long idCount;
  private final CommitTimes commitTimes = new CommitTimes();
  private volatile boolean backgroundEnded;
  private volatile Calibration.@Nullable Found calibration;
  private boolean closed;

  private Store(
      Epoch epoch,
      Closeable owned,
      StoreOptions options,
      Listener listener,
      Executor background,
      Executor readers)
      throws IOException {
    this.epoch = epoch;
    this.owned = owned;
    this.options = options;
    this.listener = listener;
    this.background = background;
    room = epoch.room();
    room.onChange(listener::fetched);
    Recovery recovery = new Recovery(epoch);
    recovery.run();
    fold = recovery.fold();
    warnings = recovery.warnings();
    replayedRecords = recovery.replayedRecords();
    epoch.recovered();
    LogSegmentFiles logSegments = new LogSegmentFiles(epoch.segments());
    logSegments.deleteAllBut(recovery.keptLogSegments());
    Journal.Begin begin = epoch.journal().begin();
    journal =
        new JournalFront(epoch, begin, options, JournalListener.of(listener), commitTimes::record);
    Pins pins = new Pins();
    fetches =
        new Fetches(
            epoch,
            pins,
            logSegments.pins(),
            readers,
            listener::fetched,
            cause -> journal.failFor("reading messages back", cause));
    upkeep = new Upkeep(this, epoch, options, recovery, journal, pins, logSegments, listener);
  }

  /// Opens a store, recovering what is there. Nothing is written by itself until [#start].
  ///
  /// @param background runs the store's slow work; one thread is enough
  /// @param readers reads entries back; one thread or a few
  /// @throws CorruptionException when confirmed data is damaged or missing: the message says where
  public static Store open(
      Disk disk, StoreOptions options, Listener listener, Executor background, Executor readers)
      throws IOException {
    Engine engine = new LocalEngine(disk, options);
    return new Store(engine.acquire(0), engine, options, listener, background, readers);
  }

  /// The same on any engine, whose owner this store becomes: no other can go on with what it has.
  /// The engine is the caller's to close.
  public static Store open(
      Engine engine, StoreOptions options, Listener listener, Executor background, Executor readers)
      throws IOException {
    return new Store(engine.acquire(0), () -> {}, options, listener, background, readers);
  }

  /// The same for a new directory that takes over what another journal held: its epochs begin
  /// behind those of that one, so that none of the ids given there is given again.
  static Store openBehind(long epoch, Disk disk, StoreOptions options, Listener listener)
      throws IOException {
    Engine engine = new LocalEngine(disk, options);
    return new Store(
        engine.acquire(epoch), engine, options, listener, Runnable::run, Runnable::run);
  }

  /// Starts the writer's thread and prepares what the journal needs next.
  public void start() {
    JournalWriter thread = new JournalWriter(journal);
    writer = thread;
    thread.start();
    prepareSpare();
  }

  /// Whether somebody was refused room, which the next write makes: for whoever has a store without
  /// a writer's thread.
  public boolean isRoomWanted() {
    return journal.isRoomWanted();
  }

  /// Writes what has gathered, for an owner who brings the writer's thread along (a simulation).
  /// False when the journal has failed.
  public boolean writeOnce() {
    return journal.writeOnce();
  }

  /// Forces what has been written, for the same owner; nothing is left to force under
  /// [SyncPolicy.Sync]. False when the journal has failed.
  public boolean forceOnce() {
    return journal.forceOnce();
  }

  // --- what recovery found ---

  /// Definitions by key, in order of keys. Not to be changed but through batches.
  public SortedMap<String, byte[]> definitions() {
    return Collections.unmodifiableSortedMap(fold.definitions());
  }

  public @Nullable Log log(long id) {
    return fold.log(id);
  }

  public Collection<Log> logs() {
    return Collections.unmodifiableCollection(fold.allLogs());
  }

  /// What recovery had to work around, for the log.
  public List<String> warnings() {
    return warnings;
  }

  public long replayedRecords() {
    return replayedRecords;
  }

  // --- writing ---

  /// A new log; it exists once a batch with [Batch#createLog] is written.
  public Log newLog() {
    return fold.announce();
  }

  /// A log with an id that it has had in another journal: definitions name logs by their ids.
  Log newLog(long id) {
    return fold.announce(id);
  }

  /// A number that this store has never given before and never will again.
  public long newId() {
    return journal.epoch() << COUNT_BITS | ++idCount;
  }

  /// Whether one step of work can be appended now: a batch of up to [#batchBytesMax] and a part. If
  /// not, [Listener#room] is called once it can.
  public boolean hasRoom() {
    return journal.hasRoom();
  }

  /// The same for one batch of so many bytes, [#largeBatchBytesMax] at most.
  public boolean hasRoom(int bytes) {
    if (bytes > largeBatchBytesMax()) {
      throw new IllegalArgumentException(
          "a batch of " + bytes + " bytes; one may have " + largeBatchBytesMax());
    }
    return journal.hasRoom(Bytes.align8(RecordLayout.HEADER_BYTES + bytes));
  }

  /// Whether a part of a large body should be appended now: a write takes no more than one or two,
  /// or what is small would wait for all of them. If not, [Listener#fetched] is called once it
  /// should.
  public boolean hasRoomForPart() {
    return journal.hasRoomForPart();
  }

  /// Whether one step of work leaves room for others. To be asked by what brings messages, so that
  /// what lets go of them always finds room. If not, [Listener#fetched] is called once it does.
  public boolean hasRoomToSpare() {
    return journal.hasRoomToSpare();
  }

  /// The most a batch may hold that [#hasRoom()] was asked for.
  public int batchBytesMax() {
    return options.partBytesMax();
  }

  /// The most a batch may hold at all: ask [#hasRoom(int)] for one above [#batchBytesMax].
  public int largeBatchBytesMax() {
    return options.recordBytesMax();
  }

  /// Appends a batch to the journal; the state counts it at once. Returns its position.
  ///
  /// @param awaited whether somebody waits for it; if not it rides with the next write
  public long write(Batch batch, boolean awaited) {
    assert batch.length() <= largeBatchBytesMax() : "batch of " + batch.length() + " bytes";
    long position = journal.append(RecordLayout.CLOSE, 0, 0, batch.payload(), awaited);
    batch.applyTo(fold, journal.appendedAt());
    return position;
  }

  /// Whether a body must go in parts ahead of its batch.
  public boolean isLarge(int bodyBytes) {
    return bodyBytes > options.partBytesMax() / 2;
  }

  /// Begins a large body.
  public LargeBody beginLarge(byte[] body) {
    return beginLarge(Body.of(body));
  }

  /// The same for one that may be in pieces.
  public LargeBody beginLarge(Body body) {
    LargeBody large = new LargeBody(newId(), body);
    openBodies.add(large);
    return large;
  }

  /// Appends the next part of a large body; true when it was the last. Ask for room before each.
  public boolean writePart(LargeBody body) {
    Body bytes = body.body();
    int at = body.written();
    int count = Math.min(options.partBytesMax(), bytes.runAt(at));
    partPayload.head(bytes.arrayAt(at), bytes.offsetAt(at), count);
    journal.append(RecordLayout.PART, body.id(), body.parts().count(), partPayload, false);
    body.wrote(count, journal.appendedAt());
    return body.isWritten();
  }

  /// Every [#beginLarge] ends here: after the batch that names it, or without one.
  public void endLarge(LargeBody body) {
    boolean removed = openBodies.remove(body);
    assert removed : "body " + body.id() + " was ended twice";
  }

  /// Segment of the oldest part of a body that is being written.
  long oldestOpenBody() {
    long oldest = Long.MAX_VALUE;
    for (LargeBody body : openBodies) {
      if (body.parts().count() > 0) {
        oldest = Math.min(oldest, body.parts().fromGeneration());
      }
    }
    return oldest;
  }

  // --- reading ---

  /// Reads live entries of a log, which are durable, in order of sequence, from `from` on and below
  /// `to`: at least one, and on until about so many bytes or entries. Never waits: what was read is
  /// handed over by [#handOverFetched]. Entries that were settled meanwhile may be among them: ask
  /// [Log#isLive].
  public void fetch(Log log, long from, long to, int bytesMax, int countMax, FetchSink sink) {
    fetches.begin(log, from, to, bytesMax, countMax, sink);
  }

  /// Hands over one finished fetch; false if there is none.
  public boolean handOverFetched() {
    return fetches.handOver();
  }

  /// Whether a fetch has finished. Any thread.
  public boolean hasFetched() {
    return fetches.hasDone();
  }

  /// Starts a device write if anybody waits for one; called when a round of work is done.
  public void kick() {
    journal.kick();
  }

  /// Writes on the calling thread instead, for a caller who is alone and waits: true when all that
  /// was written before is durable on return, false when [#kick] and the listener must do. The
  /// listener is called on this thread meanwhile. Any thread, also one that is interrupted.
  ///
  /// @throws StoreFailedException when the journal has failed, in this write or before
  public boolean commitInline() {
    return journal.commitInline();
  }

  /// The highest position that may be confirmed. Any thread.
  public long durable() {
    return journal.durable();
  }

  /// The highest position on stable storage; that is [#durable] under [SyncPolicy.Sync]. Any
  /// thread.
  public long forced() {
    return journal.forced();
  }

  // --- upkeep ---

  /// Makes one small step of what keeps the disk tidy and a restart short. Called by the owner at
  /// the end of each round of work and when [Listener#fetched] asks for it, with room for a step.
  public void tend() {
    if (!backgroundEnded) {
      upkeep.step();
    }
  }

  /// Whether [#tend] is worth a call although nothing happens; asked about once a second. Any
  /// thread.
  public boolean wantsTending() {
    room.look();
    if (upkeep.isIdle()) {
      prepareSpare(); // else a round is about to give a segment back, and needs the thread
    }
    return upkeep.wantsStep();
  }

  /// Why publishers must be blocked until the disk has more room, in words for a person; null if
  /// they need not. It begins well before anything fails and ends by itself when there is space
  /// again; [Listener#fetched] is called when it begins and when it ends. Settling goes on
  /// meanwhile. Looked at by [#wantsTending]. Any thread, at any time: it costs nothing.
  public @Nullable String shortage() {
    return room.shortage();
  }

  /// Has the next segment and the reserve made ready in the background, if they are not.
  void prepareSpare() {
    if (room.wantsPreparing() && filling.compareAndSet(false, true)) {
      inBackground(this::fill);
    }
  }

  private void fill() {
    try {
      room.prepare();
      upkeep.succeeded(FILLING);
    } catch (IOException e) {
      upkeep.failed(FILLING, e);
    } finally {
      filling.set(false);
    }
    room.look();
  }

  /// Hands a task to the background, unless the owner has ended that to close the store: what is
  /// not done then is for the next start to do.
  void inBackground(Runnable task) {
    try {
      background.execute(() -> {
        try {
          task.run();
        } catch (RuntimeException | Error bug) {
          // What waits for this task would wait for ever, and nobody would know.
          journal.failFor("work in the background", bug);
          throw bug;
        }
      });
    } catch (RejectedExecutionException e) {
      backgroundEnded = true;
    }
  }

  // --- figures; any thread ---

  /// Device writes since the start.
  public long writes() {
    return journal.writes();
  }

  /// Bytes written to the journal since the start, padding included.
  public long writtenBytes() {
    return journal.writtenBytes();
  }

  /// Bytes of all journal files.
  public long journalDiskBytes() {
    return epoch.journal().diskBytes();
  }

  public int segments() {
    return epoch.journal().segmentCount();
  }

  /// Entries that have left the journal for a log segment since the start.
  public long movedEntries() {
    return upkeep.movedEntries();
  }

  /// Entries that were written anew to let half-dead log segments go, since the start.
  public long rewrittenEntries() {
    return upkeep.rewrittenEntries();
  }

  public long epoch() {
    return journal.epoch();
  }

  /// How long its device writes take.
  public CommitTimes commitTimes() {
    return commitTimes;
  }

  /// What the disk showed when [#calibrate] looked, or null: not asked, not done yet, or not
  /// possible.
  public Calibration.@Nullable Found calibration() {
    return calibration;
  }

  /// Has the disk's [TimeModel] found out in the background, beside the work that goes on.
  public void calibrate() {
    inBackground(() -> {
      try {
        calibration = epoch.calibrate();
      } catch (IOException e) {
        listener.warned("measuring how fast the disk is", e);
      }
    });
  }

  /// Writes what has gathered, marks the end and closes, also for a thread that is interrupted.
  /// Idempotent; the background executor is the owner's to end, before this.
  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    journal.stop();
    JournalWriter thread = writer;
    Uninterrupted.await(() -> {
      if (thread != null) {
        thread.join(WRITER_JOIN_MS);
      } else {
        journal.writeRest();
      }
    });
    try (owned) {
      journal.closeFile();
    }
  }
}
