package holdfast.server.e2e;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.LongString;
import com.rabbitmq.client.MessageProperties;
import com.rabbitmq.client.Return;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// Publishing, delivering and settling, with RabbitMQ's Java client.
class JavaClientIT extends ClientCase {
  @Test
  void prefetchBoundsWhatIsUnacknowledged() throws Exception {
    String queue = queue();
    fill(queue, "0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
    List<Long> tags = new CopyOnWriteArrayList<>();
    channel.basicQos(3);
    channel.basicConsume(
        queue, false, (_, delivery) -> tags.add(delivery.getEnvelope().getDeliveryTag()), _ -> {});
    Await.until("the first three", () -> tags.size() == 3);
    assertEquals(7, ready(queue));
    channel.basicAck(tags.get(1), true);
    Await.until("two more", () -> tags.size() == 5);
    assertEquals(5, ready(queue));
  }

  @Test
  void aPrefetchIsEachConsumersOwnAndAGlobalOneTheChannels() throws Exception {
    String queue = queue();
    fill(queue, "0", "1", "2", "3", "4", "5", "6", "7");
    AtomicInteger taken = new AtomicInteger();
    channel.basicQos(2);
    for (int consumer = 0; consumer < 2; consumer++) {
      channel.basicConsume(queue, false, (_, _) -> taken.incrementAndGet(), _ -> {});
    }
    Await.until("two each", () -> taken.get() == 4);
    assertEquals(4, ready(queue));
    Channel shared = connect().createChannel();
    AtomicInteger together = new AtomicInteger();
    shared.basicQos(3, true);
    for (int consumer = 0; consumer < 2; consumer++) {
      shared.basicConsume(queue, false, (_, _) -> together.incrementAndGet(), _ -> {});
    }
    Await.until("three together", () -> together.get() == 3);
    assertEquals(1, ready(queue));
  }

  @Test
  void competingConsumersShareTheWork() throws Exception {
    String queue = queue();
    Set<String> seen = ConcurrentHashMap.newKeySet();
    List<AtomicInteger> shares = List.of(new AtomicInteger(), new AtomicInteger());
    for (AtomicInteger share : shares) {
      Channel own = connect().createChannel();
      own.basicQos(1);
      own.basicConsume(
          queue,
          false,
          (_, delivery) -> {
            share.incrementAndGet();
            seen.add(text(delivery.getBody()));
            own.basicAck(delivery.getEnvelope().getDeliveryTag(), false);
          },
          _ -> {});
    }
    String[] bodies = new String[200];
    for (int number = 0; number < bodies.length; number++) {
      bodies[number] = String.valueOf(number);
    }
    fill(queue, bodies);
    Await.until("all two hundred", () -> seen.size() == bodies.length);
    assertEquals(bodies.length, shares.get(0).get() + shares.get(1).get());
    assertTrue(shares.get(0).get() > 0 && shares.get(1).get() > 0, shares::toString);
  }

  @Test
  void aRequeuedMessageTakesItsOldPlaceAndIsFlagged() throws Exception {
    String queue = queue();
    fill(queue, "a", "b", "c");
    GetResponse first = channel.basicGet(queue, false);
    GetResponse second = channel.basicGet(queue, false);
    assertFalse(first.getEnvelope().isRedeliver());
    channel.basicNack(first.getEnvelope().getDeliveryTag(), false, true);
    channel.basicReject(second.getEnvelope().getDeliveryTag(), true);
    awaitReady(queue, 3);
    List<String> found = new ArrayList<>();
    for (int index = 0; index < 3; index++) {
      GetResponse got = channel.basicGet(queue, true);
      found.add(text(got.getBody()) + got.getEnvelope().isRedeliver());
    }
    assertEquals(List.of("atrue", "btrue", "cfalse"), found);
  }

  @Test
  void settlingSeveralAtOnceEndsAtTheTag() throws Exception {
    String queue = queue();
    fill(queue, "a", "b", "c", "d", "e");
    List<Long> tags = new ArrayList<>();
    for (int index = 0; index < 5; index++) {
      tags.add(channel.basicGet(queue, false).getEnvelope().getDeliveryTag());
    }
    channel.basicAck(tags.get(1), true);
    channel.basicNack(tags.get(2), true, false);
    channel.basicNack(0, true, true);
    awaitReady(queue, 2);
    assertEquals(List.of("d", "e"), take(queue));
  }

  @Test
  void aClosedChannelAndALostConnectionGiveTheirMessagesBack() throws Exception {
    String queue = queue();
    fill(queue, "a", "b");
    Connection losing = connect();
    losing.createChannel().basicGet(queue, false);
    Channel closing = connection.createChannel();
    closing.basicGet(queue, false);
    assertEquals(0, ready(queue));
    closing.close();
    losing.abort();
    awaitReady(queue, 2);
    GetResponse got = channel.basicGet(queue, true);
    assertEquals("a", text(got.getBody()));
    assertTrue(got.getEnvelope().isRedeliver());
  }

  @Test
  void recoverDeliversAgain() throws Exception {
    String queue = queue();
    fill(queue, "a");
    channel.basicGet(queue, false);
    channel.basicRecover(true);
    awaitReady(queue, 1);
    assertTrue(channel.basicGet(queue, true).getEnvelope().isRedeliver());
  }

  @Test
  void getTellsWhatRemainsAndAnswersEmpty() throws Exception {
    String queue = queue();
    assertNull(channel.basicGet(queue, true));
    fill(queue, "a", "b");
    assertEquals(1, channel.basicGet(queue, true).getMessageCount());
  }

  @Test
  void confirmsComeForEveryPublish() throws Exception {
    String queue = queue();
    Set<Long> open = ConcurrentHashMap.newKeySet();
    channel.confirmSelect();
    channel.addConfirmListener(
        (tag, multiple) -> open.removeIf(each -> multiple ? each <= tag : each == tag),
        (_, _) -> {});
    for (int index = 0; index < 500; index++) {
      open.add(channel.getNextPublishSeqNo());
      channel.basicPublish("", queue, MessageProperties.PERSISTENT_BASIC, bytes("" + index));
    }
    Await.until("every confirm", open::isEmpty);
    assertEquals(500, ready(queue));
    assertEquals("0", text(channel.basicGet(queue, true).getBody()));
  }

  @Test
  void aMandatoryMessageComesBackBeforeItsConfirm() throws Exception {
    List<String> events = Collections.synchronizedList(new ArrayList<>());
    channel.confirmSelect();
    channel.addReturnListener((Return back) -> events.add("return " + back.getReplyCode()));
    channel.addConfirmListener((_, _) -> events.add("ack"), (_, _) -> events.add("nack"));
    channel.basicPublish("", freshName("nowhere"), true, null, bytes("a"));
    Await.until("both answers", () -> events.size() == 2);
    assertEquals(List.of("return 312", "ack"), events);
    channel.basicPublish("", freshName("nowhere"), false, null, bytes("a"));
    Await.until("the second confirm", () -> events.size() == 3);
    assertEquals("ack", events.get(2));
  }

  @Test
  void largeAndEmptyBodiesPassUnchanged() throws Exception {
    String queue = queue();
    byte[] large = new byte[5 * 1024 * 1024];
    new Random(1).nextBytes(large);
    channel.confirmSelect();
    channel.basicPublish("", queue, MessageProperties.PERSISTENT_BASIC, large);
    for (int size : new int[] {0, 131_063, 131_064, 131_065}) {
      channel.basicPublish("", queue, MessageProperties.PERSISTENT_BASIC, new byte[size]);
    }
    channel.waitForConfirmsOrDie(15_000);
    assertArrayEquals(large, channel.basicGet(queue, true).getBody());
    for (int size : new int[] {0, 131_063, 131_064, 131_065}) {
      assertEquals(size, channel.basicGet(queue, true).getBody().length);
    }
  }

  @Test
  void propertiesAndHeadersComeBackAsSent() throws Exception {
    String queue = queue();
    Map<String, Object> headers =
        Map.of("text", "ü", "int", 7, "long", 1L << 40, "flag", true, "list", List.of(1, 2));
    AMQP.BasicProperties sent =
        new AMQP.BasicProperties.Builder()
            .contentType("text/plain")
            .contentEncoding("utf-8")
            .deliveryMode(2)
            .priority(3)
            .correlationId("c")
            .replyTo("r")
            .messageId("m")
            .timestamp(new Date(1_234_567_890_000L))
            .type("t")
            .userId("guest")
            .appId("a")
            .headers(headers)
            .build();
    channel.basicPublish("", queue, sent, bytes("body"));
    awaitReady(queue, 1);
    AMQP.BasicProperties found = channel.basicGet(queue, true).getProps();
    assertEquals("ü", ((LongString) found.getHeaders().get("text")).toString());
    assertEquals(7, found.getHeaders().get("int"));
    assertEquals(1L << 40, found.getHeaders().get("long"));
    assertEquals(true, found.getHeaders().get("flag"));
    assertEquals(List.of(1, 2), found.getHeaders().get("list"));
    assertEquals(
        sent.builder().headers(null).build().toString(),
        found.builder().headers(null).build().toString());
  }

  @Test
  void aRequestFindsItsReplyInAnExclusiveQueue() throws Exception {
    String requests = queue();
    Channel server = connect().createChannel();
    server.basicConsume(
        requests,
        true,
        (_, request) -> {
          AMQP.BasicProperties asked = request.getProperties();
          AMQP.BasicProperties reply =
              new AMQP.BasicProperties.Builder().correlationId(asked.getCorrelationId()).build();
          server.basicPublish("", asked.getReplyTo(), reply, request.getBody());
        },
        _ -> {});
    String answers = channel.queueDeclare().getQueue();
    BlockingQueue<String> replies = new ArrayBlockingQueue<>(1);
    channel.basicConsume(
        answers,
        true,
        (_, reply) -> replies.add(reply.getProperties().getCorrelationId() + text(reply.getBody())),
        _ -> {});
    AMQP.BasicProperties ask =
        new AMQP.BasicProperties.Builder().replyTo(answers).correlationId("7:").build();
    channel.basicPublish("", requests, ask, bytes("question"));
    assertEquals("7:question", replies.poll(15, TimeUnit.SECONDS));
  }

  @Test
  void cancellingAConsumerLeavesTheRestInTheQueue() throws Exception {
    String queue = queue();
    AtomicInteger taken = new AtomicInteger();
    String tag = channel.basicConsume(queue, true, (_, _) -> taken.incrementAndGet(), _ -> {});
    fill(queue, "a");
    Await.until("the first", () -> taken.get() == 1);
    channel.basicCancel(tag);
    fill(queue, "b");
    assertEquals(1, ready(queue));
    assertEquals(0, channel.consumerCount(queue));
  }

  @Test
  void deletingAQueueCancelsItsConsumers() throws Exception {
    String queue = queue();
    List<String> cancelled = new CopyOnWriteArrayList<>();
    String tag = channel.basicConsume(queue, true, (_, _) -> {}, cancel -> cancelled.add(cancel));
    connect().createChannel().queueDelete(queue);
    Await.until("the broker's cancel", () -> cancelled.contains(tag));
  }
}
