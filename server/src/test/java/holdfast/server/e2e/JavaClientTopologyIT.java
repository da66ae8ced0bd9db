package holdfast.server.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AuthenticationFailureException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Queues, exchanges, bindings and every refusal with its code, with RabbitMQ's Java client.
class JavaClientTopologyIT extends ClientCase {
  private void publish(String exchange, String... keys) throws Exception {
    channel.confirmSelect();
    for (String key : keys) {
      channel.basicPublish(exchange, key, null, bytes(key));
    }
    channel.waitForConfirmsOrDie(15_000);
  }

  @Test
  void directRoutesByTheWholeKey() throws Exception {
    String exchange = exchange("direct");
    String one = boundQueue(exchange, "one");
    String both = boundQueue(exchange, "one", "two");
    publish(exchange, "one", "two", "three");
    assertEquals(List.of("one"), take(one));
    assertEquals(List.of("one", "two"), take(both));
  }

  @Test
  void fanoutIgnoresTheKeyAndTopicMatchesWords() throws Exception {
    String fanout = exchange("fanout");
    String everything = boundQueue(fanout, "unused");
    publish(fanout, "any");
    assertEquals(List.of("any"), take(everything));
    String topic = exchange("topic");
    String star = boundQueue(topic, "stock.*.nyse");
    String hash = boundQueue(topic, "stock.#", "#.nyse");
    publish(topic, "stock.ibm.nyse", "stock", "stock.a.b.nyse", "news");
    assertEquals(List.of("stock.ibm.nyse"), take(star));
    assertEquals(List.of("stock.ibm.nyse", "stock", "stock.a.b.nyse"), take(hash));
  }

  @Test
  void headersMatchAllOrAny() throws Exception {
    String exchange = exchange("headers");
    String every = queue();
    String some = queue();
    channel.queueBind(every, exchange, "", Map.of("x-match", "all", "a", "1", "b", 2));
    channel.queueBind(some, exchange, "", Map.of("x-match", "any", "a", "1", "b", 2));
    channel.confirmSelect();
    for (Map<String, Object> headers :
        List.of(Map.<String, Object>of("a", "1", "b", 2), Map.<String, Object>of("b", 2))) {
      AMQP.BasicProperties sent = new AMQP.BasicProperties.Builder().headers(headers).build();
      channel.basicPublish(exchange, "", sent, bytes(headers.size() + ""));
    }
    channel.waitForConfirmsOrDie(15_000);
    assertEquals(List.of("2"), take(every));
    assertEquals(List.of("2", "1"), take(some));
  }

  @Test
  void bindingsOfQueuesAndExchangesComeAndGo() throws Exception {
    String source = exchange("direct");
    String target = exchange("fanout");
    String queue = boundQueue(target, "");
    channel.exchangeBind(target, source, "through");
    publish(source, "through", "past");
    assertEquals(List.of("through"), take(queue));
    channel.exchangeUnbind(target, source, "through");
    publish(source, "through");
    assertEquals(List.of(), take(queue));
    channel.queueBind(queue, source, "key");
    channel.queueUnbind(queue, source, "key");
    publish(source, "key");
    assertEquals(List.of(), take(queue));
  }

  @Test
  void aDurableQueueOfTheQuorumTypeWorksAlike() throws Exception {
    String queue = queue(Map.of("x-queue-type", "quorum"));
    fill(queue, "a", "b");
    Await.until("both", () -> ready(queue) == 2);
    GetResponse got = channel.basicGet(queue, false);
    channel.basicAck(got.getEnvelope().getDeliveryTag(), false);
    assertEquals("b", text(channel.basicGet(queue, true).getBody()));
    refused(
        406,
        () ->
            channel.queueDeclare(
                freshName("queue"), false, false, false, Map.of("x-queue-type", "quorum")));
  }

  @Test
  void purgeAndDeleteTellHowManyMessagesWent() throws Exception {
    String queue = queue();
    fill(queue, "a", "b");
    assertEquals(2, channel.queuePurge(queue).getMessageCount());
    fill(queue, "c");
    refused(406, () -> channel.queueDelete(queue, false, true));
    assertEquals(1, channel.queueDelete(queue).getMessageCount());
    assertEquals(0, channel.queueDelete(queue).getMessageCount());
    refused(404, () -> channel.queueDeclarePassive(queue));
  }

  @Test
  void anExclusiveQueueIsLockedForOthersAndGoesWithItsConnection() throws Exception {
    Connection owner = connect();
    String queue = owner.createChannel().queueDeclare().getQueue();
    assertTrue(queue.startsWith("amq.gen-"), queue);
    refused(405, () -> channel.queueDeclarePassive(queue));
    refused(405, () -> channel.basicConsume(queue, (_, _) -> {}, _ -> {}));
    owner.close();
    refused(404, () -> channel.queueDeclarePassive(queue));
  }

