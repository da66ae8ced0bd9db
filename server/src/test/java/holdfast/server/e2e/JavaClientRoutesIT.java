package holdfast.server.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.RpcClient;
import com.rabbitmq.client.RpcClientParams;
import com.rabbitmq.client.RpcServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/// Ways of a message that RabbitMQ adds, with its Java client.
class JavaClientRoutesIT extends ClientCase {
  private void publish(String exchange, String key, Map<String, Object> headers) throws Exception {
    channel.confirmSelect();
    AMQP.BasicProperties sent = new AMQP.BasicProperties.Builder().headers(headers).build();
    channel.basicPublish(exchange, key, true, sent, bytes(key));
    channel.waitForConfirmsOrDie(15_000);
  }

  @Test
  void anAlternateExchangeTakesWhatIsUnroutableAndSoOn() throws Exception {
    String last = exchange("fanout");
    String middle = exchange("direct", Map.of("alternate-exchange", last));
    String first = exchange("direct", Map.of("alternate-exchange", middle));
    String one = boundQueue(first, "one");
    String two = boundQueue(middle, "two");
    String rest = boundQueue(last, "");
    List<Integer> returned = new CopyOnWriteArrayList<>();
    channel.addReturnListener(back -> returned.add(back.getReplyCode()));
    for (String key : List.of("one", "two", "three")) {
      publish(first, key, Map.of());
    }
    assertEquals(List.of("one"), take(one));
    assertEquals(List.of("two"), take(two));
    assertEquals(List.of("three"), take(rest));
    assertEquals(List.of(), returned);
  }

  @Test
  void exchangesInARowPassMessagesOnAndLoopsEnd() throws Exception {
    String first = exchange("topic");
    String second = exchange("headers");
    String third = exchange("fanout");
    channel.exchangeBind(second, first, "a.#");
    channel.exchangeBind(third, second, "", Map.of("x-match", "all", "pass", true));
    channel.exchangeBind(first, third, "");
    String queue = boundQueue(third, "");
    publish(first, "a.b", Map.of("pass", true));
    publish(first, "a.c", Map.of("pass", false));
    assertEquals(List.of("a.b"), take(queue));
  }

  @Test
  void anAutoDeleteExchangeGoesWithItsLastBindingAndItsBindingsWithIt() throws Exception {
    String source = exchange("fanout");
    String going = freshName("auto");
    channel.exchangeDeclare(going, "fanout", true, true, null);
    channel.exchangeBind(going, source, "");
    String queue = boundQueue(going, "");
    publish(source, "passes", Map.of());
    channel.queueUnbind(queue, going, "");
    refused(404, () -> channel.exchangeDeclarePassive(going));
    channel.confirmSelect();
    channel.basicPublish(source, "lost", null, bytes("lost"));
    channel.waitForConfirmsOrDie(15_000);
    assertEquals(List.of("passes"), take(queue));
  }

  @Test
  void copiesGoToTheKeysOfTwoHeadersAndOneOfThemIsSecret() throws Exception {
    String exchange = exchange("direct");
    String to = boundQueue(exchange, "to");
    String cc = boundQueue(exchange, "cc");
    String bcc = boundQueue(exchange, "bcc");
    publish(exchange, "to", Map.of("CC", List.of("cc"), "BCC", List.of("bcc")));
    for (String queue : List.of(to, cc, bcc)) {
      GetResponse got = channel.basicGet(queue, true);
      assertEquals("to", text(got.getBody()));
      assertTrue(got.getProps().getHeaders().containsKey("CC"));
      assertNull(got.getProps().getHeaders().get("BCC"));
    }
  }

  @Test
  void anInternalExchangeTakesNothingFromPublishers() throws Exception {
    String internal = freshName("internal");
    channel.exchangeDeclare(internal, "fanout", false, true, true, null);
    refused(
        403,
        () -> {
          channel.confirmSelect();
          channel.basicPublish(internal, "", null, bytes("a"));
          channel.waitForConfirmsOrDie(15_000);
        });
  }

  @Test
  void anRpcClientGetsItsRepliesWithoutAQueue() throws Exception {
    String requests = queue();
    Channel serving = connect().createChannel();
    RpcServer server =
        new RpcServer(serving, requests) {
          @Override
          public byte[] handleCall(byte[] question, AMQP.BasicProperties reply) {
            return bytes("re: " + text(question));
          }
        };
    Thread loop = Thread.ofVirtual().start(() -> run(server));
    RpcClientParams params =
        new RpcClientParams().channel(channel).exchange("").routingKey(requests).timeout(15_000);
    try (RpcClient client = new RpcClient(params)) {
      List<String> replies = new ArrayList<>();
      for (int index = 0; index < 3; index++) {
        replies.add(text(client.primitiveCall(bytes("" + index))));
      }
      assertEquals(List.of("re: 0", "re: 1", "re: 2"), replies);
    } finally {
      serving.getConnection().close();
      loop.join(15_000);
    }
  }

  private static void run(RpcServer server) {
    try {
      server.mainloop();
    } catch (Exception failed) {
      throw new IllegalStateException(failed);
    }
  }

  @Test
  void aStreamIsReadAgainFromAnyOffset() throws Exception {
    String stream = queue(Map.of("x-queue-type", "stream"));
    fill(stream, "a", "b", "c");
    for (Object offset : List.of("first", 0L, 1)) {
      List<String> seen = new CopyOnWriteArrayList<>();
      Channel reading = connect().createChannel();
      reading.basicQos(10);
      reading.basicConsume(
          stream,
          false,
          Map.of("x-stream-offset", offset),
          (_, d) -> {
            seen.add(d.getProperties().getHeaders().get("x-stream-offset") + text(d.getBody()));
            reading.basicAck(d.getEnvelope().getDeliveryTag(), false);
          },
          _ -> {});
      List<String> whole = List.of("0a", "1b", "2c");
      List<String> expected = offset.equals(1) ? whole.subList(1, 3) : whole;
      Await.until(expected + " from " + offset, () -> seen.equals(expected));
      reading.close();
    }
  }
}
