package holdfast.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import holdfast.core.Arguments;
import holdfast.core.Client;
import holdfast.core.Command;
import holdfast.core.Event;
import holdfast.core.Limits;
import holdfast.core.Message;
import holdfast.core.PropertyFormat;
import holdfast.core.Session;
import holdfast.store.LocalDisk;
import holdfast.store.StoreOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A write that fails, and a command that has a bug: both end the broker, loudly and for good.
@Timeout(60)
final class BrokerFailureTest {
  private static final String QUEUE = "q";

  @TempDir private Path directory;

  private final ExecutorService executor = Executors.newSingleThreadExecutor();

  @AfterEach
  void endExecutor() {
    executor.shutdown();
  }

  private static BrokerOptions options(Path directory) {
    return new BrokerOptions(
        directory, StoreOptions.tiny(), Limits.standard(1L << 30), List.of(), List.of("/"));
  }

  private static final class Failures implements Broker.Listener {
    private final ConcurrentLinkedQueue<Throwable> causes = new ConcurrentLinkedQueue<>();
    private volatile long atNanos;

    @Override
    public void failed(Throwable cause) {
      atNanos = System.nanoTime();
      causes.add(cause);
    }

    @Override
    public void warned(String what, @Nullable Exception cause) {}
  }

  /// One client that publishes and consumes, and what it was told.
  private static final class Conversation {
    private final Broker broker;
    private final ExecutorService executor;
    private final Client client;
    private final Session session;
    private final ConcurrentLinkedQueue<Event> events = new ConcurrentLinkedQueue<>();
    private volatile long confirmed;
    private int published;

    Conversation(Broker broker, ExecutorService executor) {
      this.broker = broker;
      this.executor = executor;
      client = broker.newClient("test", broker.host("/"), this::events, Long.MAX_VALUE);
      session = client.newSession(1);
    }

    private void events(List<Event> round) {
      events.addAll(round);
      for (Event event : round) {
        if (event instanceof Event.Confirmed c) {
          confirmed = Math.max(confirmed, c.tag());
        }
      }
    }

    void begin() {
      broker.submit(
          List.of(
              new Command.DeclareQueue(
                  session, QUEUE, "", false, true, false, false, Arguments.NONE, false),
              new Command.SelectConfirms(session, true),
              new Command.Consume(session, QUEUE, "c", "", false, false, Arguments.NONE, false)));
      Await.until("a consumer", () -> events.stream().anyMatch(Event.Consuming.class::isInstance));
    }

    void publish(int bodyBytes) {
      String number = String.valueOf(++published);
      byte[] body = (number + " ".repeat(bodyBytes)).getBytes(UTF_8);
      Message message = new Message("", QUEUE, PropertyFormat.NONE, new byte[0], body, true, 0);
      broker.memory().add(message.footprint());
      broker.submit(List.of(new Command.Publish(session, message, false)), executor);
    }

    /// Whether more is on its way than a front end would take in.
    boolean isAhead() {
      return published - confirmed > 5_000;
    }

    List<Integer> delivered() {
      List<Integer> numbers = new ArrayList<>();
      for (Event event : events) {
        if (event instanceof Event.Delivered d) {
          numbers.add(number(d.message().body()));
        }
      }
      return numbers;
    }
  }

  private static int number(byte[] body) {
    return Integer.parseInt(new String(body, UTF_8).strip());
  }

  @Test
  void whatAFailedWriteHeldIsNeitherConfirmedNorDeliveredAndARestartRecoversTheRest()
      throws Exception {
    long seed = Seed.next("failing writes");
    RandomGenerator random = Seed.random(seed);
    for (int run = 0; run < 24; run++) {
      Path home = directory.resolve("run-" + run);
      var how = UnsteadyDisk.Failure.values()[run % UnsteadyDisk.Failure.values().length];
      long failAt = run < 8 ? 1 + run / 2 : random.nextInt(1, 60);
      failAndRecover(home, how, failAt, random);
    }
  }

  private void failAndRecover(
      Path home, UnsteadyDisk.Failure how, long failAt, RandomGenerator random) throws Exception {
    Failures failures = new Failures();
    UnsteadyDisk disk = new UnsteadyDisk(LocalDisk.open(home));
    Broker broker = Broker.open(options(home), disk, executor, failures);
    Conversation conversation = new Conversation(broker, executor);
    conversation.begin();
    disk.failAt(failAt, how);
    while (failures.causes.isEmpty()) {
      conversation.publish(random.nextInt(1_500));
      while (conversation.isAhead() && failures.causes.isEmpty()) {
        Thread.onSpinWait();
      }
    }
    assertThat(failures.causes).hasSize(1);
    assertThat(failures.causes.peek()).hasMessageContaining("was made to fail");
    assertThat(failures.atNanos - disk.failedAtNanos()).isLessThan(1_000_000_000L);

    // A drain that was under way ends; what is asked afterwards has no effect.
    AtomicBoolean asked = new AtomicBoolean();
    conversation.publish(10);
    broker.submit(
        List.of(new Command.Inspect(conversation.client.control(), i -> asked.set(true))),
        executor);
    broker.close();
    long confirmed = conversation.confirmed;
    List<Integer> delivered = conversation.delivered();
    assertThat(asked).isFalse();
    assertThat(failures.causes).hasSize(1);
    assertThat(failures.causes.peek()).hasMessageContaining("was made to fail");

    List<Integer> recovered = recover(home);
    for (int i = 0; i < recovered.size(); i++) {
      assertThat(recovered.get(i)).as("order of what was recovered").isEqualTo(i + 1);
    }
    assertThat(confirmed).isLessThanOrEqualTo(recovered.size());
    assertThat(delivered).hasSizeLessThanOrEqualTo(recovered.size());
    assertThat(recovered).hasSizeLessThanOrEqualTo(conversation.published);
  }

