package holdfast.server.torture;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import holdfast.server.e2e.Await;
import holdfast.server.torture.Verdict.Breach;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/// Takes every message of a queue after a restart, checks it against the model, and leaves the
/// queue empty or with some of them given back.
final class Inspection {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int ACK_EVERY = 200;

  private record Taken(long tag, long key) {}

  private final Connection connection;
  private final Verdict verdict;
  private final RandomGenerator random;

  Inspection(Connection connection, Verdict verdict, RandomGenerator random) {
    this.connection = connection;
    this.verdict = verdict;
    this.random = random;
  }

  /// What one look found.
  record Found(int messages, int returnedAfterAck) {}

  /// Looks through a queue. When `keepSome`, half of the messages are given back, spread over the
  /// queue, so that the next life begins with holes.
  Found look(QueueModel model, boolean keepSome) throws Exception {
    QueueModel.Look look = model.new Look();
    if (!Definitions.exists(connection, channel -> channel.queueDeclarePassive(model.name()))) {
      verdict.add(Breach.DEFINITION, "the durable queue " + model.name() + " is lost");
      look.close();
      return new Found(0, 0);
    }
    Channel channel = connection.createChannel();
    // With a prefetch acks have to flow while we look, without one all comes at once.
    boolean bounded = !keepSome && random.nextBoolean();
    channel.basicQos(bounded ? 2 * ACK_EVERY : 0);
    Taker taker = new Taker(channel, model, look, keepSome);
    String tag = channel.basicConsume(model.name(), false, taker);
    try (Channel asking = connection.createChannel()) {
      Await.until(
          model.name() + " to be taken whole",
          PATIENCE,
          () -> asking.queueDeclarePassive(model.name()).getMessageCount() == 0);
    }
    // The answer to the cancel follows the last delivery on this channel.
    channel.basicCancel(tag);
    if (!taker.cancelled.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new AssertionError("no end of the deliveries of " + model.name());
    }
    look.close();
    taker.settleRest();
    channel.close();
    return new Found(look.count(), look.returned);
  }

  private final class Taker extends DefaultConsumer {
    private final QueueModel model;
    private final QueueModel.Look look;
    private final boolean keepSome;
    private final List<Taken> unacked = new ArrayList<>();
    private final CountDownLatch cancelled = new CountDownLatch(1);

    Taker(Channel channel, QueueModel model, QueueModel.Look look, boolean keepSome) {
      super(channel);
      this.model = model;
      this.look = look;
      this.keepSome = keepSome;
    }

    @Override
    public void handleCancelOk(String consumer) {
      cancelled.countDown();
    }

    @Override
    public void handleDelivery(
        String consumer, Envelope envelope, AMQP.BasicProperties properties, byte[] body)
        throws IOException {
      OptionalLong key = Payload.read(body);
      if (key.isEmpty()) {
        verdict.add(Breach.CORRUPT, "a body of " + body.length + " bytes from " + model.name());
        return;
      }
      look.take(key.getAsLong(), envelope.isRedeliver());
      unacked.add(new Taken(envelope.getDeliveryTag(), key.getAsLong()));
      if (!keepSome && unacked.size() >= ACK_EVERY) {
        acknowledge();
      }
    }

    private void acknowledge() throws IOException {
      if (!unacked.isEmpty()) {
        unacked.forEach(taken -> model.acked(taken.key()));
        getChannel().basicAck(unacked.getLast().tag(), true);
        unacked.clear();
      }
    }

    // After the last delivery, on the caller's thread.
    private void settleRest() throws IOException {
      if (!keepSome) {
        acknowledge();
        return;
      }
      for (Taken taken : unacked) {
        if (random.nextBoolean()) {
          model.acked(taken.key());
          getChannel().basicAck(taken.tag(), false);
        }
      }
      // What is left unsettled goes back with the channel.
    }
  }
}
