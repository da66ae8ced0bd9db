package holdfast.broker;

import holdfast.core.Arguments;
import holdfast.core.Client;
import holdfast.core.Command;
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
import holdfast.store.StoreOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/// A gate with a store and a shard of its own, a journal whose buffer holds some ten messages, and
/// one durable queue. Counts how often the journal had denied room, and how often it had kept room
/// from publishes.
final class GateRig implements Store.Listener, AutoCloseable {
  static final String QUEUE = "q";
  static final int BODY_BYTES = 1500;

  /// The smallest buffers there are, in segments that do not switch all the time.
  static final StoreOptions OPTIONS = new StoreOptions(2 << 20, 2 << 20, 32 << 10, 4 << 10, 75, 1);

  final UnsteadyDisk disk;
  final Store store;
  final Shard shard;
  final AtomicInteger rooms = new AtomicInteger();
  final AtomicInteger moreRooms = new AtomicInteger();
  final AtomicReference<Throwable> failure = new AtomicReference<>();

  /// Where passed drains run: two threads, so that one may begin while another is leaving.
  final ExecutorService drainers = Executors.newFixedThreadPool(2);

  private final ThreadPoolExecutor background = Workers.executor("background");
  private volatile Gate gate;

  GateRig(Path directory) throws IOException {
    disk = new UnsteadyDisk(LocalDisk.open(directory));
    store = Store.open(disk, OPTIONS, this, background, background);
    Limits limits = Limits.standard(Long.MAX_VALUE);
    shard =
        new Shard(
            store,
            limits,
            new MemoryBudget(Long.MAX_VALUE, Long.MAX_VALUE),
            new Formats(List.of()));
    gate = newGate();
    shard.ensureHost("/"); // before the writer's first news would set a drain to work beside us
    store.start();
    declareQueue(QUEUE);
  }

  /// Another gate before the same shard, in place of one that is closed and was not denied room:
  /// who is denied it is told of it once.
  Gate newGate() {
    gate =
        new Gate(
            store,
            shard,
            drainers,
            System::currentTimeMillis,
            () -> {},
            e -> failure.compareAndSet(null, e));
    return gate;
  }

  Gate gate() {
    return gate;
  }

  void declareQueue(String name) throws IOException {
    CountDownLatch declared = new CountDownLatch(1);
    Client client = client(event -> declared.countDown());
    gate.submit(
        List.of(
            new Command.DeclareQueue(
                client.newSession(1), name, "", false, true, false, false, Arguments.NONE, false)));
    try {
      if (!declared.await(20, TimeUnit.SECONDS)) {
        throw new IOException("the queue was not declared: " + failure.get());
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  /// A client whose events are taken by the gate's owner.
  Client client(java.util.function.Consumer<Event> sink) {
    return shard.newClient(
        "test",
        shard.host("/"),
        new Outbox() {
          @Override
          public void add(Event event) {
            sink.accept(event);
          }

          @Override
          public boolean hasRoom() {
            return true;
          }
        });
  }

  static Command.Publish publish(Session session, int submitter, long number) {
    byte[] body = ByteBuffer.allocate(BODY_BYTES).putInt(submitter).putLong(number).array();
    return publish(session, QUEUE, body);
  }

  static Command.Publish publish(Session session, String queue, byte[] body) {
    return new Command.Publish(
        session, new Message("", queue, PropertyFormat.NONE, new byte[0], body, true, 0), false);
  }

  @Override
  public void durable(long position) {
    gate.wake();
  }

  @Override
  public void room() {
    rooms.incrementAndGet();
    gate.room();
  }

  @Override
  public void fetched() {
    moreRooms.incrementAndGet();
    gate.wake();
  }

  @Override
  public void failed(StoreFailedException cause) {
    failure.compareAndSet(null, cause);
  }

  @Override
  public void warned(String what, Exception cause) {
    failure.compareAndSet(null, new AssertionError(what, cause));
  }

  @Override
  public void close() throws IOException {
    disk.release();
    gate.close();
    gate.awaitQuiet();
    drainers.shutdown();
    background.shutdown();
    try {
      background.awaitTermination(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    store.close();
  }
}
