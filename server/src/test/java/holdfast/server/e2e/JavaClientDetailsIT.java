package holdfast.server.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// The small print of RabbitMQ, which the functional tests of its own Java client rely on.
class JavaClientDetailsIT extends ClientCase {
  @Test
  void aSharedPrefetchLeavesNoQueueBehind() throws Exception {
    Map<String, AtomicInteger> taken = new ConcurrentHashMap<>();
    AtomicInteger total = new AtomicInteger();
    channel.basicQos(1, true);
    for (int index = 0; index < 3; index++) {
      String queue = queue();
      fill(queue, "x".repeat(100).split(""));
      taken.put(queue, new AtomicInteger());
    }
    for (String queue : taken.keySet()) {
      channel.basicConsume(
          queue,
          false,
          (_, delivery) -> {
            taken.get(queue).incrementAndGet();
            // The hundredth is kept: by then one queue alone would be empty.
            if (total.incrementAndGet() < 100) {
              channel.basicAck(delivery.getEnvelope().getDeliveryTag(), false);
            }
          },
          _ -> {});
    }
    Await.until("a hundred messages", () -> total.get() == 100);
    assertTrue(taken.values().stream().allMatch(count -> count.get() > 0), taken::toString);
  }

  @Test
  void aSharedPrefetchLeavesNoConsumerOfAQueueBehind() throws Exception {
    String queue = queue();
    fill(queue, "x".repeat(20).split(""));
    channel.basicQos(1, true);
    List<AtomicInteger> taken = List.of(new AtomicInteger(), new AtomicInteger());
    for (AtomicInteger count : taken) {
      channel.basicConsume(
          queue,
          false,
          (_, delivery) -> {
            count.incrementAndGet();
            channel.basicAck(delivery.getEnvelope().getDeliveryTag(), false);
          },
          _ -> {});
    }
    Await.until("all twenty", () -> taken.stream().mapToInt(AtomicInteger::get).sum() == 20);
    assertTrue(taken.stream().allMatch(count -> count.get() > 0), taken::toString);
  }

  @Test
  void aSharedPrefetchHoldsBackConsumersThatDoNotAcknowledgeToo() throws Exception {
    String held = queue();
    String other = queue();
    fill(held, "held");
    List<Long> tags = new CopyOnWriteArrayList<>();
    List<String> seen = new CopyOnWriteArrayList<>();
    channel.basicQos(1, true);
    channel.basicConsume(
        held, false, (_, d) -> tags.add(d.getEnvelope().getDeliveryTag()), _ -> {});
    Await.until("the held message", () -> tags.size() == 1);
    channel.basicConsume(other, true, (_, d) -> seen.add(text(d.getBody())), _ -> {});
    fill(other, "waits");
    assertEquals(1, ready(other));
    assertEquals(List.of(), seen);
    channel.basicAck(tags.getFirst(), false);
    Await.until("the other queue's message", () -> seen.equals(List.of("waits")));
  }

  @Test
  void aGetNeverOvertakesConsumersThatWait() throws Exception {
    String exchange = exchange("fanout");
    List<String> queues = new ArrayList<>();
    for (int index = 0; index < 9; index++) {
      String queue = boundQueue(exchange, "");
      queues.add(queue);
      for (int consumer = 0; consumer < 2; consumer++) {
        channel.basicConsume(queue, true, (_, _) -> {}, _ -> {});
      }
    }
    for (int round = 0; round < 20; round++) {
      for (String queue : queues) {
        channel.basicPublish(exchange, "", null, bytes("x"));
        assertNull(channel.basicGet(queue, true), "a get took what a waiting consumer should have");
      }
    }
  }

  @Test
  void recoverWithoutRequeueIsNotImplemented() throws Exception {
    Connection closing = connect();
    Channel recovering = closing.createChannel();
    Throwable thrown = assertThrows(IOException.class, () -> recovering.basicRecover(false));
    assertEquals(540, reason(thrown, AMQP.Connection.Close.class).getReplyCode());
  }

  @Test
  void lineBreaksAreTakenOutOfNames() throws Exception {
    String name = freshName("lines");
    assertEquals(name, channel.queueDeclare(name + "\r\n", false, true, false, null).getQueue());
    channel.queueDeclarePassive("\n" + name + "\n\r");
    channel.exchangeDeclare(name + "\n", "fanout", false, true, null);
    channel.exchangeDeclarePassive(name);
    channel.exchangeDelete(name);
  }

  @Test
  void aSharedQueueRedeclaredAsExclusiveIsLocked() throws Exception {
    String queue = queue();
    refused(405, () -> channel.queueDeclare(queue, true, true, false, null));
  }
}
