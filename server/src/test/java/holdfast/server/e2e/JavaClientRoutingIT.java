package holdfast.server.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.RpcClient;
import com.rabbitmq.client.RpcClientParams;
import com.rabbitmq.client.RpcServer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Alternates, copies and replies without a queue, with RabbitMQ's Java client.
class JavaClientRoutingIT extends ClientCase {
  @Test
  void whatNothingIsBoundForGoesToTheAlternate() throws Exception {
    String rest = exchange("fanout");
    String exchange = exchange("direct", Map.of("alternate-exchange", rest));
    String known = boundQueue(exchange, "known");
    String unknown = boundQueue(rest, "");
    channel.confirmSelect();
    channel.basicPublish(exchange, "known", null, bytes("a"));
    channel.basicPublish(exchange, "other", null, bytes("b"));
    channel.waitForConfirmsOrDie(15_000);
    assertEquals(List.of("a"), take(known));
    assertEquals(List.of("b"), take(unknown));
    refused(406, () -> channel.exchangeDeclare(exchange, "direct", true));
  }

  @Test
  void copiesGoToTheirKeysAndBlindOnesAreNotSeen() throws Exception {
    String open = queue();
    String blind = queue();
    Map<String, Object> headers = Map.of("CC", List.of(open), "BCC", List.of(blind));
    channel.confirmSelect();
    channel.basicPublish(
        "",
        freshName("none"),
        new AMQP.BasicProperties.Builder().headers(headers).build(),
        bytes("a"));
    channel.waitForConfirmsOrDie(15_000);
    for (String queue : List.of(open, blind)) {
      GetResponse got = channel.basicGet(queue, true);
      assertEquals(open, ((List<?>) got.getProps().getHeaders().get("CC")).getFirst().toString());
      assertNull(got.getProps().getHeaders().get("BCC"));
    }
  }

  @Test
  void theClientsOwnCallsGetTheirReplies() throws Exception {
    String requests = queue();
    Channel serving = connect().createChannel();
    RpcServer server =
        new RpcServer(serving, requests) {
          @Override
          public byte[] handleCall(byte[] request, AMQP.BasicProperties replyProperties) {
            return bytes(text(request) + "!");
          }
        };
    Thread loop =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              try {
                server.mainloop();
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    RpcClient client =
        new RpcClient(
            new RpcClientParams()
                .channel(channel)
                .exchange("")
                .routingKey(requests)
                .timeout(15_000));
    for (String word : List.of("one", "two", "three")) {
      assertEquals(word + "!", client.stringCall(word));
    }
    client.close();
    serving.abort();
    loop.join(15_000);
  }
}
