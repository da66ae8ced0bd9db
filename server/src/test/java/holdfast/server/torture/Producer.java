package holdfast.server.torture;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.MessageProperties;
import holdfast.server.torture.Topology.Route;
import holdfast.server.torture.Verdict.Breach;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/// One publishing connection with confirms and a bounded number unconfirmed. Its own thread
/// publishes; the connection's thread takes answers.
final class Producer implements Runnable {
  private static final int TRANSIENT_PERCENT = 3;

  private record Pending(long key, Route route) {}

  private final int number;
  private final Channel channel;
  private final Function<RandomGenerator, Route> routes;
  private final RandomGenerator random;
  private final Map<String, QueueModel> models;
  private final Verdict verdict;
  private final Counts counts;
  private final int messagesMax;
  private final int window;
  private final Semaphore free;
  private final ConcurrentSkipListMap<Long, Pending> pending = new ConcurrentSkipListMap<>();
  private final Set<Long> returned = ConcurrentHashMap.newKeySet();

  Producer(
      int number,
      Connection connection,
      Function<RandomGenerator, Route> routes,
      RandomGenerator random,
      Torture torture)
      throws IOException {
    this.number = number;
    this.routes = routes;
    this.random = random;
    this.models = torture.models();
    this.verdict = torture.verdict();
    this.counts = torture.counts();
    this.messagesMax = torture.settings().messagesMax();
    this.window = random.nextInt(1, 500);
    this.free = new Semaphore(window);
    this.channel = connection.createChannel();
    verdict.watch(channel);
    channel.confirmSelect();
    channel.addConfirmListener(
        (tag, multiple) -> answered(tag, multiple, true),
        (tag, multiple) -> answered(tag, multiple, false));
    channel.addReturnListener(message -> Payload.read(message.getBody()).ifPresent(returned::add));
  }

  @Override
  public void run() {
    try {
      for (long sequence = 1; sequence <= messagesMax; sequence++) {
        while (!free.tryAcquire(50, TimeUnit.MILLISECONDS)) {
          if (!channel.isOpen()) {
            return;
          }
        }
        publish(Payload.key(number, sequence));
      }
    } catch (IOException | AlreadyClosedException killed) {
      // The kill: what was sent without an answer stays in doubt.
      return;
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }

  private void publish(long key) throws IOException {
    Route route = routes.apply(random);
    boolean mayVanish = random.nextInt(100) < TRANSIENT_PERCENT;
    AMQP.BasicProperties properties =
        mayVanish ? MessageProperties.MINIMAL_BASIC : MessageProperties.MINIMAL_PERSISTENT_BASIC;
    // Before it is sent: a consumer may see it before publish returns here.
    for (String queue : route.queues()) {
      models.get(queue).sent(key, mayVanish, 0);
    }
    pending.put(channel.getNextPublishSeqNo(), new Pending(key, route));
    counts.published.increment();
    byte[] body = Payload.body(key, Payload.randomSize(random));
    channel.basicPublish(route.exchange(), route.key(), true, properties, body);
  }

  private void answered(long tag, boolean multiple, boolean confirmed) {
    var settled = multiple ? pending.headMap(tag, true) : pending.subMap(tag, true, tag, true);
    for (Long each : settled.keySet()) {
      Pending message = pending.remove(each);
      if (message != null) {
        free.release();
        settle(message, confirmed);
      }
    }
  }

  private void settle(Pending message, boolean confirmed) {
    boolean cameBack = returned.remove(message.key());
    boolean unroutable = message.route().queues().isEmpty();
    if (confirmed && cameBack != unroutable) {
      verdict.add(
          Breach.MISROUTED,
          Payload.name(message.key())
              + (cameBack ? " came back from " : " was taken by ")
              + message);
    }
    (confirmed && !unroutable ? counts.confirmed : counts.refused).increment();
    if (confirmed) {
      message.route().queues().forEach(queue -> models.get(queue).confirmed(message.key()));
    }
  }
}
