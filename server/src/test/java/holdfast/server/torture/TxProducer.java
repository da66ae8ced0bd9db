package holdfast.server.torture;

import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.MessageProperties;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/// One connection that publishes in transactions and rolls some of them back: after a kill a
/// transaction is there as a whole or not at all.
final class TxProducer implements Runnable {
  private static final int BATCH_MAX = 12;
  private static final int ROLLBACK_PERCENT = 20;
  private static final int TRANSACTIONS_MAX = 400;

  private final int number;
  private final Channel channel;
  private final RandomGenerator random;
  private final QueueModel model;
  private final Counts counts;

  TxProducer(int number, Connection connection, RandomGenerator random, Torture torture)
      throws IOException {
    this.number = number;
    this.random = random;
    this.model = torture.models().get(Topology.TRANSACTED);
    this.counts = torture.counts();
    this.channel = connection.createChannel();
    torture.verdict().watch(channel);
    channel.txSelect();
  }

  @Override
  public void run() {
    try {
      long sequence = 1;
      for (int transaction = 1; transaction <= TRANSACTIONS_MAX; transaction++) {
        sequence = transact(Payload.key(number, transaction), sequence);
      }
    } catch (IOException | AlreadyClosedException killed) {
      // The kill: the transaction under way is in doubt, whole.
      return;
    }
  }

  private long transact(long batch, long sequence) throws IOException {
    List<Long> keys = new ArrayList<>();
    int size = random.nextInt(1, BATCH_MAX + 1);
    for (int index = 0; index < size; index++) {
      long key = Payload.key(number, sequence + index);
      keys.add(key);
      model.sent(key, false, batch);
      counts.published.increment();
      channel.basicPublish(
          "",
          Topology.TRANSACTED,
          MessageProperties.MINIMAL_PERSISTENT_BASIC,
          Payload.body(key, Payload.randomSize(random)));
    }
    if (random.nextInt(100) < ROLLBACK_PERCENT) {
      // Refused whether or not the answer comes: nothing of it may ever be seen.
      keys.forEach(model::refused);
      counts.refused.add(size);
      channel.txRollback();
    } else {
      channel.txCommit();
      keys.forEach(model::confirmed);
      counts.confirmed.add(size);
    }
    return sequence + size;
  }
}
