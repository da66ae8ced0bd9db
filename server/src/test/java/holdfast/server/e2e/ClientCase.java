package holdfast.server.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.ShutdownSignalException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;

/// A broker for each test class, a connection and a channel for each test, and short words for what
/// every test says.
@Timeout(60)
abstract class ClientCase {
  private static TestedBroker broker;

  private final List<Connection> connections = new ArrayList<>();
  private final List<String> queues = new ArrayList<>();
  private final List<String> exchanges = new ArrayList<>();
  Connection connection;
  Channel channel;

  @BeforeAll
  static void startBroker() throws Exception {
    broker = TestedBroker.start("client");
  }

  @AfterAll
  static void stopBroker() {
    if (broker != null) {
      broker.close();
      broker = null;
    }
  }

  @BeforeEach
  void openChannel() throws Exception {
    connection = connect();
    channel = connection.createChannel();
  }

  @AfterEach
  void closeConnections() throws Exception {
    try (Connection clearing = factory().newConnection();
        Channel clear = clearing.createChannel()) {
      connections.forEach(Connection::abort);
      for (String queue : queues) {
        clear.queueDelete(queue);
      }
      for (String exchange : exchanges) {
        clear.exchangeDelete(exchange);
      }
    }
  }

  static ConnectionFactory factory() {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setHost("127.0.0.1");
    factory.setPort(broker.port());
    factory.setAutomaticRecoveryEnabled(false);
    factory.setChannelRpcTimeout(15_000);
    return factory;
  }

  Connection connect() throws Exception {
    Connection opened = factory().newConnection();
    connections.add(opened);
    return opened;
  }

  /// False for a RabbitMQ before 4.0, which lacks a few things that are expected of others.
  boolean modern() {
    Map<String, Object> properties = connection.getServerProperties();
    String version = properties.get("version").toString();
    return !"RabbitMQ".equals(properties.get("product").toString())
        || Integer.parseInt(version.substring(0, version.indexOf('.'))) >= 4;
  }

  static String freshName(String kind) {
    return "java." + kind + "." + UUID.randomUUID();
  }

  String queue() throws Exception {
    return queue(Map.of());
  }

  String queue(Map<String, Object> arguments) throws Exception {
    String name = freshName("queue");
    channel.queueDeclare(name, true, false, false, arguments);
    queues.add(name);
    return name;
  }

  String exchange(String type) throws Exception {
    return exchange(type, Map.of());
  }

  String exchange(String type, Map<String, Object> arguments) throws Exception {
    String name = freshName(type);
    channel.exchangeDeclare(name, type, true, false, arguments);
    exchanges.add(name);
    return name;
  }

  String boundQueue(String exchange, String... keys) throws Exception {
    String queue = queue();
    for (String key : keys) {
      channel.queueBind(queue, exchange, key);
    }
    return queue;
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /// Publishes to a queue and returns when all are in it.
  void fill(String queue, String... bodies) throws Exception {
    Connection filling = connect();
    Channel publisher = filling.createChannel();
    publisher.confirmSelect();
    for (String body : bodies) {
      publisher.basicPublish("", queue, null, bytes(body));
    }
    publisher.waitForConfirmsOrDie(15_000);
    filling.close();
  }

  long ready(String queue) throws Exception {
    return channel.messageCount(queue);
  }

  void awaitReady(String queue, long count) throws Exception {
    Await.until(count + " ready messages in " + queue, () -> ready(queue) == count);
  }

  /// Takes everything that is ready.
  List<String> take(String queue) throws Exception {
    List<String> bodies = new ArrayList<>();
    for (GetResponse got = channel.basicGet(queue, true);
        got != null;
        got = channel.basicGet(queue, true)) {
      bodies.add(text(got.getBody()));
    }
    return bodies;
  }

  /// Expects the broker to close the channel with this code, and opens another.
  String refused(int code, Executable action) throws Exception {
    Throwable thrown = assertThrows(Exception.class, action);
    AMQP.Channel.Close reason = reason(thrown, AMQP.Channel.Close.class);
    assertEquals(code, reason.getReplyCode(), reason.getReplyText());
    assertTrue(connection.isOpen(), "a channel's error closed its connection");
    channel = connection.createChannel();
    return reason.getReplyText();
  }

  static <T> T reason(Throwable thrown, Class<T> type) {
    Throwable found = thrown instanceof ShutdownSignalException ? thrown : thrown.getCause();
    ShutdownSignalException closed = assertInstanceOf(ShutdownSignalException.class, found);
    return assertInstanceOf(type, closed.getReason());
  }
}
