package holdfast.broker;

import holdfast.core.Command;
import holdfast.core.Shard;
import holdfast.store.Store;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/// The one door to a shard: commands come from many threads and are done one after the other, by
/// whichever submitting thread finds the gate idle. A quiet broker hands nothing over between
/// threads, and nobody ever waits for a lock.
///
/// Ownership is a count of calls since the gate was last idle. Who raises it from 0 owns the gate
/// and drains; it is given up only by an atomic subtraction that finds no further call, so a call
/// that comes in between is never lost. An owner that cannot go on keeps the count and passes the
/// ownership on: to a scheduled drain when its round is over, or, when the journal has no room, to
/// the writer's next buffer swap, which schedules a drain.
///
/// Nothing blocks in here, and before each step the journal has room for whatever it may write.
/// What brings messages waits for a little more than that ([Intake]).
final class Gate {
  /// Steps of one drain, before other work of the thread has its turn.
  private static final int ROUND = 4096;

  /// Commands for one step of the shard's own work.
  private static final int COMMANDS = 16;

  private static final int RUNNING = 0;
  private static final int LEFT = 1;
  private static final int ROOM_CAME = 2;

  private final Store store;
  private final Shard shard;
  private final LongSupplier clock;
  private final Runnable afterRound;
  private final Consumer<Throwable> onFailure;
  private final Intake intake = new Intake();
  private final AtomicInteger calls = new AtomicInteger();

  /// Settles who comes first when the journal denied room: the owner leaving, or the room.
  private final AtomicInteger stall = new AtomicInteger(RUNNING);

  /// Where a drain is scheduled when no thread of ours is at hand: that of the last submitter who
  /// waits for an answer.
  private volatile Executor executor;

  private volatile boolean closed;

  /// Drains that are under way: one that has passed its ownership on may still be leaving when the
  /// next has begun, so a flag would not do.
  private final AtomicInteger drains = new AtomicInteger();

  // Guarded by ownership of the gate.
  private int owed;

  /// @param executor where the first drain is scheduled
  /// @param clock the time, in ms since the epoch
  /// @param afterRound sends what the round has produced; called by the owner
  /// @param onFailure told once, when the store has failed under a command or a command has a bug
  Gate(
      Store store,
      Shard shard,
      Executor executor,
      LongSupplier clock,
      Runnable afterRound,
      Consumer<Throwable> onFailure) {
    this.store = store;
    this.shard = shard;
    this.executor = executor;
    this.clock = clock;
    this.afterRound = afterRound;
    this.onFailure = onFailure;
  }

  /// Has commands done, in their order; the calling thread, which is one of `caller`, may be the
  /// one that does them.
  void submit(List<? extends Command> commands, Executor caller) {
    if (awaitsAnswer(commands.getFirst())) {
      executor = caller;
    }
    intake.add(commands);
    if (calls.getAndIncrement() == 0) {
      drain(1);
    }
  }

  /// Nobody waits for what a settlement brings: what is scheduled next is for somebody else, on
  /// whose thread it finds its way out without another hand-over.
  private static boolean awaitsAnswer(Command first) {
    return !Intake.isSettlement(first);
  }

  /// Has commands done by the executor, for a caller whose thread must not drain.
  void submit(List<? extends Command> commands) {
    intake.add(commands);
    wake();
  }

  /// Something has changed outside (a write is durable): the gate looks again.
  void wake() {
    if (calls.getAndIncrement() == 0) {
      pass(1);
    }
  }

  /// The room that the journal denied is there. Called once for each denial, on the writer's
  /// thread.
  void room() {
    if (!stall.compareAndSet(RUNNING, ROOM_CAME)) {
      stall.set(RUNNING);
      pass(owed);
    }
  }

  /// No drain is scheduled any more, and none that runs does another step.
  void close() {
    closed = true;
  }

  /// Waits, after [#close], until the drain that may run has done its last step: some milliseconds
  /// at most, for nothing blocks in one.
  void awaitQuiet() {
    while (drains.get() > 0) {
      Thread.onSpinWait();
    }
  }

  /// The ownership goes to a scheduled drain.
  private void pass(int seen) {
    if (closed) {
      return;
    }
    try {
      executor.execute(() -> drain(seen));
    } catch (RejectedExecutionException e) {
      // Closed between the question and the call, and its executor with it.
      if (!closed) {
        throw e;
      }
    }
  }

  /// Works until nothing is left. `seen` calls are answered once it has looked.
  private void drain(int seen) {
    Throwable failure = null;
    drains.incrementAndGet();
    try {
      drainAll(seen);
    } catch (RuntimeException | Error e) {
      // Either the store is closed for good, or a command broke an invariant: what is in memory
      // can no longer be trusted to be what is on disk, and only a restart goes on from there.
      closed = true;
      failure = e;
    } finally {
      drains.decrementAndGet();
    }
    if (failure != null) {
      onFailure.accept(failure);
    }
  }

  private void drainAll(int seen) {
    int answered = seen;
    while (!closed) {
      shard.at(clock.getAsLong());
      Progress progress = round();
      shard.endRound();
      store.tend();
      afterRound.run();
      store.kick();
      switch (progress) {
        case ROUND_OVER -> {
          pass(answered);
          return;
        }
        case NO_ROOM -> {
          owed = answered;
          if (stall.compareAndSet(RUNNING, LEFT)) {
            return;
          }
          stall.set(RUNNING);
        }
        case IDLE -> {
          answered = calls.addAndGet(-answered);
          if (answered == 0) {
            return;
          }
        }
      }
    }
  }

  private enum Progress {
    /// Nothing is left to do.
    IDLE,
    /// There is more, and others should have their turn.
    ROUND_OVER,
    /// The journal is full until its writer has swapped buffers.
    NO_ROOM
  }

  private Progress round() {
    for (int i = 0; i < ROUND && !closed; i++) {
      if (!store.hasRoom()) {
        return Progress.NO_ROOM;
      }
      boolean worked = shard.runOne();
      if (worked && !store.hasRoom()) {
        return Progress.NO_ROOM;
      }
      if (!acceptSome() && !worked && !shard.hasWork()) {
        return Progress.IDLE;
      }
    }
    return Progress.ROUND_OVER;
  }

  /// Takes some commands of each row for one step of the shard's own work: what there is to hand
  /// out, or a large body of which writes make room for a part now and then, would else let one
  /// small message pass for each step. False if there was none.
  private boolean acceptSome() {
    intake.sort(intake.hasOthers() && store.hasRoomToSpare());
    boolean accepted = false;
    for (int i = 0; i < COMMANDS && (!accepted || store.hasRoom()); i++) {
      Command settlement = intake.nextSettlement();
      if (settlement == null) {
        break;
      }
      shard.accept(settlement);
      accepted = true;
    }
    for (int i = 0; i < COMMANDS && intake.isTurnOfOthers() && store.hasRoomToSpare(); i++) {
      shard.accept(intake.nextOther());
      accepted = true;
    }
    return accepted;
  }
}