  private List<Integer> recover(Path home) throws IOException {
    List<Integer> numbers = new ArrayList<>();
    try (Holdfast holdfast = Holdfast.open(options(home))) {
      MessageQueue queue = holdfast.queue(QUEUE, QueueKind.DURABLE);
      long count = queue.messageCount();
      try (MessageConsumer consumer = queue.consumer()) {
        for (long i = 0; i < count; i++) {
          ReceivedMessage message = consumer.receive(Duration.ofSeconds(10));
          numbers.add(number(message.body()));
          message.ack();
        }
        assertThat(consumer.receive(Duration.ZERO)).isNull();
      }
    }
    return numbers;
  }

  @Test
  void aFailureDuringAJournalStallIsToldAndClosesWithoutHanging() throws Exception {
    Failures failures = new Failures();
    UnsteadyDisk disk = new UnsteadyDisk(LocalDisk.open(directory));
    Broker broker = Broker.open(options(directory), disk, executor, failures);
    Conversation conversation = new Conversation(broker, executor);
    conversation.begin();
    disk.failAt(1, UnsteadyDisk.Failure.LOST);
    disk.hold();
    for (int i = 0; i < 500; i++) {
      conversation.publish(1_000);
    }
    disk.release();
    Await.until("the failure", Duration.ofSeconds(1), () -> !failures.causes.isEmpty());
    broker.close();
    assertThat(failures.causes).hasSize(1);
    assertThat(conversation.confirmed).isZero();
    assertThat(conversation.delivered()).isEmpty();
    assertThat(recover(directory)).isEmpty();
  }

  @Test
  void aBrokerWhoseFirstWriteFailsIsNotOpenedAndLeavesTheDirectoryFree() throws Exception {
    UnsteadyDisk disk = new UnsteadyDisk(LocalDisk.open(directory));
    disk.failAt(2, UnsteadyDisk.Failure.LOST);
    assertThatThrownBy(() -> Broker.open(options(directory), disk, executor, new Failures()))
        .isInstanceOf(IOException.class);
    Broker.open(options(directory), executor, new Failures()).close();
  }

  @Test
  void aBrokerThatIsNotOpenedHasEndedItsThreadsBeforeItLetsGoOfTheDirectory() throws Exception {
    UnsteadyDisk disk = new UnsteadyDisk(LocalDisk.open(directory));
    disk.failAt(2, UnsteadyDisk.Failure.LOST);
    ConcurrentLinkedQueue<Thread> creators = new ConcurrentLinkedQueue<>();
    Thread opener = Thread.currentThread();
    disk.beforeCreate(() -> {
      if (Thread.currentThread() != opener) {
        creators.add(Thread.currentThread());
        Await.until("the failure", () -> disk.failedAtNanos() != 0);
        LockSupport.parkNanos(100_000_000L); // long enough for a disk to be closed meanwhile
      }
    });
    assertThatThrownBy(() -> Broker.open(options(directory), disk, executor, new Failures()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("was made to fail");
    assertThat(creators).as("threads that made files beside the opening one").isNotEmpty();
    for (Thread creator : creators) {
      creator.join(10_000);
      assertThat(creator.isAlive()).as("%s goes on", creator.getName()).isFalse();
    }
    assertThat(disk.wasUsedWhenClosed()).as("a file was made in a directory let go").isFalse();
  }

  @Test
  void aBugInACommandIsLoud() throws Exception {
    Failures failures = new Failures();
    Broker broker = Broker.open(options(directory), executor, failures);
    Conversation conversation = new Conversation(broker, executor);
    conversation.begin();
    IllegalStateException bug = new IllegalStateException("a bug");
    broker.submit(
        List.of(
            new Command.Inspect(
                conversation.client.control(),
                i -> {
                  throw bug;
                })),
        executor);
    Await.until("the failure", () -> !failures.causes.isEmpty());
    conversation.publish(10);
    broker.close();
    assertThat(failures.causes).containsExactly(bug);
    assertThat(conversation.confirmed).isZero();
  }

  @Test
  void aSinkThatThrowsIsLoud() throws Exception {
    Failures failures = new Failures();
    Broker broker = Broker.open(options(directory), executor, failures);
    IllegalStateException bug = new IllegalStateException("a bug");
    AtomicInteger calls = new AtomicInteger();
    Client client =
        broker.newClient(
            "test",
            broker.host("/"),
            events -> {
              calls.incrementAndGet();
              throw bug;
            },
            Long.MAX_VALUE);
    List<Command> commands = List.of(new Command.SelectConfirms(client.newSession(1), false));
    broker.submit(commands);
    Await.until("the failure", () -> !failures.causes.isEmpty());
    broker.submit(commands);
    broker.close();
    assertThat(failures.causes).containsExactly(bug);
    assertThat(calls).hasValue(1);
  }

  @Test
  void aBrokerThatIsClosedWhileBusyDoesNotFail() throws Exception {
    Failures failures = new Failures();
    for (int run = 0; run < 10; run++) {
      Broker broker = Broker.open(options(directory), executor, failures);
      Conversation conversation = new Conversation(broker, executor);
      conversation.begin();
      AtomicBoolean stop = new AtomicBoolean();
      Thread publisher =
          Thread.ofPlatform()
              .start(() -> {
                while (!stop.get() && conversation.published < 20_000) {
                  conversation.publish(500);
                }
              });
      Await.until("some confirms", () -> conversation.confirmed > 20);
      broker.close();
      stop.set(true);
      publisher.join();
    }
    assertThat(failures.causes).isEmpty();
  }
}
