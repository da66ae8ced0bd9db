package holdfast.testkit.broker;

import holdfast.core.Client;
import holdfast.core.Command;
import holdfast.core.Event;
import holdfast.core.Formats;
import holdfast.core.Limits;
import holdfast.core.MemoryBudget;
import holdfast.core.Outbox;
import holdfast.core.Session;
import holdfast.core.Shard;
import holdfast.core.VirtualHost;
import holdfast.store.Engine;
import holdfast.store.LocalEngine;
import holdfast.store.Store;
import holdfast.store.StoreFailedException;
import holdfast.store.StoreOptions;
import holdfast.testkit.SimulatedDisk;
import holdfast.testkit.SimulatedExecutor;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/// A shard on a simulated disk with no thread but the test's: it does what the gate does, one step
/// at a time, and writes to the disk when it is told to.
final class ShardDriver {
  static final Limits LIMITS = limits(1_000_000_000, 600_000_000, Limits.Paging.STANDARD);

  /// So small that a queue of a few messages is read in several pieces.
  static final Limits.Paging PAGING_TINY = new Limits.Paging(2, 500, 3, 2_000, 400, 2);

  static Limits limits(long memoryBytesHigh, long cacheBytesHigh, Limits.Paging paging) {
    return new Limits(memoryBytesHigh, cacheBytesHigh, 1000, 100, 200, 1_800_000, paging);
  }

  /// Steps after which the store is tended, as the gate does after each of its rounds.
  private static final int ROUND = 256;

  /// What it stands on; null on an engine that is not a disk.
  SimulatedDisk disk;

  final Store store;
  final Shard shard;
  final MemoryBudget memory;
  final VirtualHost host;
  final Client self;

  /// Steps and commands so far: what happened at a lower count stands before in the journal.
  long clock;

  /// The time, in ms.
  long nowMs;

  /// Told of each command right before the shard is.
  Consumer<Command> onAccept = command -> {};

  /// Lets an engine complete what is under way.
  Runnable beforeWrite = () -> {};

  /// Has it complete that.
  Runnable atRest = () -> {};

  StoreFailedException failure;
  private final SimulatedExecutor tasks = new SimulatedExecutor();
  private final ArrayDeque<Command> inbox = new ArrayDeque<>();

  ShardDriver(SimulatedDisk disk, Limits limits) throws IOException {
    this(disk, limits, 1);
  }

  ShardDriver(SimulatedDisk disk, Limits limits, long nowMs) throws IOException {
    this(new LocalEngine(disk, StoreOptions.tiny()), limits, nowMs);
    this.disk = disk;
  }

  ShardDriver(Engine engine, Limits limits) throws IOException {
    this(engine, limits, 1);
  }

  private ShardDriver(Engine engine, Limits limits, long nowMs) throws IOException {
    this.nowMs = nowMs;
    memory = new MemoryBudget(limits.memoryBytesHigh(), limits.cacheBytesHigh());
    store = Store.open(engine, StoreOptions.tiny(), new News(), tasks::execute, tasks::execute);
    Formats formats = new Formats(List.of(TextHeaders.FORMAT));
    shard = new Shard(store, limits, memory, formats);
    shard.at(nowMs);
    while (shard.administration().finishDeletions()) {
      while (!store.hasRoom() && store.writeOnce()) {
        // What a crash has left of a deletion goes first.
      }
    }
    long hosts = shard.ensureHost("/");
    while (store.durable() < hosts && store.writeOnce()) {
      // Clients come when their virtual host is there.
    }
    host = Objects.requireNonNull(shard.host("/"));
    self = shard.newClient("self", host, new Deaf());
    submit(new Command.Resume(self.control()));
  }

  ShardDriver(SimulatedDisk disk) throws IOException {
    this(disk, LIMITS);
  }

  private static final class Deaf implements Outbox {
    @Override
    public void add(Event event) {}

    @Override
    public boolean hasRoom() {
      return true;
    }
  }

  private final class News implements Store.Listener {
    @Override
    public void durable(long position) {}

    @Override
    public void room() {}

    @Override
    public void fetched() {}

    @Override
    public void failed(StoreFailedException cause) {
      failure = cause;
    }

    @Override
    public void warned(String what, Exception cause) {}
  }

  /// Puts a command into the row before the gate.
  void submit(Command command) {
    Session session = command.session();
    session.client().submitting(List.of(command));
    if (command instanceof Command.Publish publish) {
      memory.add(publish.message().footprint());
    }
    inbox.add(command);
  }

  /// One step and one command, if there is room; false if there was nothing to do.
  boolean step() {
    if (!store.hasRoom()) {
      return false;
    }
    clock++;
    shard.at(nowMs);
    boolean worked = shard.runOne();
    if (worked && !store.hasRoom()) {
      return true;
    }
    Command command = inbox.poll();
    if (command == null) {
      return worked || shard.hasWork();
    }
    clock++;
    onAccept.accept(command);
    shard.accept(command);
    return true;
  }

  /// Works until nothing is left but what waits for the disk. The disk writes only if there is no
  /// room for what is to be done. False if there was nothing to do.
  boolean run() {
    boolean worked = false;
    for (int i = 1; failure == null; i++) {
      if (i % ROUND == 0) {
        store.tend();
      }
      if (step()) {
        worked = true;
      } else if (!store.isRoomWanted()) {
        break;
      } else {
        write();
      }
    }
    store.tend();
    return worked;
  }

  /// Works, writes and reads until nothing waits: what a write or a read brings may ask for
  /// another.
  void finish() {
    run();
    do {
      atRest.run();
      write();
      atRest.run();
      while (background()) {
        // Reads are done there.
      }
    } while (run());
  }

  /// One device write.
  void write() {
    beforeWrite.run();
    store.writeOnce();
  }

  /// One task of the background, if there is one.
  boolean background() {
    return tasks.runOne();
  }

  Event.Inspection inspect() {
    AtomicReference<Event.Inspection> answer = new AtomicReference<>();
    shard.accept(tookFirst(new Command.Inspect(self.control(), answer::set)));
    return answer.get();
  }

  private static Command tookFirst(Command command) {
    command.session().client().submitting(List.of(command));
    return command;
  }
}
