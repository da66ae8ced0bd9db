package holdfast.amqp091;

import static org.assertj.core.api.Assertions.assertThat;

import holdfast.amqp091.codec.BasicMethod;
import holdfast.amqp091.codec.ChannelMethod;
import holdfast.amqp091.codec.ConnectionMethod;
import holdfast.amqp091.codec.Method;
import holdfast.amqp091.codec.QueueMethod;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The order of what a connection says, where client libraries do not look.
class ConnectionTest {
  @TempDir static Path directory;
  private static TestBroker broker;

  @BeforeAll
  static void open() throws IOException {
    broker = TestBroker.open(directory);
  }

  @AfterAll
  static void close() throws IOException {
    broker.awaitNothingHeld();
    broker.close();
  }

  private static RawClient client() throws IOException {
    return RawClient.open(broker.port()).channel(1);
  }

  // --- confirms ---

  @Test
  void confirmsEachTagOnceAndReturnsBeforeConfirming() throws IOException {
    long seed = System.nanoTime();
    System.out.println("ConnectionTest: confirms, seed " + seed);
    Random random = new Random(seed);
    int messages = 5_000;
    List<Integer> unroutable = new ArrayList<>();
    try (RawClient client = client().confirms(1)) {
      client.declare(1, "durable", true).declare(1, "transient", false);
      Thread publisher =
          Thread.ofPlatform().start(() -> publishMixed(client, random, messages, unroutable));
      ConfirmedTags confirmed = new ConfirmedTags();
      int returned = 0;
      while (!confirmed.upTo(messages)) {
        RawClient.Frame frame = client.frame();
        Method method = frame.method();
        switch (method) {
          case BasicMethod.Ack ack -> confirmed.on(ack);
          case BasicMethod.Return r -> {
            assertThat(r.replyCode()).isEqualTo(312);
            int tag = Integer.parseInt(Wire.text(client.readBody()));
            assertThat(confirmed.has(tag)).as("return %s after its confirm", tag).isFalse();
            returned++;
          }
          default -> throw new AssertionError(method);
        }
      }
      join(publisher);
      assertThat(returned).isEqualTo(unroutable.size());
      assertThat(confirmed.count()).isEqualTo(messages);
      client.delete(1, "durable").delete(1, "transient").bye();
    }
  }

