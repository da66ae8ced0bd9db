package holdfast.server.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.MessageProperties;
import com.rabbitmq.client.Recoverable;
import com.rabbitmq.client.RecoveryListener;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// RabbitMQ's Java client recovers by itself what it had declared, when the broker is killed and
/// comes back. Of a broker that is not ours only the connections are cut.
@Timeout(60)
class JavaClientRecoveryIT {
  private TestedBroker broker;
  private Relay relay;
  private Connection connection;
  private Channel channel;
  private final AtomicInteger recoveries = new AtomicInteger();

  @BeforeEach
  void connect() throws Exception {
    broker = TestedBroker.start("recovery");
    relay = Relay.open(() -> broker.port());
    ConnectionFactory factory = new ConnectionFactory();
    factory.setHost("127.0.0.1");
    factory.setPort(relay.port());
    factory.setAutomaticRecoveryEnabled(true);
    factory.setTopologyRecoveryEnabled(true);
    factory.setNetworkRecoveryInterval(200);
    connection = factory.newConnection();
    ((Recoverable) connection)
        .addRecoveryListener(
            new RecoveryListener() {
              @Override
              public void handleRecovery(Recoverable recovered) {
                recoveries.incrementAndGet();
              }

              @Override
              public void handleRecoveryStarted(Recoverable recovering) {
                assertTrue(recovering == connection);
              }
            });
    channel = connection.createChannel();
  }

  @AfterEach
  void close() throws Exception {
    if (connection != null) {
      connection.abort(5_000);
    }
    if (relay != null) {
      relay.close();
    }
    if (broker != null) {
      broker.close();
    }
  }

  private void interrupt() throws Exception {
    int before = recoveries.get();
    broker.killAndStartAgain();
    relay.cut();
    Await.until("the client's recovery", () -> recoveries.get() > before);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void consumersQueuesAndBindingsComeBack() throws Exception {
    String exchange = "recovery." + System.nanoTime();
    channel.exchangeDeclare(exchange, "topic", false, true, Map.of());
    String named = channel.queueDeclare().getQueue();
    channel.queueBind(named, exchange, "a.#");
    List<String> seen = new CopyOnWriteArrayList<>();
    channel.basicConsume(
        named,
        true,
        (_, delivery) -> seen.add(new String(delivery.getBody(), StandardCharsets.UTF_8)),
        _ -> {});
    channel.basicPublish(exchange, "a.b", null, bytes("before"));
    Await.until("the first", () -> seen.equals(List.of("before")));
    interrupt();
    channel.basicPublish(exchange, "a.b", null, bytes("after"));
    Await.until("the second", () -> seen.equals(List.of("before", "after")));
  }

  @Test
  void whatWasConfirmedIsThereAndWhatWasNotAcknowledgedComesAgain() throws Exception {
    String queue = "recovery." + System.nanoTime();
    channel.queueDeclare(queue, true, false, false, null);
    channel.confirmSelect();
    for (int number = 0; number < 100; number++) {
      channel.basicPublish("", queue, MessageProperties.PERSISTENT_BASIC, bytes("" + number));
    }
    channel.waitForConfirmsOrDie(15_000);
    Set<String> done = ConcurrentHashMap.newKeySet();
    AtomicInteger again = new AtomicInteger();
    AtomicInteger delivered = new AtomicInteger();
    AtomicBoolean holding = new AtomicBoolean(true);
    Channel consuming = connection.createChannel();
    consuming.basicQos(10);
    consuming.basicConsume(
        queue,
        false,
        (_, delivery) -> {
          delivered.incrementAndGet();
          if (holding.get()) {
            return;
          }
          if (delivery.getEnvelope().isRedeliver()) {
            again.incrementAndGet();
          }
          done.add(new String(delivery.getBody(), StandardCharsets.UTF_8));
          consuming.basicAck(delivery.getEnvelope().getDeliveryTag(), false);
        },
        _ -> {});
    Await.until("the first ten", () -> delivered.get() == 10);
    holding.set(false);
    interrupt();
    Await.until("all of them", () -> done.size() == 100);
    assertTrue(again.get() >= 10, () -> "redelivered: " + again);
    channel.queueDelete(queue);
  }

  @Test
  void confirmsGoOnAfterARecovery() throws Exception {
    String queue = "recovery." + System.nanoTime();
    channel.queueDeclare(queue, true, false, false, null);
    channel.confirmSelect();
    channel.basicPublish("", queue, MessageProperties.PERSISTENT_BASIC, bytes("a"));
    channel.waitForConfirmsOrDie(15_000);
    for (int round = 0; round < 2; round++) {
      interrupt();
      channel.basicPublish("", queue, MessageProperties.PERSISTENT_BASIC, bytes("b"));
      channel.waitForConfirmsOrDie(15_000);
    }
    assertEquals(3, channel.messageCount(queue));
    channel.queueDelete(queue);
  }
}