  @Test
  void anAutoDeleteQueueGoesWithItsLastConsumer() throws Exception {
    String queue = freshName("auto");
    channel.queueDeclare(queue, false, false, true, null);
    String first = channel.basicConsume(queue, (_, _) -> {}, _ -> {});
    String second = channel.basicConsume(queue, (_, _) -> {}, _ -> {});
    channel.basicCancel(first);
    assertEquals(1, channel.consumerCount(queue));
    channel.basicCancel(second);
    refused(404, () -> channel.queueDeclarePassive(queue));
  }

  @Test
  void whatIsMissingIs404() throws Exception {
    String missing = freshName("missing");
    String text = refused(404, () -> channel.queueDeclarePassive(missing));
    assertEquals("NOT_FOUND - no queue '" + missing + "' in vhost '/'", text);
    refused(404, () -> channel.basicGet(missing, true));
    refused(404, () -> channel.basicConsume(missing, (_, _) -> {}, _ -> {}));
    refused(404, () -> channel.queueBind(missing, "amq.direct", "key"));
    refused(404, () -> channel.exchangeDeclarePassive(missing));
    refused(
        404,
        () -> {
          channel.confirmSelect();
          channel.basicPublish(missing, "key", null, bytes("a"));
          channel.queueDeclare();
        });
  }

  @Test
  void whatContradictsIs406() throws Exception {
    String queue = queue();
    refused(406, () -> channel.queueDeclare(queue, false, false, false, null));
    refused(406, () -> channel.queueDeclare(queue, true, false, false, Map.of("x-max-length", 5)));
    String exchange = exchange("direct");
    refused(406, () -> channel.exchangeDeclare(exchange, "fanout", true));
    Map<String, Object> bad = Map.of("x-message-ttl", -1);
    refused(406, () -> channel.queueDeclare(freshName("bad"), true, false, false, bad));
    String text =
        refused(
            406,
            () -> {
              channel.basicAck(99, false);
              channel.queueDeclare();
            });
    assertEquals("PRECONDITION_FAILED - unknown delivery tag 99", text);
  }

  @Test
  void whatIsReservedOrTakenIs403() throws Exception {
    refused(403, () -> channel.queueDeclare("amq.mine", true, false, false, null));
    refused(403, () -> channel.exchangeDeclare("amq.mine", "direct"));
    refused(403, () -> channel.exchangeDelete(""));
    String queue = queue();
    channel.basicConsume(queue, true, "", false, true, null, (_, _) -> {}, _ -> {});
    Channel second = connection.createChannel();
    Throwable thrown =
        assertThrows(IOException.class, () -> second.basicConsume(queue, (_, _) -> {}, _ -> {}));
    assertEquals(403, reason(thrown, AMQP.Channel.Close.class).getReplyCode());
  }

  @Test
  void aWrongPasswordIsToldApart() {
    ConnectionFactory factory = factory();
    factory.setPassword("wrong");
    assertThrows(AuthenticationFailureException.class, () -> factory.newConnection().close());
  }

  @Test
  void aMissingVirtualHostIs530() {
    ConnectionFactory factory = factory();
    factory.setVirtualHost("/missing");
    Throwable thrown = assertThrows(IOException.class, () -> factory.newConnection().close());
    assertEquals(530, reason(thrown, AMQP.Connection.Close.class).getReplyCode());
  }

  @Test
  void aConsumerTagInUseClosesTheConnectionWith530() throws Exception {
    String queue = queue();
    Connection closing = connect();
    CompletableFuture<ShutdownSignalException> closed = new CompletableFuture<>();
    closing.addShutdownListener(closed::complete);
    Channel both = closing.createChannel();
    both.basicConsume(queue, true, "same", (_, _) -> {}, _ -> {});
    assertThrows(
        IOException.class, () -> both.basicConsume(queue, true, "same", (_, _) -> {}, _ -> {}));
    AMQP.Connection.Close reason =
        (AMQP.Connection.Close) closed.get(15, TimeUnit.SECONDS).getReason();
    assertEquals(530, reason.getReplyCode());
  }

  @Test
  void heartbeatsKeepAnIdleConnectionForThreeIntervals() throws Exception {
    ConnectionFactory factory = factory();
    factory.setRequestedHeartbeat(1);
    try (Connection idle = factory.newConnection()) {
      assertEquals(1, idle.getHeartbeat());
      CompletableFuture<ShutdownSignalException> closed = new CompletableFuture<>();
      idle.addShutdownListener(closed::complete);
      assertThrows(
          java.util.concurrent.TimeoutException.class, () -> closed.get(4, TimeUnit.SECONDS));
      assertTrue(idle.createChannel().isOpen());
    }
  }

  @Test
  void manyChannelsAndConnectionsLiveSideBySide() throws Exception {
    for (int index = 0; index < 20; index++) {
      Connection each = connect();
      for (int number = 0; number < 20; number++) {
        assertTrue(each.createChannel().isOpen());
      }
    }
    String queue = queue();
    refused(404, () -> channel.queueDeclarePassive(freshName("missing")));
    fill(queue, "a");
    assertFalse(channel.basicGet(queue, true).getEnvelope().isRedeliver());
  }
}