  private static void publishMixed(
      RawClient client, Random random, int messages, List<Integer> unroutable) {
    try {
      for (int tag = 1; tag <= messages; tag++) {
        byte[] properties = random.nextBoolean() ? Wire.PERSISTENT : Wire.TRANSIENT;
        String key = random.nextBoolean() ? "durable" : "transient";
        if (random.nextInt(5) == 0) {
          key = "nowhere";
          unroutable.add(tag);
        }
        BasicMethod.Publish publish = new BasicMethod.Publish("", key, true, false);
        client.publish(1, publish, properties, Wire.text(String.valueOf(tag)));
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void join(Thread thread) {
    try {
      assertThat(thread.join(java.time.Duration.ofSeconds(10))).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aGetRightBehindAPublishFindsIt() throws IOException {
    try (RawClient client = client()) {
      client.declare(1, "durable", true).declare(1, "transient", false);
      for (int i = 0; i < 300; i++) {
        String queue = i % 2 == 0 ? "durable" : "transient";
        byte[] properties = i % 3 == 0 ? Wire.TRANSIENT : Wire.PERSISTENT;
        client.publish(1, queue, properties, Wire.text("message " + i));
        client.send(1, new BasicMethod.Get(queue, true));
        byte[] body = client.expectContent(1, BasicMethod.GetOk.class).body();
        assertThat(body).isEqualTo(Wire.text("message " + i));
      }
      client.delete(1, "durable").delete(1, "transient").bye();
    }
  }

  /// A transient message behind a persistent one takes its turn: order is the queue's, not the
  /// disk's.
  @Test
  void keepsTheOrderOfPersistentAndTransientMessages() throws IOException {
    try (RawClient client = client()) {
      client.declare(1, "mixed", true);
      client.send(1, RawClient.consume("mixed", true)).expect(1, BasicMethod.ConsumeOk.class);
      for (int i = 0; i < 500; i++) {
        byte[] properties = i % 7 == 0 ? Wire.PERSISTENT : Wire.TRANSIENT;
        client.publish(1, "mixed", properties, Wire.text("message " + i));
      }
      for (int i = 0; i < 500; i++) {
        byte[] body = client.expectContent(1, BasicMethod.Deliver.class).body();
        assertThat(body).isEqualTo(Wire.text("message " + i));
      }
      client.delete(1, "mixed");
    }
  }

  // --- consumers, and the end ---

  @Test
  void saysConsumeOkBeforeTheFirstDelivery() throws IOException {
    try (RawClient client = client().declare(1, "full", false)) {
      for (int round = 0; round < 50; round++) {
        client.publish(1, "full", Wire.TRANSIENT, Wire.text("x"));
        client.send(1, RawClient.consume("full", true));
        client.expect(1, BasicMethod.ConsumeOk.class);
        client.expectContent(1, BasicMethod.Deliver.class);
        client.call(1, new BasicMethod.Cancel("c", false), BasicMethod.CancelOk.class);
      }
      client.delete(1, "full").bye();
    }
  }

  @Test
  void anExclusiveQueueHasGoneWhenTheConnectionIsClosed() throws IOException {
    QueueMethod.Declare exclusive =
        new QueueMethod.Declare("mine", false, false, true, false, false, Map.of());
    for (int round = 0; round < 30; round++) {
      try (RawClient client = client()) {
        client.call(1, exclusive, QueueMethod.DeclareOk.class);
        client.publish(1, "mine", Wire.TRANSIENT, new byte[10]);
        client.call(0, new ConnectionMethod.Close(200, "", 0, 0), ConnectionMethod.CloseOk.class);
      }
    }
  }

  @Test
  void aChannelNumberIsFreeAgainAfterEitherSideHasClosedIt() throws IOException {
    try (RawClient client = client()) {
      for (int round = 0; round < 50; round++) {
        client.send(1, new BasicMethod.Get("nowhere", true));
        client.expectChannelClosed(1, 404);
        client.channel(1);
        // Both at once: each agrees to the other's.
        client.send(1, new BasicMethod.Get("nowhere", true));
        client.send(1, new ChannelMethod.Close(200, "", 0, 0));
        RawClient.Frame first = client.frame();
        if (first.method() instanceof ChannelMethod.Close) {
          client.expect(1, ChannelMethod.CloseOk.class);
          client.send(1, new ChannelMethod.CloseOk());
        }
        client.channel(1);
      }
      client.bye();
    }
  }

  /// A slow reader closes in order: it gets everything that was on its way, and then the answer.
  @Test
  void sendsWhatIsOnItsWayBeforeItAgreesToAClose() throws IOException {
    int messages = 400;
    try (RawClient publisher = client().confirms(1).declare(1, "slow", false);
        RawClient consumer = RawClient.connect(broker.port(), 4096)) {
      for (int i = 0; i < messages; i++) {
        publisher.publish(1, "slow", Wire.TRANSIENT, new byte[20_000]);
        publisher.expect(1, BasicMethod.Ack.class);
      }
      consumer.handshake(0, RawClient.FRAME_BYTES_MAX).channel(1);
      consumer.send(1, RawClient.consume("slow", true));
      consumer.expect(1, BasicMethod.ConsumeOk.class);
      TestBroker.await("deliveries on their way", () -> ready() < messages);
      consumer.send(0, new ConnectionMethod.Close(200, "", 0, 0));
      RawClient.Frame frame = consumer.frame();
      while (frame.type() != Wire.METHOD || !(frame.method() instanceof ConnectionMethod.CloseOk)) {
        frame = consumer.frame();
      }
      consumer.expectHungUp();
      publisher.delete(1, "slow").bye();
    }
  }

  private static long ready() {
    try {
      return broker.inspect().queues().stream()
          .filter(queue -> queue.name().equals("slow"))
          .findFirst()
          .orElseThrow()
          .ready();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void tellsOfALostQueueOnlyWhoUnderstands() throws IOException {
    Map<String, @Nullable Object> understands = Map.of("consumer_cancel_notify", true);
    try (RawClient client = client().declare(1, "lost", false);
        RawClient other = RawClient.connect(broker.port())) {
      client.call(1, RawClient.consume("lost", true), BasicMethod.ConsumeOk.class);
      other.handshake(0, RawClient.FRAME_BYTES_MAX, understands).channel(1);
      other.call(1, RawClient.consume("lost", true), BasicMethod.ConsumeOk.class);
      client.delete(1, "lost").bye();
      assertThat(other.expect(1, BasicMethod.Cancel.class).consumerTag()).isEqualTo("c");
      other.bye();
    }
  }

  // --- heartbeats ---

  @Test
  void sendsHeartbeatsWhenItHasNothingElseToSay() throws IOException {
    try (RawClient client = RawClient.connect(broker.port()).handshake(1, 131_072).channel(1)) {
      long begun = System.nanoTime();
      for (int i = 0; i < 3; i++) {
        assertThat(client.anyFrame().type()).isEqualTo(Wire.HEARTBEAT);
        client.send(Wire.frame(Wire.HEARTBEAT, 0));
      }
      long tookMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
      assertThat(tookMs).isBetween(700L, 3_500L);
      client.bye();
    }
  }

  @Test
  void hangsUpOnAPeerThatIsSilentForTwoIntervals() throws IOException {
    try (RawClient client = RawClient.connect(broker.port()).handshake(1, 131_072).channel(1)) {
      long begun = System.nanoTime();
      client.drain();
      long tookMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
      assertThat(tookMs).isBetween(1_900L, 4_000L);
    }
  }

  /// A publisher without confirms gets nothing else to hear: what the broker tells itself about it
  /// must not count as said.
  @Test
  void sendsHeartbeatsToAPublisherThatNeedsNoAnswer() throws IOException {
    byte[] message =
        Wire.concat(
            Wire.method(1, new BasicMethod.Publish("", "nowhere", false, false)),
            Wire.content(1, Wire.TRANSIENT, new byte[60_000], RawClient.FRAME_BYTES_MAX));
    try (RawClient client = RawClient.connect(broker.port()).handshake(1, 131_072).channel(1)) {
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(1_800);
      while (System.nanoTime() < end) {
        client.send(message);
      }
      client.declare(1, "after", false).delete(1, "after");
      assertThat(client.heartbeats).isGreaterThan(0);
      client.bye();
    }
  }
}
