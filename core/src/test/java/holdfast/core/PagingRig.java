package holdfast.core;

import holdfast.store.LocalDisk;
import holdfast.store.Store;
import holdfast.store.StoreFailedException;
import holdfast.store.StoreOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// A shard on a real directory, with no thread but the test's: it writes, and reads, when it is
/// told to. Events gather in a list.
final class PagingRig implements AutoCloseable, Store.Listener, Outbox {
  /// So small that a few messages are read in several pieces.
  static final Limits.Paging TINY = new Limits.Paging(3, 600, 4, 1_500, 300, 1);

  final Store store;
  final Shard shard;
  final MemoryBudget memory;
  final Client client;
  final Session publisher;
  final List<Event> events = new ArrayList<>();

  /// What the store wants done in the background, reads among it.
  final ArrayDeque<Runnable> background = new ArrayDeque<>();

  private int sessions;

  PagingRig(Path directory, long memoryBytesHigh, long cacheBytesHigh, Limits.Paging paging)
      throws IOException {
    Limits limits = new Limits(memoryBytesHigh, cacheBytesHigh, 100, 100, 100, 1_800_000, paging);
    memory = new MemoryBudget(memoryBytesHigh, cacheBytesHigh);
    store =
        Store.open(
            LocalDisk.open(directory), StoreOptions.tiny(), this, background::add, background::add);
    shard = new Shard(store, limits, memory, new Formats(List.of()));
    shard.ensureHost("/");
    client = shard.newClient("test", Objects.requireNonNull(shard.host("/")), this);
    publisher = newSession();
  }

  Session newSession() {
    return client.newSession(++sessions);
  }

  void declare(String name, boolean durable) {
    submit(
        new Command.DeclareQueue(
            publisher, name, "", false, durable, false, false, Arguments.NONE, true));
  }

  void bindToFanout(String queue) {
    submit(new Command.Bind(publisher, false, true, "amq.fanout", queue, "", Arguments.NONE, true));
  }

  void publish(String exchange, String key, int id, int bytes, boolean persistent) {
    publish(exchange, key, id, bytes, persistent ? Durability.DURABLE : Durability.MEMORY);
  }

  void publish(String exchange, String key, int id, int bytes, Durability durability) {
    byte[] body = new byte[Math.max(4, bytes)];
    ByteBuffer.wrap(body).putInt(id);
    Message message =
        new Message(exchange, key, PropertyFormat.NONE, new byte[0], body, durability, 0);
    memory.add(message.footprint());
    submit(new Command.Publish(publisher, message, false));
  }

  static int idOf(Message message) {
    return ByteBuffer.wrap(message.body()).getInt();
  }

  Queue queue(String name) {
    return Objects.requireNonNull(Objects.requireNonNull(shard.host("/")).queue(name));
  }

  void submit(Command command) {
    makeRoom();
    client.submitting(List.of(command));
    shard.accept(command);
  }

  void makeRoom() {
    while (!store.hasRoom()) {
      store.writeOnce();
    }
  }

  /// One step of work.
  boolean step() {
    makeRoom();
    return shard.runOne();
  }

  /// Works until nothing is left but what waits for a write or a read; false if there was nothing.
  boolean run() {
    for (int i = 0; i < 100_000; i++) {
      if (!step() && !shard.hasWork()) {
        return i > 0;
      }
    }
    throw new AssertionError("the shard works for ever");
  }

  /// The oldest task of the background; false if there is none.
  boolean background() {
    Runnable task = background.poll();
    if (task != null) {
      task.run();
    }
    return task != null;
  }

  /// Works, writes and reads until nothing waits for anything.
  void finish() {
    run();
    for (int i = 0; i < 10_000; i++) {
      store.tend();
      store.writeOnce();
      store.tend();
      while (background()) {
        // Reads are done there, and checkpoints.
      }
      if (!run()) {
        return;
      }
    }
    throw new AssertionError("writes and reads go on for ever");
  }

  @Override
  public void add(Event event) {
    events.add(event);
  }

  @Override
  public boolean hasRoom() {
    return true;
  }

  @Override
  public void durable(long position) {}

  @Override
  public void room() {}

  @Override
  public void fetched() {}

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
    store.close();
  }
}
