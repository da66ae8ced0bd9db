package holdfast.broker;

import holdfast.core.Client;
import holdfast.core.Command;
import holdfast.core.Event;
import holdfast.core.Session;
import holdfast.store.Uninterrupted;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// The broker inside a Java program: no port, no server, the same queues and the same promise. A
/// message whose send has completed survives `kill -9` and a loss of power.
///
/// ```java
/// try (Holdfast holdfast = Holdfast.open(Path.of("data"))) {
///   MessageQueue orders = holdfast.queue("orders", QueueKind.DURABLE);
///   try (MessageProducer producer = orders.producer();
///       MessageConsumer consumer = orders.consumer()) {
///     producer.send("one".getBytes(UTF_8)).join();
///     ReceivedMessage message = consumer.receive(Duration.ofSeconds(1));
///     message.ack();
///   }
/// }
/// ```
///
/// All of it may be used by many threads at once.
public final class Holdfast implements AutoCloseable {
  private static final long UNDER_WAY_BYTES_MAX = 4L * 1024 * 1024;
  private static final long CLOSE_MS = 5_000;

  private final ExecutorService gateThread;
  private final Broker broker;
  private final Client client;
  private final AtomicInteger sessionIds = new AtomicInteger();
  private final Map<Session, SessionEvents> sessions = new ConcurrentHashMap<>();
  private volatile @Nullable Throwable failure;

  /// Takes the events of one session.
  interface SessionEvents {
    void event(Event event);

    /// Nothing follows: the broker has failed or is closed.
    void ended(Throwable cause);
  }

  private Holdfast(BrokerOptions options) throws IOException {
    gateThread =
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("holdfast-gate").daemon(true).factory());
    try {
      broker = Broker.open(options, gateThread, new Failures());
      client =
          broker.newClient(
              "embedded",
              broker.host(options.hosts().getFirst()),
              this::dispatch,
              UNDER_WAY_BYTES_MAX);
    } catch (IOException | RuntimeException e) {
      gateThread.shutdown();
      throw e;
    }
  }

  /// Opens the broker on a directory, creating it if need be and recovering what is there.
  ///
  /// @throws holdfast.store.DirectoryLockedException if another broker works on it
  /// @throws holdfast.store.CorruptionException if confirmed data is damaged: it says where
  public static Holdfast open(Path directory) throws IOException {
    return open(BrokerOptions.of(directory));
  }

  public static Holdfast open(BrokerOptions options) throws IOException {
    return new Holdfast(options);
  }

  /// The queue of this name, made if it is not there. Returns once a durable one is on disk.
  ///
  /// @throws MessagingException if it is there and of the other kind
  public MessageQueue queue(String name, QueueKind kind) {
    return MessageQueue.declare(this, name, kind);
  }

  /// What stopped this broker, or null while it works.
  public @Nullable Throwable failure() {
    return failure;
  }

  Session openSession(SessionEvents events) {
    Session session = client.newSession(sessionIds.incrementAndGet());
    sessions.put(session, events);
    Throwable stopped = failure;
    if (stopped != null) {
      sessions.remove(session);
      throw new MessagingException("the broker has stopped: " + stopped.getMessage(), stopped);
    }
    return session;
  }

  void closeSession(Session session) {
    if (sessions.remove(session) != null) {
      submit(new Command.CloseSession(session));
    }
  }

  void submit(Command command) {
    broker.submit(List.of(command));
  }

  Broker broker() {
    return broker;
  }

  /// Called by the gate's owner, which here is the gate's own thread: each session's part takes the
  /// event and returns.
  private void dispatch(List<Event> events) {
    EventOutbox outbox = broker.outboxOf(client);
    boolean resume = false;
    for (Event event : events) {
      Session session = sessionOf(event);
      SessionEvents target = session == null ? null : sessions.get(session);
      if (target != null) {
        target.event(event);
      }
      resume |= outbox.sent(EventOutbox.bytes(event));
    }
    if (resume) {
      submit(new Command.Resume(client.control()));
    }
  }

  private static @Nullable Session sessionOf(Event event) {
    return switch (event) {
      case Event.Delivered e -> e.session();
      case Event.Got e -> e.session();
      case Event.GotNothing e -> e.session();
      case Event.Confirmed e -> e.session();
      case Event.Refused e -> e.session();
      case Event.Returned e -> e.session();
      case Event.QueueDeclared e -> e.session();
      case Event.Removed e -> e.session();
      case Event.Consuming e -> e.session();
      case Event.Done e -> e.session();
      case Event.ConsumerCancelled e -> e.session();
      case Event.Failed e -> e.session();
      case Event.SessionClosed e -> null;
      case Event.ClientClosed e -> null;
      case Event.ForcedOut e -> null; // not said to a client without a user
      case Event.Blocked e -> null;
      case Event.Unblocked e -> null;
      case Event.Taken e -> null;
    };
  }

  private void stop(Throwable cause) {
    failure = cause;
    for (SessionEvents session : sessions.values()) {
      session.ended(cause);
    }
    sessions.clear();
  }

  /// Waits until the gate has done what it was asked so far, or cannot any more. A message whose
  /// ack was lost here would come again at the next start.
  private void finishAsked() {
    MessageQueue.Answer answer = new MessageQueue.Answer();
    try {
      submit(new Command.Recover(openSession(answer), false));
      answer.await(CLOSE_MS);
    } catch (MessagingException stopped) {
      // It has failed, or was closed before: nothing is done any more.
    }
  }

  private final class Failures implements Broker.Listener {
    @Override
    public void failed(Throwable cause) {
      stop(cause);
    }

    @Override
    public void warned(String what, @Nullable Exception cause) {
      System.Logger logger = System.getLogger(Holdfast.class.getName());
      logger.log(System.Logger.Level.WARNING, what, cause);
    }
  }

  /// Closes: what was asked before is done first, acknowledgements above all. Sends that have not
  /// completed then fail, everything that has is on disk. A thread that is interrupted does all of
  /// this too.
  @Override
  public void close() throws IOException {
    finishAsked();
    if (failure == null) {
      stop(new IllegalStateException("the broker was closed"));
    }
    broker.close();
    gateThread.shutdown();
    Uninterrupted.await(() -> gateThread.awaitTermination(CLOSE_MS, TimeUnit.MILLISECONDS));
  }
}
