package holdfast.server.torture;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import holdfast.server.torture.Verdict.Breach;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;

/// One consumer of the load: acknowledges one by one or several at once, gives some back, and now
/// and then closes its channel with deliveries unsettled and begins anew. Each channel's callbacks
/// run one at a time; a new channel is opened from the old one's last callback.
final class Worker {
  private static final int NACK_PERCENT = 3;

  private final Connection connection;
  private final QueueModel model;
  private final RandomGenerator random;
  private final Verdict verdict;
  private final Counts counts;

  Worker(Connection connection, QueueModel model, RandomGenerator random, Torture torture)
      throws IOException {
    this.connection = connection;
    this.model = model;
    this.random = random;
    this.verdict = torture.verdict();
    this.counts = torture.counts();
    open();
  }

  private void open() throws IOException {
    Channel channel = connection.createChannel();
    verdict.watch(channel);
    int prefetch = random.nextInt(1, 200);
    channel.basicQos(prefetch);
    int batch = random.nextBoolean() ? 1 : random.nextInt(1, prefetch / 2 + 2);
    channel.basicConsume(
        model.name(), false, new Session(channel, batch, random.nextInt(50, 3000)));
  }

  private final class Session extends DefaultConsumer {
    private final int batch;
    private final List<Long> unacked = new ArrayList<>();
    private final Map<Integer, Long> lastFirst = new HashMap<>();
    private int left;

    Session(Channel channel, int batch, int deliveries) {
      super(channel);
      this.batch = batch;
      this.left = deliveries;
    }

    @Override
    public void handleDelivery(
        String consumer, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
      if (left <= 0) {
        // Delivered to a channel that is closing: the broker gives it to the next one.
        return;
      }
      try {
        take(envelope, body);
      } catch (IOException | AlreadyClosedException killed) {
        // The kill came between a delivery and its answer.
        return;
      }
    }

    private void take(Envelope envelope, byte[] body) throws IOException {
      OptionalLong read = Payload.read(body);
      if (read.isEmpty()) {
        verdict.add(Breach.CORRUPT, "a body of " + body.length + " bytes from " + model.name());
        return;
      }
      long key = read.getAsLong();
      counts.delivered.increment();
      model.delivered(key, envelope.isRedeliver());
      if (!envelope.isRedeliver()) {
        model.inOrder(lastFirst, key);
      }
      if (random.nextInt(100) < NACK_PERCENT) {
        getChannel().basicNack(envelope.getDeliveryTag(), false, true);
      } else {
        unacked.add(key);
        if (unacked.size() >= batch) {
          acknowledge(envelope.getDeliveryTag());
        }
      }
      if (--left == 0) {
        getChannel().abort();
        open();
      }
    }

    private void acknowledge(long tag) throws IOException {
      unacked.forEach(model::acked);
      counts.acked.add(unacked.size());
      boolean multiple = unacked.size() > 1;
      unacked.clear();
      getChannel().basicAck(tag, multiple);
    }
  }
}
