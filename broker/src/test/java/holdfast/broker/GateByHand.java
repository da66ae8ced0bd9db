package holdfast.broker;

import holdfast.core.Arguments;
import holdfast.core.Client;
import holdfast.core.Command;
import holdfast.core.Durability;
import holdfast.core.Event;
import holdfast.core.Formats;
import holdfast.core.Limits;
import holdfast.core.MemoryBudget;
import holdfast.core.Message;
import holdfast.core.Outbox;
import holdfast.core.PropertyFormat;
import holdfast.core.Session;
import holdfast.core.Shard;
import holdfast.store.LocalDisk;
import holdfast.store.Store;
import holdfast.store.StoreFailedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A gate before a store and a shard of its own, with no thread but the test's: passed drains wait
/// until they are run, and the journal is written when the test says so. It is the gate alone that
/// looks again when the store tells it something: nobody asks the shard whether it has work.
final class GateByHand implements Store.Listener, AutoCloseable {
  /// More than any test has to do; reached, somebody calls for a drain again and again.
  private static final int DRAINS_MAX = 10_000;

  private static final int PART_BYTES = GateRig.OPTIONS.partBytesMax();

  /// What each part of a large body begins with.
  private static final long PART_MARK = 0x5ca1ab1e_0ddba11L;

  final UnsteadyDisk disk;
  final Store store;
  final Client client;
  private final Shard shard;
  private final Gate gate;
  private final MemoryBudget memory = new MemoryBudget(Long.MAX_VALUE, Long.MAX_VALUE);
  private final ArrayDeque<Runnable> drains = new ArrayDeque<>();
  private final ArrayDeque<Runnable> background = new ArrayDeque<>();
  private final Map<Session, Long> confirmed = new HashMap<>();
  private final Map<Session, Long> delivered = new HashMap<>();
  private int sessions;
  private int parts;
  private int returned;
  private int returnsMax;
  private int besideAt;
  private List<Command> beside = List.of();

  GateByHand(Path directory) throws IOException {
    disk = new UnsteadyDisk(LocalDisk.open(directory));
    disk.watch(this::countParts);
    store = Store.open(disk, GateRig.OPTIONS, this, background::add, background::add);
    shard = new Shard(store, Limits.standard(Long.MAX_VALUE), memory, new Formats(List.of()));
    shard.ensureHost("/");
    gate =
        new Gate(
            store,
            shard,
            drains::add,
            () -> 1,
            () -> {},
            e -> {
              throw new AssertionError(e);
            });
    client = newClient();
    declare(GateRig.QUEUE, Map.of());
  }

  private final class Ear implements Outbox {
    @Override
    public void add(Event event) {
      switch (event) {
        case Event.Confirmed c -> confirmed.put(c.session(), c.tag());
        case Event.Delivered c -> {
          delivered.put(c.session(), c.deliveryTag());
          returnOne(c);
        }
        case Event.Failed c -> throw new AssertionError(c.error().toString());
        default -> {}
      }
    }

    @Override
    public boolean hasRoom() {
      return true;
    }
  }

  private void returnOne(Event.Delivered delivery) {
    if (returned == returnsMax) {
      return;
    }
    returned++;
    submitWithin(
        List.of(
            new Command.Settle(
                delivery.session(), delivery.deliveryTag(), false, Command.Outcome.RETURNED)));
    if (returned == besideAt) {
      submitWithin(beside);
    }
  }

  /// From inside a drain.
  private void submitWithin(List<Command> commands) {
    commands.getFirst().session().client().submitting(commands);
    gate.submit(commands, drains::add);
  }

  /// Has deliveries returned as they come, so many of them.
  ///
  /// @param others are submitted in the middle of them, with the return of this number
  void returnAtOnce(int count, int number, List<Command> others) {
    returnsMax = count;
    besideAt = number;
    beside = others;
  }

  /// Deliveries that were returned so far.
  int returned() {
    return returned;
  }

  Client newClient() {
    return shard.newClient("test", shard.host("/"), new Ear());
  }

  void declare(String queue, Map<String, Object> arguments) {
    submit(
        new Command.DeclareQueue(
            client.control(), queue, "", false, true, false, false, Arguments.of(arguments), true));
    write();
  }

  /// A session that takes from a queue.
  Session consume(Client client, String queue, int prefetch) {
    Session session = client.newSession(++sessions);
    submit(
        new Command.SetPrefetch(session, prefetch, false),
        new Command.Consume(session, queue, "", "taker", false, false, Arguments.NONE, true));
    return session;
  }

  /// The tag of the last delivery; 0 if there was none.
  long delivered(Session session) {
    return delivered.getOrDefault(session, 0L);
  }

  static Command.Settle accept(Session session, long tag) {
    return new Command.Settle(session, tag, false, Command.Outcome.ACCEPTED);
  }

  /// A session with confirms.
  Session session() {
    Session session = client.newSession(++sessions);
    submit(new Command.SelectConfirms(session, true));
    return session;
  }

  /// The highest tag that was confirmed; 0 if none was.
  long confirmed(Session session) {
    return confirmed.getOrDefault(session, 0L);
  }

  static Command.Publish publish(Session session, String queue, int bytes) {
    return publish(session, queue, new byte[bytes]);
  }

  /// A body of so many parts.
  static Command.Publish publishParts(Session session, String queue, int count) {
    ByteBuffer body = ByteBuffer.allocate(count * PART_BYTES);
    for (int i = 0; i < count; i++) {
      body.putLong(i * PART_BYTES, PART_MARK);
    }
    return publish(session, queue, body.array());
  }

  private static Command.Publish publish(Session session, String queue, byte[] body) {
    Message message =
        new Message("", queue, PropertyFormat.NONE, new byte[0], body, Durability.DURABLE, 0);
    return new Command.Publish(session, message, false);
  }

  /// Hands commands in as one submission. The gate does what it can, and so does who was passed its
  /// ownership.
  void submit(Command... commands) {
    List<Command> submission = List.of(commands);
    commands[0].session().client().submitting(submission);
    for (Command command : submission) {
      if (command instanceof Command.Publish publish) {
        memory.add(publish.message().footprint());
      }
    }
    gate.submit(submission, drains::add);
    drain();
  }

  /// Runs the drains that were scheduled, and those that they schedule.
  void drain() {
    for (int i = 0; i < DRAINS_MAX; i++) {
      Runnable drain = drains.poll();
      if (drain == null) {
        return;
      }
      drain.run();
    }
    throw new AssertionError("the gate drains for ever");
  }

  /// One device write, and all that it brings. Returns how many parts it carried.
  int write() {
    int before = parts;
    store.writeOnce();
    int carried = parts - before;
    drain();
    for (Runnable task = background.poll(); task != null; task = background.poll()) {
      task.run();
    }
    drain();
    return carried;
  }

  /// Parts of large bodies in all device writes so far.
  int parts() {
    return parts;
  }

  private void countParts(ByteBuffer written) {
    for (int at = written.position(); at + Long.BYTES <= written.limit(); at += Long.BYTES) {
      parts += written.getLong(at) == PART_MARK ? 1 : 0; // records begin at multiples of eight
    }
  }

  @Override
  public void durable(long position) {
    gate.wake();
  }

  @Override
  public void room() {
    gate.room();
  }

  @Override
  public void fetched() {
    gate.wake();
  }

  @Override
  public void failed(StoreFailedException failure) {
    throw failure;
  }

  @Override
  public void warned(String what, Exception cause) {
    throw new AssertionError(what, cause);
  }

  @Override
  public void close() throws IOException {
    gate.close();
    store.close();
  }
}
