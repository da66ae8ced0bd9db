package holdfast.store;

import holdfast.store.LogSegment.Piece;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// Keeps what is on disk small and a restart short, in rounds: live entries leave the oldest
/// segments of the journal and the log segments that are half dead ([Move]); then a checkpoint is
/// taken ([CheckpointBuilder]); then what neither it nor the one before it needs is given back, and
/// not sooner.
///
/// A round begins when the journal has begun a new segment, and when an idle store could give
/// something back. The owner of the store makes the small steps, in [#step]; copying and writing
/// happen in the background.
final class Upkeep {
  /// Logs, or entries, that one step of planning handles.
  private static final int PLAN_LOGS = 1024;

  private static final int PLAN_ENTRIES = 64 * 1024;

  /// After a move that failed so many looks pass before the next try, and twice as many after each
  /// further one: the reason is likely still there, and every try is a write to the journal.
  private static final int LOOKS_AFTER_FAILURE = 10;

  private static final int LOOKS_MAX = 3600;

  /// While space is short, rounds follow each other at once, but only so many between two looks.
  private static final int HURRIES = 3;

  /// The journal is held back from where so many times as much as is left would be its limit, and
  /// all the way there: what a start has to replay stays below it.
  private static final double SLOWED = 4;

  /// How often a segment that fills is looked at for that.
  private static final int SLOWED_LOOKS = 32;

  private static final String MOVING = "moving messages out of the journal";
  private static final String WRITING = "writing a checkpoint";

  private enum Stage {
    IDLE,
    PLANNING,
    /// The plan rests on records that are on their way to disk.
    PLANNED,
    /// In the background.
    MOVING,
    MOVED,
    COPYING,
    /// The checkpoint rests on records that are on their way to disk.
    COPIED,
    /// In the background.
    WRITING
  }

  private final Store store;
  private final Epoch epoch;
  private final Room room;
  private final StoreOptions options;
  private final Fold fold;
  private final JournalFront journal;
  private final Journal files;
  private final Pins journalPins;
  private final LogSegmentFiles logSegments;
  private final Checkpoints checkpoints;
  private final Clearing clearing;
  private final Store.Listener listener;

  private volatile Stage stage = Stage.IDLE;
  private final AtomicBoolean looks = new AtomicBoolean();
  private volatile boolean again;

  /// Segments of the journal below this are given back.
  private volatile long freedBelow;

  /// Segment that filled when the last round began; 0 right after recovery, so that one begins
  /// then.
  private long roundGeneration;

  private long checkpointNumber;

  /// What the newest checkpoint rests on, and the one before it.
  private volatile Needs newest;

  private volatile Needs before;

  private volatile long movedEntries;
  private volatile long rewrittenEntries;

  /// For which the journal's speed was judged last.
  private long slowedGeneration;

  private Stage slowedStage = Stage.IDLE;

  /// The journal's end then, and how much further it may be before the next look: [Address]es.
  private long slowedAt;

  private final long slowedStep;

  // The round that is under way.
  private long moveUpTo;
  private Set<Long> rewritten = Set.of();
  private long planLog;
  private long awaited;
  private @Nullable Move move;
  private boolean moveFailed;

  /// Looks to pass until entries are moved again. After a failure there is no sooner try, unless
  /// the journal has begun a new segment since or there is more space than there was.
  private int looksToRest;

  private int lastRest = LOOKS_AFTER_FAILURE / 2;
  private long spaceAtFailure;

  /// Rounds that began, or are to begin, because space is short, since the last look.
  private volatile int hurries;

  private volatile boolean hurry;

  /// What a person was told of last, and has not been told the end of. Guarded by itself.
  private final Map<String, String> told = new HashMap<>();

  private long nextLogSegment;
  private @Nullable CheckpointBuilder builder;

  /// Bytes of the newest whole checkpoint, and of those since that hold changes only. Changes are
  /// written while they weigh less than the whole; 0 asks for a whole one.
  private volatile long wholeBytes;

  private volatile long changeBytes;

  Upkeep(
      Store store,
      Epoch epoch,
      StoreOptions options,
      Recovery recovery,
      JournalFront journal,
      Pins journalPins,
      LogSegmentFiles logSegments,
      Store.Listener listener) {
    this.store = store;
    this.epoch = epoch;
    room = epoch.room();
    this.options = options;
    this.fold = recovery.fold();
    this.journal = journal;
    slowedStep = Address.of(0, Bytes.align8((int) (options.segmentBytesMax() / SLOWED_LOOKS)));
    files = epoch.journal();
    this.journalPins = journalPins;
    this.logSegments = logSegments;
    this.checkpoints = new Checkpoints(epoch.segments());
    this.clearing = new Clearing(fold, files, room, options);
    this.listener = listener;
    checkpointNumber = recovery.checkpointNumber();
    newest = recovery.needs();
    before = recovery.fallbackNeeds();
    nextLogSegment = recovery.nextLogSegment();
  }

