package holdfast.server.torture;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.MessageProperties;
import holdfast.server.torture.Topology.Route;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// All the clients of one life, each on a connection of its own. Opened and closed by the round's
/// thread; when closed, no client's thread writes into the models any more.
final class Load implements AutoCloseable {
  private static final int PRODUCERS_MAX = 16;
  private static final int VOLATILE_MESSAGES = 50;
  private static final int ABORT_MS = 1000;
  private static final int END_SECONDS = 30;
  private static final List<Function<RandomGenerator, Route>> ROUTES =
      List.of(Topology::work, Topology::backlog, Topology::news, Topology::any);

  private final ConnectionFactory factory = new ConnectionFactory();

  /// Those that take answers from the sockets.
  private final List<Thread> loops = new CopyOnWriteArrayList<>();

  /// Those of the load, and of the clients' callbacks.
  private final List<Thread> workers = new CopyOnWriteArrayList<>();

  private final ExecutorService threads = Executors.newCachedThreadPool(keeping(workers));
  private final List<Connection> connections = new ArrayList<>();
  private final SplittableRandom random;

  Load(int port, long seed) {
    this.random = new SplittableRandom(seed);
    factory.setHost("127.0.0.1");
    factory.setPort(port);
    factory.setAutomaticRecoveryEnabled(false);
    factory.setThreadFactory(keeping(loops));
    factory.setSharedExecutor(threads);
    factory.setChannelRpcTimeout(60_000);
  }

  private static ThreadFactory keeping(List<Thread> made) {
    ThreadFactory factory = Thread.ofPlatform().daemon().factory();
    return work -> {
      Thread thread = factory.newThread(work);
      made.add(thread);
      return thread;
    };
  }

  Connection connect() throws Exception {
    Connection connection = factory.newConnection();
    connections.add(connection);
    return connection;
  }

  /// Starts everything; returns when consumers are subscribed and producers have begun.
  void start(int life, Torture torture) throws Exception {
    publishVolatile(connect());
    for (String queue : Topology.WORK) {
      Connection connection = connect();
      new Worker(connection, torture.models().get(queue), random.split(), torture);
      new Worker(connection, torture.models().get(queue), random.split(), torture);
    }
    int number = life * PRODUCERS_MAX;
    List<Runnable> producers = new ArrayList<>();
    for (Function<RandomGenerator, Route> routes : ROUTES) {
      producers.add(new Producer(number++, connect(), routes, random.split(), torture));
    }
    if (torture.settings().transactions()) {
      producers.add(new TxProducer(number, connect(), random.split(), torture));
    }
    Channel definitions = connect().createChannel();
    torture.verdict().watch(definitions);
    RandomGenerator choices = random.split();
    producers.add(() -> torture.definitions().churn(definitions, choices, torture.counts()));
    producers.forEach(threads::execute);
  }

  // The control: what nobody asked to keep must be gone, or the kill was none.
  private static void publishVolatile(Connection connection) throws IOException {
    Channel channel = connection.createChannel();
    channel.queueDeclare(Topology.VOLATILE, false, false, false, null);
    for (int index = 0; index < VOLATILE_MESSAGES; index++) {
      channel.basicPublish(
          "", Topology.VOLATILE, MessageProperties.MINIMAL_PERSISTENT_BASIC, new byte[] {1});
    }
  }

  @Override
  public void close() {
    connections.forEach(connection -> connection.abort(ABORT_MS));
    try {
      // The loops first: one that finds no thread for a callback tells its other channels nothing,
      // and who waits for an answer on one of those waits for the whole of the client's timeout.
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(END_SECONDS);
      for (Thread loop : loops) {
        loop.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())));
      }
      threads.shutdownNow();
      boolean ended = threads.awaitTermination(END_SECONDS, TimeUnit.SECONDS);
      if (!ended || loops.stream().anyMatch(Thread::isAlive)) {
        throw new AssertionError("a client of the load does not end:\n" + alive());
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted before the load's clients have ended", interrupted);
    }
  }

  private String alive() {
    return Stream.concat(loops.stream(), workers.stream())
        .filter(Thread::isAlive)
        .map(thread -> thread.getName() + "\n    " + stack(thread))
        .collect(Collectors.joining("\n"));
  }

  private static String stack(Thread thread) {
    return Stream.of(thread.getStackTrace())
        .map(StackTraceElement::toString)
        .collect(Collectors.joining("\n    "));
  }
}
