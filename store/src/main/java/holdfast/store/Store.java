package holdfast.store;

import java.io.IOException;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Executor;
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

    /// The store is closed for good: nothing more becomes durable.
    void failed(StoreFailedException failure);

    /// Something in the background did not succeed and will be tried again; nothing is lost.
    void warned(String what, Exception cause);
  }

  /// Takes over an entry after recovery.
  public interface EntryReader {
    void entry(long sequence, byte[] header, byte[] body, boolean mayHaveBeenDelivered);
  }

  private static final long WRITER_JOIN_MS = 4_000;

  /// An id is unique over all starts: the epoch above, a count below.
  private static final int COUNT_BITS = 40;

  private final Disk disk;
  private final StoreOptions options;
  private final Listener listener;
  private final Executor background;
  private final SegmentFiles files;
  private final Checkpoints checkpoints;
  private final Fold fold;
  private final Journal journal;
  private final List<String> warnings;
  private final RecoveredEntries recovered;
  private final long replayedRecords;
  private final RecordLayout.Payload partPayload = new RecordLayout.Payload();
  private final AtomicBoolean checkpointRunning = new AtomicBoolean();
  private @Nullable JournalWriter writer;
  private @Nullable PendingCheckpoint pending;

  /// Segment that filled when the last checkpoint was taken; 0 right after recovery, so that one is
  /// taken then.
  private long checkpointGeneration;

  private long checkpointNumber;
  private long idCount;
  private int openBodies;
  private boolean closed;

  /// What the checkpoint before the newest still needs.
  private Needs previousNeeds;

  private record PendingCheckpoint(long number, long write, byte[] encoded, Needs needs) {}

  /// The segments a checkpoint rests on: these, and all from `replayFrom` on.
  record Needs(long replayFrom, Set<Long> older) {}

  private Store(Disk disk, StoreOptions options, Listener listener, Executor background)
      throws IOException {
    this.disk = disk;
    this.options = options;
    this.listener = listener;
    this.background = background;
    checkpoints = new Checkpoints(disk);
    files = new SegmentFiles(disk, options);
    Recovery recovery = new Recovery(disk);
    Journal.Start start = recovery.run();
    fold = recovery.fold();
    recovered = recovery.entries();
    warnings = recovery.warnings();
    replayedRecords = recovery.replayedRecords();
    checkpointNumber = recovery.checkpointNumber();
    previousNeeds = recovery.needs();
    Set<Long> kept = new HashSet<>(start.closedRanges().keySet());
    kept.addAll(recovery.keptForFallback());
    files.adopt(kept);
    journal = new Journal(files, options, start, new JournalListener());
    Recovery.Cut cut = recovery.cut();
    if (cut != null) {
      giveBackTail(cut);
    }
  }

  /// Opens a store, recovering what is there. Nothing is written by itself until [#start].
  ///
  /// @param background runs the store's slow work; one thread is enough
  /// @throws CorruptionException when confirmed data is damaged or missing: the message says where
  public static Store open(Disk disk, StoreOptions options, Listener listener, Executor background)
      throws IOException {
    return new Store(disk, options, listener, background);
  }

  /// The next segment's header remembers the cut by now: what lies behind it is dead space.
  private void giveBackTail(Recovery.Cut cut) throws IOException {
    try (DiskFile file = disk.open(cut.segment(), Disk.Access.BUFFERED)) {
      if (cut.bytes() < file.size()) {
        file.resize(cut.bytes());
      }
    }
  }

  /// Starts the writer's thread and prepares what the journal needs next.
  public void start() {
    JournalWriter thread = new JournalWriter(journal);
    writer = thread;
    thread.start();
    prepareSpare();
  }

  /// Writes what has gathered, for an owner who brings the writer's thread along (a simulation).
  /// False when the journal has failed.
  public boolean writeOnce() {
    return journal.writeOnce();
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
    return Collections.unmodifiableCollection(fold.logs().values());
  }

  /// Hands over the live entries that a log had at open, in order, once.
  public void recover(Log log, EntryReader reader) {
    recovered.drain(log, reader);
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

  /// A number that this store has never given before and never will again.
  public long newId() {
    return journal.epoch() << COUNT_BITS | ++idCount;
  }

  /// Whether one step of work can be appended now: a batch of up to [#batchBytesMax] and a part. If
  /// not, [Listener#room] is called once it can. Any thread.
  public boolean hasRoom() {
    return journal.hasRoom();
  }

  /// The most a batch may hold.
  public int batchBytesMax() {
    return options.partBytesMax();
  }

  /// Appends a batch to the journal; the state counts it at once. Returns its position.
  ///
  /// @param awaited whether somebody waits for it; if not it rides with the next write
  public long write(Batch batch, boolean awaited) {
    assert batch.length() <= 2 * options.partBytesMax() : "batch of " + batch.length() + " bytes";
    long position = journal.append(RecordLayout.CLOSE, 0, 0, batch.payload(), awaited);
    batch.applyTo(fold, Address.generation(journal.appendedAt()));
    return position;
  }

  /// Whether a body must go in parts ahead of its batch.
  public boolean isLarge(int bodyBytes) {
    return bodyBytes > options.partBytesMax() / 2;
  }

  /// Begins a large body, or null while a checkpoint waits for those that are open: try again.
  public @Nullable LargeBody beginLarge(byte[] body) {
    if (checkpointDue()) {
      return null;
    }
    openBodies++;
    return new LargeBody(newId(), body);
  }

  /// Appends the next part of a large body; true when it was the last. Ask for room before each.
  public boolean writePart(LargeBody body) {
    int count = Math.min(options.partBytesMax(), body.bytes().length - body.written());
    partPayload.head(body.bytes(), body.written(), count);
    journal.append(RecordLayout.PART, body.id(), body.parts(), partPayload, false);
    body.wrote(count, Address.generation(journal.appendedAt()));
    return body.isWritten();
  }

  /// Every [#beginLarge] ends here: after the batch that names it, or without one.
  public void endLarge(LargeBody body) {
    assert openBodies > 0 : "body " + body.id() + " was ended twice";
    openBodies--;
  }

  /// Starts a device write if anybody waits for one; called when a round of work is done.
  public void kick() {
    journal.kick();
  }

  /// The highest position on stable storage. Any thread.
  public long durable() {
    return journal.durable();
  }

  // --- checkpoints ---

  private boolean checkpointDue() {
    return journal.generation() != checkpointGeneration && !checkpointRunning.get();
  }

  /// Takes a checkpoint when a new segment has begun, and lets it be written once everything it
  /// counts is durable. Called by the owner now and then, with room for a step.
  public void tend() {
    PendingCheckpoint ready = pending;
    if (ready != null) {
      if (journal.durable() >= ready.write) {
        pending = null;
        background.execute(() -> writeCheckpoint(ready));
      }
      return;
    }
    if (checkpointDue() && openBodies == 0) {
      takeCheckpoint();
    }
  }

  private void takeCheckpoint() {
    Journal.Place place = journal.place();
    Set<Long> live = new HashSet<>(fold.liveSegments());
    live.removeIf(g -> g >= place.generation());
    TreeMap<Long, Checkpoint.WriteRange> older = journal.rangesOf(live);
    assert older.size() == live.size() : "a segment with live entries has no range";
    long number = ++checkpointNumber;
    byte[] encoded =
        Checkpoint.encode(journal.journalId(), number, journal.epoch(), place, older, fold);
    checkpointGeneration = place.generation();
    checkpointRunning.set(true);
    pending =
        new PendingCheckpoint(
            number, journal.flush(), encoded, new Needs(place.generation(), live));
  }

  /// On the background thread: checkpoint forced, then segments freed, in this order.
  private void writeCheckpoint(PendingCheckpoint taken) {
    try {
      checkpoints.write(taken.number, taken.encoded);
      checkpoints.prune();
      Needs before = previousNeeds;
      Set<Long> needed = new HashSet<>(taken.needs.older);
      needed.addAll(before.older);
      long from = Math.min(before.replayFrom, taken.needs.replayFrom);
      files.free(from, needed);
      journal.forgetRanges(from, needed);
      previousNeeds = taken.needs;
    } catch (IOException e) {
      listener.warned("writing a checkpoint", e);
    } finally {
      checkpointRunning.set(false);
    }
    prepareSpare();
  }

  private void prepareSpare() {
    if (files.wantsSpare()) {
      background.execute(() -> {
        try {
          files.prepareSpare();
        } catch (IOException e) {
          listener.warned("filling the next journal segment with zeros", e);
        }
      });
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
  public long diskBytes() {
    return files.diskBytes();
  }

  public int segments() {
    return files.segmentCount();
  }

  public long epoch() {
    return journal.epoch();
  }

  private final class JournalListener implements Journal.Listener {
    @Override
    public void durable(long position) {
      listener.durable(position);
    }

    @Override
    public void room() {
      listener.room();
    }

    @Override
    public void failed(StoreFailedException failure) {
      listener.failed(failure);
    }
  }

  /// Writes what has gathered, marks the end and closes. Idempotent; the background executor is the
  /// owner's to end, before this.
  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    journal.stop();
    JournalWriter thread = writer;
    try {
      if (thread != null) {
        thread.join(WRITER_JOIN_MS);
      } else {
        journal.writeRest();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    journal.closeFile();
    disk.close();
  }
}