  /// Whether a step is worth its while although nothing happens: asked about once a second. Any
  /// thread.
  boolean wantsStep() {
    looks.set(true);
    return true;
  }

  /// Whether no round is under way. Any thread.
  boolean isIdle() {
    return stage == Stage.IDLE;
  }

  /// Entries that have left the journal for a log segment since the start. Any thread.
  long movedEntries() {
    return movedEntries;
  }

  /// Entries that were written from one log segment to another since the start. Any thread.
  long rewrittenEntries() {
    return rewrittenEntries;
  }

  /// Makes one small step; the owner's, with room in the journal.
  void step() {
    long current = journal.generation();
    slowTheJournal(current);
    switch (stage) {
      case IDLE -> {
        // Asked at the end of every round of the owner's work: the answer is no nearly always.
        if (current != roundGeneration || looks.get() || hurry) {
          beginIfDue(current);
        }
      }
      case PLANNING -> plan();
      case PLANNED -> {
        if (journal.forced() >= awaited) {
          stage = Stage.MOVING;
          room.hurry(true);
          store.inBackground(this::runMove);
        }
      }
      case MOVED -> count();
      case COPYING -> copy();
      case COPIED -> {
        if (journal.forced() >= awaited) {
          stage = Stage.WRITING;
          room.hurry(true);
          store.inBackground(this::write);
        }
      }
      case MOVING, WRITING -> {}
    }
  }

  /// Who writes faster than entries can be moved is held back, or the next start would have to
  /// replay more than it should.
  private void slowTheJournal(long current) {
    long last = journal.appendedAt();
    boolean same = current == slowedGeneration && stage == slowedStage;
    if (same && last - slowedAt < slowedStep && !journal.throttle().isOn()) {
      return;
    }
    slowedGeneration = current;
    slowedStage = stage;
    slowedAt = last;
    double live = files.bytesFrom(fold.oldestNeeded(current));
    if (Address.generation(last) == current) {
      live -= Math.max(0, files.bytes(current) - Address.offset(last));
    }
    journal.slow(overload(live, options.journalBytesMax()));
    Move running = move;
    if (running != null && journal.throttle().isOn()) {
      running.hurry();
    }
  }

  /// How far moving is behind the journal: above 0 near the limit, and 1 there.
  static double overload(double liveBytes, long journalBytesMax) {
    return SLOWED * liveBytes / journalBytesMax - (SLOWED - 1);
  }

  /// Has the owner come back for the next step.
  private void goOn(Stage next) {
    stage = next;
    listener.fetched();
  }

  // --- whether, and what ---

  private void beginIfDue(long current) {
    boolean looked = looks.getAndSet(false);
    if (looked) {
      looksToRest = Math.max(0, looksToRest - 1);
      hurries = 0;
    }
    looked |= hurry;
    hurry = false;
    if (moveFailed) {
      moveFailed = false;
      lastRest = Math.min(LOOKS_MAX, 2 * lastRest);
      looksToRest = lastRest;
      spaceAtFailure = spaceToMove();
    } else if (current != roundGeneration || spaceToMove() > spaceAtFailure) {
      looksToRest = 0;
    }
    if (current == roundGeneration
        && !(looked && (again || clearing.couldFree(current, before, looksToRest == 0)))) {
      return;
    }
    roundGeneration = current;
    again = false;
    fold.forgetGenerations(freedBelow);
    fold.segments().values().removeIf(segment -> segment.live() == 0);
    boolean moves = looksToRest == 0;
    moveUpTo = moves ? clearing.moveUpTo(current) : 0;
    rewritten = moves ? clearing.halfDead() : Set.of();
    if (moveUpTo == 0 && rewritten.isEmpty()) {
      beginCheckpoint();
    } else {
      move = new Move(epoch, options, nextLogSegment);
      planLog = 0;
      goOn(Stage.PLANNING);
    }
  }

  private long spaceToMove() {
    return room.freeBytes() + room.keptBytes();
  }

  // --- moving ---

  private void plan() {
    Move plan = requireMove();
    int logs = 0;
    long entries = plan.entries();
    for (Map.Entry<Long, Log> each : fold.logs().tailMap(planLog, false).entrySet()) {
      if (logs++ == PLAN_LOGS || plan.entries() - entries > PLAN_ENTRIES) {
        goOn(Stage.PLANNING);
        return;
      }
      Log log = each.getValue();
      for (Piece piece : log.pieces()) {
        if (rewritten.contains(piece.segment.number)) {
          plan.addPiece(log, piece);
        }
      }
      long end = endOfMove(log);
      if (end > log.tail().first()) {
        plan.addJournal(log, end);
      }
      planLog = log.id();
    }
    if (plan.isEmpty()) {
      beginCheckpoint();
    } else {
      awaited = journal.flush();
      goOn(Stage.PLANNED);
    }
  }

