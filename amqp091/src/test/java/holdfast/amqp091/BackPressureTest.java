package holdfast.amqp091;

import static org.assertj.core.api.Assertions.assertThat;

import holdfast.amqp091.codec.BasicMethod;
import holdfast.amqp091.codec.ConnectionMethod;
import holdfast.amqp091.codec.Method;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whoever is too fast, or too slow, is held back: memory has a limit, and nothing is lost for it.
class BackPressureTest {
  private static final long MIB = 1024 * 1024;
  private static final long HIGH = 16 * MIB;
  private static final int BODY_BYTES = 8_000;
  private static final Map<String, @Nullable Object> CAN_BE_BLOCKED =
      Map.of("connection.blocked", true);

  @TempDir Path directory;

  private static RawClient client(TestBroker broker, int heartbeatSeconds) throws IOException {
    return RawClient.connect(broker.port())
        .handshake(heartbeatSeconds, RawClient.FRAME_BYTES_MAX, CAN_BE_BLOCKED)
        .channel(1);
  }

  private TestBroker small() throws IOException {
    return new TestBroker(directory, TestBroker.Setup.USUAL.memory(HIGH));
  }

  @Test
  void aConsumerThatDoesNotReadHoldsUpNobodyAndTakesLittle() throws Exception {
    int messages = 2_000;
    try (TestBroker broker = TestBroker.open(directory);
        Witness witness = new Witness(broker.port());
        RawClient publisher = client(broker, 0).confirms(1).declare(1, "slow", false);
        RawClient consumer = RawClient.connect(broker.port(), 4096)) {
      consumer.handshake(0, RawClient.FRAME_BYTES_MAX).channel(1);
      for (int i = 0; i < messages; i++) {
        publisher.publish(1, "slow", Wire.TRANSIENT, numbered(i, 20_000));
      }
      ConfirmedTags confirmed = new ConfirmedTags();
      while (!confirmed.upTo(messages)) {
        confirmed.on(publisher.expect(1, BasicMethod.Ack.class));
      }
      long queued = broker.broker().memory().used();
      consumer.call(1, RawClient.consume("slow", true), BasicMethod.ConsumeOk.class);
      for (int i = 0; i < 50; i++) {
        witness.check();
      }
      assertThat(ready(broker, "slow")).isGreaterThan(messages - 8 * MIB / 20_000);
      assertThat(broker.broker().memory().used()).isLessThan(queued + 2 * MIB);
      for (int i = 0; i < messages; i++) {
        byte[] body = consumer.expectContent(1, BasicMethod.Deliver.class).body();
        assertThat(ByteBuffer.wrap(body).getInt()).isEqualTo(i);
      }
      publisher.delete(1, "slow").bye();
    }
  }

  private static byte[] numbered(int number, int length) {
    return ByteBuffer.allocate(length).putInt(number).array();
  }

  private static long ready(TestBroker broker, String queue) throws Exception {
    return broker.inspect().queues().stream()
        .filter(info -> info.name().equals(queue))
        .findFirst()
        .orElseThrow()
        .ready();
  }

  @Test
  void tellsAPublisherWhyItIsBlockedAndWhenItIsNotAnyMore() throws Exception {
    try (TestBroker broker = small();
        RawClient publisher = client(broker, 1).declare(1, "full", false);
        RawClient consumer = client(broker, 0);
        ExecutorService threads = Executors.newSingleThreadExecutor()) {
      consumer.send(1, new BasicMethod.Qos(0, 100, false)).expect(1, BasicMethod.QosOk.class);
      AtomicInteger published = new AtomicInteger();
      int messages = (int) (3 * HIGH / BODY_BYTES);
      Future<?> publishing = threads.submit(() -> publish(publisher, published, messages));
      ConnectionMethod.Blocked blocked = publisher.expect(0, ConnectionMethod.Blocked.class);
      assertThat(blocked.reason()).startsWith("low on memory");
      // Blocked for longer than two intervals, hearing the broker's heartbeats, and not hung up on
      // though none of its own are read.
      for (int i = 0; i < 5; i++) {
        assertThat(publisher.anyFrame().type()).isEqualTo(Wire.HEARTBEAT);
      }
      assertThat(publishing).isNotDone();
      assertThat(broker.broker().memory().used()).isLessThan(HIGH * 5 / 4);
      consumer.call(1, RawClient.consume("full", false), BasicMethod.ConsumeOk.class);
      for (int i = 0; i < messages; i++) {
        RawClient.Content next = consumer.expectContent(1, BasicMethod.Deliver.class);
        assertThat(ByteBuffer.wrap(next.body()).getInt()).isEqualTo(i);
        consumer.send(
            1, new BasicMethod.Ack(((BasicMethod.Deliver) next.method()).deliveryTag(), false));
      }
      publishing.get(10, TimeUnit.SECONDS);
      publisher.expect(0, ConnectionMethod.Unblocked.class);
      consumer.delete(1, "full").bye();
    }
  }

