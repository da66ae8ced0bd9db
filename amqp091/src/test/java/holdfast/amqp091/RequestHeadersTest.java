package holdfast.amqp091;

import static org.assertj.core.api.Assertions.assertThat;

import holdfast.amqp091.codec.BasicMethod;
import holdfast.amqp091.codec.BasicProperties;
import holdfast.amqp091.codec.ChannelMethod;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a publisher asks for in its properties: copies under further keys, and replies without a
/// queue.
class RequestHeadersTest {
  private static final String REPLIES = "amq.rabbitmq.reply-to";

  @TempDir static Path directory;
  private static TestBroker broker;

  @BeforeAll
  static void open() throws IOException {
    broker = TestBroker.open(directory);
  }

  @AfterAll
  static void close() throws IOException {
    broker.awaitNothingHeld();
    broker.close();
  }

  private static RawClient client() throws IOException {
    return RawClient.open(broker.port()).channel(1);
  }

  private static byte[] headers(Map<String, Object> headers) {
    return BasicProperties.builder().messageId("m").headers(headers).build().raw();
  }

  private static byte[] replyTo(String address) {
    return BasicProperties.builder().correlationId("7").replyTo(address).build().raw();
  }

  /// The properties of a message whose method has been read; its body is read as well.
  private static BasicProperties properties(RawClient client) throws IOException {
    byte[] header = client.frame().payload();
    client.frame();
    return BasicProperties.parse(Arrays.copyOfRange(header, 12, header.length));
  }

  private static BasicProperties get(RawClient client, String queue) throws IOException {
    client.call(1, new BasicMethod.Get(queue, true), BasicMethod.GetOk.class);
    return properties(client);
  }

  private static String closedText(RawClient client) throws IOException {
    ChannelMethod.Close close = client.expect(1, ChannelMethod.Close.class);
    assertThat(close.replyCode()).isEqualTo(406);
    client.send(1, new ChannelMethod.CloseOk());
    client.channel(1);
    return close.replyText();
  }

  // --- copies ---

  @Test
  void copiesGoToEachKeyAndNobodySeesTheBlindOnes() throws IOException {
    try (RawClient client = client()) {
      client.declare(1, "to", false).declare(1, "open", false).declare(1, "blind", false);
      Map<String, Object> sent = new LinkedHashMap<>();
      sent.put("n", 1);
      sent.put("CC", List.of("open", "to"));
      sent.put("BCC", List.of("blind", "open"));
      client.publish(1, "to", headers(sent), Wire.text("body"));
      sent.remove("BCC");
      for (String queue : List.of("to", "open", "blind")) {
        BasicProperties received = get(client, queue);
        assertThat(received.headers()).as(queue).isEqualTo(sent);
        assertThat(received.messageId()).isEqualTo("m");
        client.call(1, new BasicMethod.Get(queue, true), BasicMethod.GetEmpty.class);
      }
      client.delete(1, "to").delete(1, "open").delete(1, "blind").bye();
    }
  }

  @Test
  void copiesThatAreNoListOfTextsAreRefused() throws IOException {
    try (RawClient client = client()) {
      for (String header : List.of("CC", "BCC")) {
        client.publish(1, "none", headers(Map.of(header, "key")), Wire.text("body"));
        assertThat(closedText(client))
            .contains("invalid message: header " + header + " is not an array of strings");
        client.publish(1, "none", headers(Map.of(header, List.of("key", 1))), Wire.text("body"));
        assertThat(closedText(client)).contains("header " + header);
      }
      List<String> many = java.util.stream.IntStream.range(0, 1001).mapToObj(i -> "" + i).toList();
      client.publish(1, "none", headers(Map.of("CC", many)), Wire.text("body"));
      assertThat(closedText(client)).contains("the limit is 1000");
      client.bye();
    }
  }

  // --- replies ---

  @Test
  void aReplyComesBackToTheChannelThatAsked() throws IOException {
    try (RawClient asking = client();
        RawClient answering = client()) {
      answering.declare(1, "requests", false);
      asking.call(1, RawClient.consume(REPLIES, true), BasicMethod.ConsumeOk.class);
      asking.publish(1, "requests", replyTo(REPLIES), Wire.text("?"));
      asking.declare(1, "requests", false); // the request has been routed
      BasicProperties request = get(answering, "requests");
      assertThat(request.replyTo()).startsWith(REPLIES + ".").hasSizeGreaterThan(40);
      assertThat(request.correlationId()).isEqualTo("7");
      answering.declare(1, request.replyTo(), false);
      answering.publish(1, request.replyTo(), Wire.TRANSIENT, Wire.text("!"));
      RawClient.Content reply = asking.expectContent(1, BasicMethod.Deliver.class);
      assertThat(Wire.text(reply.body())).isEqualTo("!");
      BasicMethod.Deliver deliver = (BasicMethod.Deliver) reply.method();
      assertThat(deliver.consumerTag()).isEqualTo("c");
      assertThat(deliver.routingKey()).isEqualTo(request.replyTo());
      asking.bye();
      BasicMethod.Publish late = new BasicMethod.Publish("", request.replyTo(), true, false);
      answering.publish(1, late, Wire.TRANSIENT, Wire.text("late"));
      answering.expectContent(1, BasicMethod.Return.class);
      answering.delete(1, "requests").bye();
    }
  }

  @Test
  void aReplyIsAskedForOnlyWhereItIsConsumed() throws IOException {
    try (RawClient client = client()) {
      client.publish(1, "none", replyTo(REPLIES), Wire.text("?"));
      assertThat(closedText(client)).contains("fast reply consumer does not exist");
      client.send(1, RawClient.consume(REPLIES, false));
      assertThat(closedText(client)).contains("reply consumer cannot acknowledge");
      client.call(1, RawClient.consume(REPLIES, true), BasicMethod.ConsumeOk.class);
      client.send(1, RawClient.consume(REPLIES, true));
      assertThat(closedText(client)).contains("reply consumer already set");
      client.call(1, RawClient.consume(REPLIES, true), BasicMethod.ConsumeOk.class);
      client.call(1, new BasicMethod.Cancel("c", false), BasicMethod.CancelOk.class);
      client.publish(1, "none", replyTo(REPLIES), Wire.text("?"));
      assertThat(closedText(client)).contains("fast reply consumer does not exist");
      client.call(1, RawClient.consume(REPLIES, true), BasicMethod.ConsumeOk.class);
      client.publish(1, "none", replyTo(REPLIES), Wire.text("?"));
      client.bye();
    }
  }

  @Test
  void nobodyChoosesAnAddress() throws IOException {
    try (RawClient client = client()) {
      client.send(1, RawClient.consume(REPLIES + ".mine", true));
      client.expectChannelClosed(1, 404);
      client.bye();
    }
  }
}
