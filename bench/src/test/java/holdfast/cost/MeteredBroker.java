package holdfast.cost;

import com.sun.management.ThreadMXBean;
import holdfast.amqp091.AmqpProtocol;
import holdfast.amqp091.AmqpSettings;
import holdfast.broker.Broker;
import holdfast.broker.BrokerOptions;
import holdfast.core.Limits;
import holdfast.core.Passwords;
import holdfast.core.User;
import holdfast.net.Admission;
import holdfast.net.CertificateLogin;
import holdfast.net.CountedLoops;
import holdfast.net.EventLoops;
import holdfast.net.ListenOptions;
import holdfast.net.Listener;
import holdfast.store.StoreOptions;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// A broker with a listener, put together as the server does it, and a counter at each of its
/// edges: threads, event loops, sockets, journal.
final class MeteredBroker implements AutoCloseable {
  private static final int LOOPS = 2;
  private static final int FRAME_BYTES_MAX = 131_072;
  private static final long MEMORY_BYTES_HIGH = 400L * 1024 * 1024;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final Set<Long> threadsBefore = new HashSet<>();
  private final CountedLoops counted = new CountedLoops();
  private final CountedProtocol protocol;
  private final EventLoops loops;
  private final Broker broker;
  private final Listener listener;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  /// @param allocator what connections take their buffers from; null for the usual one
  MeteredBroker(Path directory, @Nullable ByteBufAllocator allocator) throws IOException {
    for (long id : THREADS.getAllThreadIds()) {
      threadsBefore.add(id);
    }
    loops = counted.open(LOOPS);
    byte[] hash = Passwords.hash(new byte[] {1, 2, 3, 4}, "guest", User.Hashing.SHA_256);
    BrokerOptions options =
        new BrokerOptions(
            directory,
            StoreOptions.standard(),
            Limits.standard(MEMORY_BYTES_HIGH),
            List.of(AmqpProtocol.PROPERTIES),
            List.of("/"),
            new User("guest", hash, User.Hashing.SHA_256, List.of()));
    broker = Broker.open(options, loops.executor(), new Ear());
    AmqpSettings settings =
        new AmqpSettings(
            "Holdfast",
            "0",
            "cost",
            0,
            100,
            CertificateLogin.DISTINGUISHED_NAME,
            FRAME_BYTES_MAX,
            2047,
            128 * 1024 * 1024);
    AmqpProtocol amqp = new AmqpProtocol(broker, settings, (user, password, from) -> null);
    protocol = new CountedProtocol(amqp, allocator);
    listener =
        Listener.open(
            loops,
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            new ListenOptions(List.of(protocol), new Admission(10, 10), 10_000, false, null));
  }

  int port() {
    return listener.address().getPort();
  }

  /// Does something while the loop of a connection, the first being 0, stands still: what comes in
  /// meanwhile is found there at once, so that counts do not depend on who was faster.
  void whileStanding(int connection, IoWork work) throws IOException {
    CountDownLatch stands = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    Executor loop = protocol.loops().get(connection);
    loop.execute(() -> {
      stands.countDown();
      await(goOn);
    });
    await(stands);
    try {
      work.run();
    } finally {
      goOn.countDown();
    }
  }

  interface IoWork {
    void run() throws IOException;
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  /// What was counted so far. Objects and copied bytes are others' to count.
  Map<Count, Long> counts() {
    Map<Count, Long> counts = new EnumMap<>(Count.class);
    counts.put(Count.ALLOCATED_BYTES, allocatedBytes());
    counts.put(Count.JOURNAL_BYTES, (Long) broker.storeFigures().get("journal_written_bytes"));
    counts.put(Count.JOURNAL_WRITES, (Long) broker.storeFigures().get("journal_writes"));
    counts.put(Count.READS, protocol.reads());
    counts.put(Count.FLUSHES, protocol.flushes());
    counts.put(Count.TURNS, counted.turns());
    counts.put(Count.TASKS, counted.tasks());
    counts.put(Count.WAKEUPS, counted.wakeups());
    return counts;
  }

  /// Of all threads that were not there before the broker was.
  private long allocatedBytes() {
    long bytes = 0;
    for (long id : THREADS.getAllThreadIds()) {
      if (!threadsBefore.contains(id)) {
        bytes += Math.max(0, THREADS.getThreadAllocatedBytes(id));
      }
    }
    return bytes;
  }

  @Override
  public void close() throws IOException {
    listener.close();
    broker.close();
    loops.close();
    Throwable cause = failure.get();
    if (cause != null) {
      throw new AssertionError("the broker has failed", cause);
    }
  }

  private final class Ear implements Broker.Listener {
    @Override
    public void failed(Throwable cause) {
      failure.set(cause);
    }

    @Override
    public void warned(String what, @Nullable Exception cause) {
      if (cause != null) {
        failure.set(new UncheckedIOException(new IOException(what, cause)));
      }
    }
  }
}
