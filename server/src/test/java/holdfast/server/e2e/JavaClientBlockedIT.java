package holdfast.server.e2e;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A publisher is told that it is blocked, and when it is no longer.
@Timeout(60)
class JavaClientBlockedIT {
  private static final int BODY_BYTES = 256 * 1024;
  private static final int BODIES = 200;

  @Test
  void aPublisherHearsThatMemoryIsShortAndThatItNoLongerIs() throws Exception {
    assumeTrue(TestedBroker.isOurs(), "needs a broker with little memory");
    try (TestedBroker broker =
        TestedBroker.start("blocked", "--set", "vm_memory_high_watermark.absolute=16MiB")) {
      ConnectionFactory factory = new ConnectionFactory();
      factory.setPort(broker.port());
      factory.setAutomaticRecoveryEnabled(false);
      List<String> heard = new CopyOnWriteArrayList<>();
      try (Connection publishing = factory.newConnection();
          Connection purging = factory.newConnection();
          Channel purge = purging.createChannel()) {
        publishing.addBlockedListener(
            reason -> heard.add("blocked: " + reason), () -> heard.add("unblocked"));
        String queue = purge.queueDeclare().getQueue();
        String exchange = "amq.fanout";
        purge.queueBind(queue, exchange, "");
        Channel channel = publishing.createChannel();
        Thread publisher = Thread.ofVirtual().start(() -> publish(channel, exchange));
        Await.until("the word of the block", () -> heard.size() == 1);
        assertTrue(heard.getFirst().startsWith("blocked: "), heard::toString);
        Await.until(
            "the end of the block and of publishing",
            () -> {
              purge.queuePurge(queue);
              return heard.contains("unblocked") && !publisher.isAlive();
            });
      }
    }
  }

  private static void publish(Channel channel, String exchange) {
    try {
      for (int count = 0; count < BODIES; count++) {
        channel.basicPublish(exchange, "", null, new byte[BODY_BYTES]);
      }
    } catch (Exception failed) {
      throw new IllegalStateException(failed);
    }
  }
}
