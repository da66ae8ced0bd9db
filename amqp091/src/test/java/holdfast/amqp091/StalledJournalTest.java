package holdfast.amqp091;

import static org.assertj.core.api.Assertions.assertThat;

import holdfast.amqp091.codec.BasicMethod;
import holdfast.amqp091.codec.ChannelMethod;
import holdfast.amqp091.codec.ConnectionMethod;
import holdfast.amqp091.codec.Method;
import holdfast.amqp091.codec.QueueMethod;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is promised to be on disk is said only once it is, and a disk that stops for a while stops
/// nothing else. `-Dholdfast.stallMs=30000` makes the long stall as long as real ones.
class StalledJournalTest {
  private static final long STALL_MS = Long.getLong("holdfast.stallMs", 3_000);

  /// Long enough for an answer that comes too early to be there.
  private static final int QUIET_MS = 150;

  @TempDir Path directory;
  private TestBroker broker;
  private StallingDisk disk;

  @BeforeEach
  void open() throws IOException {
    AtomicReference<StallingDisk> made = new AtomicReference<>();
    broker =
        new TestBroker(
            directory,
            TestBroker.Setup.USUAL.on(
                TestBroker.SIZES,
                local -> {
                  made.set(new StallingDisk(local));
                  return made.get();
                }));
    disk = made.get();
  }

  @AfterEach
  void close() throws IOException {
    disk.goOn();
    broker.close();
  }

  private RawClient client() throws IOException {
    return RawClient.open(broker.port()).channel(1);
  }

  private static void expectNothing(RawClient client) throws IOException {
    client.patience(QUIET_MS);
    try {
      assertThat(client.frame()).as("said before it is on disk").isNull();
    } catch (SocketTimeoutException nothing) {
      client.patience(8_000);
    }
  }

  /// An answer that rests on the disk.
  private <M extends Method> void comesWithTheDisk(RawClient client, Method asked, Class<M> answer)
      throws IOException {
    disk.stall();
    client.send(1, asked);
    expectNothing(client);
    disk.goOn();
    client.expect(1, answer);
  }

  @Test
  void saysThatSomethingDurableIsThereOnlyWhenItIsOnDisk() throws IOException {
    try (RawClient client = client()) {
      comesWithTheDisk(client, RawClient.queue("durable", true), QueueMethod.DeclareOk.class);
      QueueMethod.Bind bind = new QueueMethod.Bind("durable", "amq.topic", "k", false, Map.of());
      comesWithTheDisk(client, bind, QueueMethod.BindOk.class);
      QueueMethod.Unbind unbind = new QueueMethod.Unbind("durable", "amq.topic", "k", Map.of());
      comesWithTheDisk(client, unbind, QueueMethod.UnbindOk.class);
      QueueMethod.Delete delete = new QueueMethod.Delete("durable", false, false, false);
      comesWithTheDisk(client, delete, QueueMethod.DeleteOk.class);
      client.bye();
    }
  }

  @Test
  void doesNotWaitForTheDiskWithWhatTouchesNone() throws IOException {
    try (RawClient client = client()) {
      disk.stall();
      QueueMethod.Declare mine =
          new QueueMethod.Declare("mine", false, true, true, false, false, Map.of());
      client.call(1, mine, QueueMethod.DeclareOk.class);
      client.confirms(1).declare(1, "transient", false);
      client.publish(1, "mine", Wire.PERSISTENT, Wire.text("m"));
      client.expect(1, BasicMethod.Ack.class);
      client.send(1, new BasicMethod.Get("mine", true));
      assertThat(client.expectContent(1, BasicMethod.GetOk.class).body()).isEqualTo(Wire.text("m"));
      client.bye();
    }
  }

  @Test
  void anOkThatRestsOnAnothersDeclareWaitsForIt() throws IOException {
    try (RawClient first = client();
        RawClient second = client()) {
      disk.stall();
      first.send(1, RawClient.queue("shared", true));
      expectNothing(first);
      second.send(1, RawClient.queue("shared", true));
      expectNothing(second);
      disk.goOn();
      first.expect(1, QueueMethod.DeclareOk.class);
      second.expect(1, QueueMethod.DeclareOk.class);
    }
  }

