package holdfast.server.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ShutdownSignalException;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Streams with RabbitMQ's Java client.
class JavaClientStreamIT extends ClientCase {
  private static final Map<String, Object> STREAM = Map.of("x-queue-type", "stream");

  private static String[] numbers(int from, int to) {
    return IntStream.range(from, to).mapToObj(String::valueOf).toArray(String[]::new);
  }

  private static List<String> texts(int from, int to) {
    return List.of(numbers(from, to));
  }

  /// What a consumer is given as `body@offset`, acknowledged at once.
  private List<String> consume(String stream, Map<String, Object> arguments) throws Exception {
    List<String> given = new CopyOnWriteArrayList<>();
    Channel reading = connection.createChannel();
    reading.basicQos(50);
    reading.basicConsume(
        stream,
        false,
        arguments,
        (tag, delivery) -> {
          Object offset = delivery.getProperties().getHeaders().get("x-stream-offset");
          given.add(text(delivery.getBody()) + "@" + offset);
          reading.basicAck(delivery.getEnvelope().getDeliveryTag(), false);
        },
        tag -> {});
    return given;
  }

  private static List<String> given(int from, int to) {
    return texts(from, to).stream().map(n -> n + "@" + n).toList();
  }

  private static void await(List<String> is, List<String> expected) throws Exception {
    Await.until("a consumer that is given " + expected.size(), () -> is.size() >= expected.size());
    assertEquals(expected, new ArrayList<>(is));
  }

  @Test
  void everyConsumerReadsFromWhereItAsksToAndGoesOnWithWhatComes() throws Exception {
    String stream = queue(STREAM);
    fill(stream, numbers(0, 200));
    List<String> first = consume(stream, Map.of("x-stream-offset", "first"));
    List<String> middle = consume(stream, Map.of("x-stream-offset", 150));
    List<String> next = consume(stream, Map.of());
    List<String> hour = consume(stream, Map.of("x-stream-offset", "1h"));
    Date longAgo = new Date(System.currentTimeMillis() - 3_600_000);
    List<String> since = consume(stream, Map.of("x-stream-offset", longAgo));
    await(first, given(0, 200));
    await(middle, given(150, 200));
    await(hour, given(0, 200));
    await(since, given(0, 200));
    fill(stream, numbers(200, 220));
    await(first, given(0, 220));
    await(middle, given(150, 220));
    await(next, given(200, 220));
    awaitReady(stream, 220);
  }

  @Test
  void headersOfTheMessageStayBesideTheOffset() throws Exception {
    String stream = queue(STREAM);
    AMQP.BasicProperties sent =
        new AMQP.BasicProperties.Builder()
            .contentType("text/plain")
            .headers(Map.of("a", "1", "b", 2))
            .build();
    channel.confirmSelect();
    channel.basicPublish("", stream, sent, bytes("one"));
    channel.waitForConfirmsOrDie(15_000);
    CompletableFuture<AMQP.BasicProperties> got = new CompletableFuture<>();
    channel.basicQos(1);
    channel.basicConsume(
        stream,
        false,
        Map.of("x-stream-offset", "first"),
        (tag, delivery) -> got.complete(delivery.getProperties()),
        tag -> {});
    AMQP.BasicProperties properties = got.get(15, TimeUnit.SECONDS);
    assertEquals("text/plain", properties.getContentType());
    assertEquals("1", properties.getHeaders().get("a").toString());
    assertEquals(2L, ((Number) properties.getHeaders().get("b")).longValue());
    assertEquals(0L, properties.getHeaders().get("x-stream-offset"));
  }

  @Test
  void whatAStreamCannotDoIsRefusedInRabbitMqsWords() throws Exception {
    String stream = queue(STREAM);
    String named = "queue '" + stream + "' in vhost '/'";
    assertEquals(
        "PRECONDITION_FAILED - consumer prefetch count is not set for stream " + named,
        refused(406, () -> channel.basicConsume(stream, false, (tag, d) -> {}, tag -> {})));
    String other = freshName("queue");
    assertEquals(
        "PRECONDITION_FAILED - invalid property 'non-durable' for queue '"
            + other
            + "' in vhost '/'",
        refused(406, () -> channel.queueDeclare(other, false, false, false, STREAM)));
    assertEquals(
        "NOT_IMPLEMENTED - basic.get not supported by stream queues " + named,
        hangsUp(() -> channel.basicGet(stream, false)));
    assertEquals(
        "NOT_IMPLEMENTED - queue.purge not supported by stream queues " + named,
        hangsUp(() -> channel.queuePurge(stream)));
  }

  /// Expects 540 for the connection, and opens another.
  private String hangsUp(org.junit.jupiter.api.function.Executable action) throws Exception {
    Throwable thrown = org.junit.jupiter.api.Assertions.assertThrows(Exception.class, action);
    ShutdownSignalException closed =
        (ShutdownSignalException)
            (thrown instanceof ShutdownSignalException ? thrown : thrown.getCause());
    assertTrue(closed.isHardError(), "the connection goes");
    AMQP.Connection.Close reason = (AMQP.Connection.Close) closed.getReason();
    assertEquals(540, reason.getReplyCode());
    connection = connect();
    channel = connection.createChannel();
    return reason.getReplyText();
  }
}