  private static @Nullable Void publish(RawClient publisher, AtomicInteger published, int messages)
      throws IOException {
    for (int i = 0; i < messages; i++) {
      publisher.publish(1, "full", Wire.TRANSIENT, numbered(i, BODY_BYTES));
      published.set(i + 1);
    }
    return null;
  }

  @Test
  void neverTakesMuchMoreThanItsLimitAndLosesNothingConfirmed() throws Exception {
    int messages = (int) (3 * HIGH / BODY_BYTES);
    try (TestBroker broker = small();
        ExecutorService threads = Executors.newFixedThreadPool(6)) {
      Future<?> transients = threads.submit(() -> passThrough(broker, threads, false, messages));
      Future<?> persistents = threads.submit(() -> passThrough(broker, threads, true, messages));
      long most = 0;
      while (!transients.isDone() || !persistents.isDone()) {
        most = Math.max(most, broker.broker().memory().used());
        TimeUnit.MILLISECONDS.sleep(1);
      }
      transients.get();
      persistents.get();
      assertThat(most).as("bytes of messages at most").isBetween(HIGH, 2 * HIGH);
      broker.awaitNothingHeld();
    }
  }

  /// Publishes without a pause, and consumes with one until the limit has been met.
  private static @Nullable Void passThrough(
      TestBroker broker, ExecutorService threads, boolean persistent, int messages)
      throws Exception {
    String queue = persistent ? "persistent" : "transient";
    AtomicLong confirmed = new AtomicLong();
    try (RawClient publisher = client(broker, 0).confirms(1).declare(1, queue, persistent);
        RawClient consumer = client(broker, 0)) {
      Future<?> publishing =
          threads.submit(() -> {
            byte[] properties = persistent ? Wire.PERSISTENT : Wire.TRANSIENT;
            for (int i = 0; i < messages; i++) {
              publisher.publish(1, queue, properties, numbered(i, BODY_BYTES));
            }
            return null;
          });
      Future<?> confirming = threads.submit(() -> readConfirms(publisher, confirmed, messages));
      TestBroker.await("the limit", () -> broker.broker().blockedReason() != null);
      consumer.call(1, RawClient.consume(queue, true), BasicMethod.ConsumeOk.class);
      for (int i = 0; i < messages; i++) {
        byte[] body = consumer.expectContent(1, BasicMethod.Deliver.class).body();
        assertThat(ByteBuffer.wrap(body).getInt()).isEqualTo(i);
      }
      publishing.get(10, TimeUnit.SECONDS);
      confirming.get(10, TimeUnit.SECONDS);
      assertThat(confirmed.get()).isEqualTo(messages);
      consumer.delete(1, queue);
    }
    return null;
  }

  private static @Nullable Void readConfirms(
      RawClient publisher, AtomicLong confirmed, int messages) throws IOException {
    ConfirmedTags tags = new ConfirmedTags();
    while (!tags.upTo(messages)) {
      Method method = publisher.frame().method();
      if (method instanceof BasicMethod.Ack ack) {
        tags.on(ack);
        confirmed.set(tags.count());
      }
    }
    return null;
  }
}
