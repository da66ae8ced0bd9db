package holdfast.server.e2e;

import com.rabbitmq.client.ConnectionFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.core.QueueBuilder;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory.ConfirmType;
import org.springframework.amqp.rabbit.core.RabbitAdmin;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.amqp.rabbit.listener.AbstractMessageListenerContainer;

/// A broker for each test class, Spring's connections for each test, and what was declared removed.
@Timeout(60)
abstract class SpringCase {
  private static TestedBroker broker;

  private final List<CachingConnectionFactory> factories = new ArrayList<>();
  private final List<AbstractMessageListenerContainer> containers = new ArrayList<>();
  private final List<String> queues = new ArrayList<>();
  private final List<String> exchanges = new ArrayList<>();
  CachingConnectionFactory connections;
  RabbitAdmin admin;
  RabbitTemplate template;

  @BeforeAll
  static void startBroker() throws Exception {
    broker = TestedBroker.start("spring");
  }

  @AfterAll
  static void stopBroker() {
    if (broker != null) {
      broker.close();
      broker = null;
    }
  }

  @BeforeEach
  void connect() {
    connections = connections(ConfirmType.NONE);
    admin = new RabbitAdmin(connections);
    template = new RabbitTemplate(connections);
    template.setReceiveTimeout(15_000);
    template.setReplyTimeout(15_000);
  }

  @AfterEach
  void removeAndClose() {
    containers.forEach(AbstractMessageListenerContainer::stop);
    queues.forEach(admin::deleteQueue);
    exchanges.forEach(admin::deleteExchange);
    factories.forEach(CachingConnectionFactory::destroy);
  }

  CachingConnectionFactory connections(ConfirmType confirms) {
    ConnectionFactory client = new ConnectionFactory();
    client.setHost("127.0.0.1");
    client.setPort(broker.port());
    client.setAutomaticRecoveryEnabled(false);
    CachingConnectionFactory opened = new CachingConnectionFactory(client);
    opened.setPublisherConfirmType(confirms);
    opened.setPublisherReturns(confirms != ConfirmType.NONE);
    factories.add(opened);
    return opened;
  }

  static String freshName(String kind) {
    return "spring." + kind + "." + UUID.randomUUID();
  }

  String queue() {
    return queue(Map.of());
  }

  String queue(Map<String, Object> arguments) {
    Queue queue = QueueBuilder.durable(freshName("queue")).build();
    queue.getArguments().putAll(new HashMap<>(arguments));
    admin.declareQueue(queue);
    queues.add(queue.getName());
    return queue.getName();
  }

  /// Remembers an exchange, and removes it after the test.
  String removed(String exchange) {
    exchanges.add(exchange);
    return exchange;
  }

  /// Starts a container that ends with the test.
  <C extends AbstractMessageListenerContainer> C started(C container) {
    containers.add(container);
    container.afterPropertiesSet();
    container.start();
    return container;
  }

  long ready(String queue) {
    return admin.getQueueInfo(queue).getMessageCount();
  }
}