  /// Entries of a log below this leave the journal: all up to the last that has a byte in one of
  /// the segments to be cleared, so that what stays is the newest.
  private long endOfMove(Log log) {
    long end = 0;
    for (int i = 0; i < log.runs().size(); i++) {
      if (log.runs().get(i).generation <= moveUpTo && log.runs().get(i).live > 0) {
        end = i + 1 < log.runs().size() ? log.runs().get(i + 1).first : log.next();
      }
    }
    for (Map.Entry<Long, LargeParts> large : log.large().entrySet()) {
      if (large.getValue().fromGeneration() <= moveUpTo) {
        end = Math.max(end, large.getKey() + 1);
      }
    }
    return end;
  }

  private void runMove() {
    room.hurry(false);
    Move running = requireMove();
    try {
      running.run();
      succeeded(MOVING);
      lastRest = LOOKS_AFTER_FAILURE / 2;
    } catch (IOException e) {
      moveFailed = true;
      failed(MOVING, e);
    }
    goOn(Stage.MOVED);
  }

  private Move requireMove() {
    Move current = move;
    if (current == null) {
      throw new IllegalStateException("no move is under way");
    }
    return current;
  }

  /// What was copied counts where it lies now.
  private void count() {
    Move moved = requireMove();
    nextLogSegment = moved.nextNumber();
    if (!moveFailed) {
      for (Move.Result result : moved.results()) {
        Log log = fold.log(result.log());
        Piece old = result.old();
        if (log == null) {
          continue; // deleted meanwhile
        }
        long entries = result.pieces().stream().mapToLong(piece -> piece.total).sum();
        if (old != null) {
          fold.rewritten(log, old, result.pieces());
          rewrittenEntries += entries;
        } else {
          fold.moved(log, result.end(), result.pieces());
          movedEntries += entries;
        }
      }
    }
    move = null;
    beginCheckpoint();
  }

  // --- the checkpoint ---

  private void beginCheckpoint() {
    JournalFront.Place place = journal.place();
    long replayFrom = Math.min(fold.oldestNeeded(place.generation()), store.oldestOpenBody());
    builder =
        new CheckpointBuilder(
            fold,
            new CheckpointHead(
                journal.journalId(),
                ++checkpointNumber,
                changeBytes < wholeBytes && !room.isShort() ? newest.newest() : 0,
                journal.epoch(),
                replayFrom,
                place,
                fold.nextLogId()));
    goOn(Stage.COPYING);
  }

  private void copy() {
    if (requireBuilder().step(journal.place())) {
      awaited = journal.flush();
      goOn(Stage.COPIED);
    } else {
      goOn(Stage.COPYING);
    }
  }

  private CheckpointBuilder requireBuilder() {
    CheckpointBuilder current = builder;
    if (current == null) {
      throw new IllegalStateException("no checkpoint is being taken");
    }
    return current;
  }

  /// On the background thread: checkpoint forced, then files given back, in this order.
  private void write() {
    room.hurry(false);
    CheckpointBuilder taken = requireBuilder();
    builder = null;
    try {
      byte[] bytes = taken.toBytes();
      Set<Long> chain = new HashSet<>(taken.head().isWhole() ? Set.of() : newest.checkpoints());
      chain.add(taken.head().number());
      checkpoints.write(taken.head().number(), bytes, wholeBytes);
      before = newest;
      newest = new Needs(taken.head().replayFrom(), taken.segments(), chain, taken.head().number());
      Set<Long> keptFiles = new HashSet<>(before.checkpoints());
      keptFiles.addAll(chain);
      checkpoints.prune(keptFiles);
      wholeBytes = taken.head().isWhole() ? bytes.length : wholeBytes;
      changeBytes = taken.head().isWhole() ? 0 : changeBytes + bytes.length;
      long from = Math.min(before.replayFrom(), newest.replayFrom());
      files.free(from, journalPins::isPinned);
      Set<Long> kept = new HashSet<>(before.logSegments());
      kept.addAll(newest.logSegments());
      logSegments.deleteAllBut(kept);
      freedBelow = from;
      succeeded(WRITING);
    } catch (IOException e) {
      again = true;
      wholeBytes = 0; // the changes that this one held are told by nobody
      failed(WRITING, e);
    } finally {
      stage = Stage.IDLE;
    }
    store.prepareSpare();
    if (room.isShort() && !again && hurries < HURRIES) {
      // What the next round gives back is needed now, not in a second.
      hurries = hurries + 1;
      hurry = true;
    }
    listener.fetched();
  }

  /// Tells of trouble once, and again when it is another.
  void failed(String what, IOException cause) {
    boolean full = room.isFull(cause, options.segmentBytesFirst());
    String trouble = full ? "full" : cause.toString();
    room.look();
    synchronized (told) {
      if (trouble.equals(told.put(what, trouble))) {
        return;
      }
    }
    listener.warned(what, cause);
  }

  void succeeded(String what) {
    synchronized (told) {
      told.remove(what);
    }
  }
}
