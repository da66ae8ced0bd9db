package holdfast.server.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.GetResponse;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Transactions with RabbitMQ's Java client.
class JavaClientTransactionsIT extends ClientCase {
  private Channel tx;

  @BeforeEach
  void select() throws Exception {
    tx = connect().createChannel();
    tx.txSelect();
  }

  @Test
  void publishesAppearTogetherAtTheCommit() throws Exception {
    String one = queue();
    String other = queue();
    for (int index = 0; index < 50; index++) {
      tx.basicPublish("", one, null, bytes("" + index));
      tx.basicPublish("", other, null, bytes("" + index));
    }
    tx.queueDeclarePassive(one);
    assertEquals(0, ready(one) + ready(other));
    tx.txCommit();
    awaitReady(one, 50);
    awaitReady(other, 50);
    assertEquals("0", text(channel.basicGet(one, true).getBody()));
  }

  @Test
  void aRollbackDropsPublishesAndKeepsDeliveries() throws Exception {
    String queue = queue();
    fill(queue, "held");
    GetResponse held = tx.basicGet(queue, false);
    tx.basicPublish("", queue, null, bytes("gone"));
    tx.basicAck(held.getEnvelope().getDeliveryTag(), false);
    tx.txRollback();
    assertEquals(0, ready(queue));
    tx.basicNack(held.getEnvelope().getDeliveryTag(), false, true);
    tx.txCommit();
    awaitReady(queue, 1);
    assertEquals(List.of("held"), take(queue));
  }

  @Test
  void aMoveFromQueueToQueueIsOneTransaction() throws Exception {
    String from = queue();
    String to = queue();
    fill(from, "a", "b", "c");
    for (int index = 0; index < 3; index++) {
      GetResponse got = tx.basicGet(from, false);
      tx.basicPublish("", to, got.getProps(), got.getBody());
      tx.basicAck(got.getEnvelope().getDeliveryTag(), false);
    }
    tx.txCommit();
    tx.getConnection().close();
    assertEquals(0, ready(from));
    assertEquals(List.of("a", "b", "c"), take(to));
  }

  @Test
  void acknowledgingSeveralCountsAtTheCommit() throws Exception {
    String queue = queue();
    fill(queue, "a", "b", "c");
    long last = 0;
    for (int index = 0; index < 3; index++) {
      last = tx.basicGet(queue, false).getEnvelope().getDeliveryTag();
    }
    tx.basicAck(last - 1, true);
    tx.txCommit();
    tx.close();
    awaitReady(queue, 1);
    assertEquals(List.of("c"), take(queue));
  }

  @Test
  void aLostConnectionRollsBack() throws Exception {
    String queue = queue();
    fill(queue, "held");
    long tag = tx.basicGet(queue, false).getEnvelope().getDeliveryTag();
    tx.basicAck(tag, false);
    tx.basicPublish("", queue, null, bytes("gone"));
    tx.getConnection().abort();
    awaitReady(queue, 1);
    GetResponse again = channel.basicGet(queue, true);
    assertEquals("held", text(again.getBody()));
    assertTrue(again.getEnvelope().isRedeliver());
  }

  @Test
  void anUnroutableMessageComesBackAtTheCommit() throws Exception {
    List<Integer> codes = new CopyOnWriteArrayList<>();
    tx.addReturnListener(back -> codes.add(back.getReplyCode()));
    tx.basicPublish("", freshName("nowhere"), true, null, bytes("a"));
    tx.txCommit();
    Await.until("the return", () -> codes.equals(List.of(312)));
  }

  @Test
  void consumersAcknowledgeInTransactions() throws Exception {
    String queue = queue();
    fill(queue, "a", "b", "c", "d");
    List<String> seen = new CopyOnWriteArrayList<>();
    tx.basicQos(1);
    tx.basicConsume(
        queue,
        false,
        (_, delivery) -> {
          tx.basicAck(delivery.getEnvelope().getDeliveryTag(), false);
          tx.txCommit();
          seen.add(text(delivery.getBody()));
        },
        _ -> {});
    Await.until("all of them", () -> seen.size() == 4);
    assertEquals(List.of("a", "b", "c", "d"), seen);
  }

  @Test
  void confirmsAndTransactionsExcludeEachOther() throws Exception {
    refused(
        406,
        () -> {
          channel.txSelect();
          channel.confirmSelect();
        });
    refused(
        406,
        () -> {
          channel.confirmSelect();
          channel.txSelect();
        });
    refused(406, () -> channel.txCommit());
  }
}