  @Test
  void confirmsAndDeliversOnlyWhatIsOnDisk() throws IOException {
    try (RawClient publisher = client();
        RawClient consumer = client()) {
      publisher.confirms(1).declare(1, "q", true);
      consumer.send(1, RawClient.consume("q", true));
      consumer.expect(1, BasicMethod.ConsumeOk.class);
      disk.stall();
      publisher.publish(1, "q", Wire.PERSISTENT, Wire.text("m"));
      expectNothing(publisher);
      expectNothing(consumer);
      disk.goOn();
      publisher.expect(1, BasicMethod.Ack.class);
      consumer.expectContent(1, BasicMethod.Deliver.class);
    }
  }

  @Test
  void aGetBehindAPublishWaitsForItsMessage() throws IOException {
    try (RawClient client = client().declare(1, "q", true)) {
      disk.stall();
      client.publish(1, "q", Wire.PERSISTENT, Wire.text("m"));
      client.send(1, new BasicMethod.Get("q", true));
      expectNothing(client);
      disk.goOn();
      assertThat(client.expectContent(1, BasicMethod.GetOk.class).body()).isEqualTo(Wire.text("m"));
    }
  }

  @Test
  void agreesToACloseOnlyWhenWhatWasPublishedIsOnDisk() throws IOException {
    try (RawClient client = client().declare(1, "q", true)) {
      disk.stall();
      client.publish(1, "q", Wire.PERSISTENT, Wire.text("m"));
      client.send(1, new ChannelMethod.Close(200, "", 0, 0));
      expectNothing(client);
      disk.goOn();
      client.expect(1, ChannelMethod.CloseOk.class);
      client.channel(1);
      disk.stall();
      client.publish(1, "q", Wire.PERSISTENT, Wire.text("m"));
      client.send(0, new ConnectionMethod.Close(200, "", 0, 0));
      expectNothing(client);
      disk.goOn();
      client.expect(0, ConnectionMethod.CloseOk.class);
      client.expectHungUp();
    }
  }

  /// A publisher that does not stop, a consumer, and others who only say that they are alive.
  @Test
  void aLongStallLosesNoConnectionAndNoOrder() throws Exception {
    int messages = 10_000;
    try (RawClient publisher = RawClient.connect(broker.port()).handshake(1, 131_072).channel(1);
        RawClient consumer = RawClient.connect(broker.port()).handshake(1, 131_072).channel(1);
        ExecutorService threads = Executors.newFixedThreadPool(3)) {
      publisher.confirms(1).declare(1, "q", true);
      consumer.send(1, RawClient.consume("q", true)).expect(1, BasicMethod.ConsumeOk.class);
      Future<Integer> confirmed = threads.submit(() -> readConfirms(publisher, messages));
      Future<Integer> delivered = threads.submit(() -> readInOrder(consumer, messages));
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(STALL_MS);
      Future<?> published =
          threads.submit(() -> {
            for (int i = 0; i < messages; i++) {
              byte[] body = Wire.text(i + " " + "x".repeat(500));
              publisher.publish(1, "q", Wire.PERSISTENT, body);
              if (i == 1_000) {
                disk.stall();
              }
            }
            return null;
          });
      byte[] heartbeat = Wire.frame(Wire.HEARTBEAT, 0);
      while (System.nanoTime() < end || !delivered.isDone()) {
        if (System.nanoTime() >= end) {
          disk.goOn();
        }
        consumer.send(heartbeat);
        TimeUnit.MILLISECONDS.sleep(100);
        if (confirmed.isDone() || published.isDone()) {
          publisher.send(heartbeat);
        }
      }
      assertThat(confirmed.get(1, TimeUnit.MINUTES)).isEqualTo(messages);
      assertThat(delivered.get()).isEqualTo(messages);
      assertThat(consumer.heartbeats).as("heartbeats of the broker").isGreaterThan(2);
      assertThat(publisher.heartbeats).as("heartbeats of the broker").isGreaterThan(2);
      publisher.bye();
    }
  }

  private static int readConfirms(RawClient publisher, int messages) throws IOException {
    ConfirmedTags confirmed = new ConfirmedTags();
    while (!confirmed.upTo(messages)) {
      confirmed.on(publisher.expect(1, BasicMethod.Ack.class));
    }
    return confirmed.count();
  }

  private static int readInOrder(RawClient consumer, int messages) throws IOException {
    for (int i = 0; i < messages; i++) {
      byte[] body = consumer.expectContent(1, BasicMethod.Deliver.class).body();
      assertThat(Wire.text(body)).startsWith(i + " ");
    }
    return messages;
  }
}
