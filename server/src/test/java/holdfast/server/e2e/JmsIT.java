package holdfast.server.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.rabbitmq.jms.admin.RMQConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// RabbitMQ's JMS client. Selectors on topics are left out: the client makes them with an exchange
/// type of a RabbitMQ plugin of its own.
@Timeout(60)
class JmsIT {
  private static final int PATIENCE_MS = 15_000;
  private static final int NOTHING_MS = 300;

  private static TestedBroker broker;

  private final List<Connection> connections = new ArrayList<>();
  private Connection connection;
  private Session session;

  @BeforeAll
  static void startBroker() throws Exception {
    broker = TestedBroker.start("jms");
  }

  @AfterAll
  static void stopBroker() {
    if (broker != null) {
      broker.close();
      broker = null;
    }
  }

  @BeforeEach
  void connect() throws Exception {
    connection = newConnection();
    session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
  }

  @AfterEach
  void disconnect() throws Exception {
    for (Connection each : connections) {
      each.close();
    }
  }

  private Connection newConnection() throws JMSException {
    RMQConnectionFactory factory = new RMQConnectionFactory();
    factory.setHost("127.0.0.1");
    factory.setPort(broker.port());
    factory.setQueueBrowserReadMax(100);
    // Else who replies to a temporary queue first declares it, which is for its owner to do.
    factory.setDeclareReplyToDestination(false);
    Connection opened = factory.createConnection();
    connections.add(opened);
    opened.start();
    return opened;
  }

  private static String freshName(String kind) {
    return "jms." + kind + "." + UUID.randomUUID();
  }

  private void send(Queue queue, String... texts) throws JMSException {
    MessageProducer producer = session.createProducer(queue);
    for (String text : texts) {
      producer.send(session.createTextMessage(text));
    }
    producer.close();
  }

  private static String receive(MessageConsumer consumer) throws JMSException {
    Message got = consumer.receive(PATIENCE_MS);
    assertNotNull(got, "nothing was received");
    return ((TextMessage) got).getText();
  }

  @Test
  void aQueueKeepsTheOrderAndThePropertiesOfMessages() throws Exception {
    Queue queue = session.createQueue(freshName("queue"));
    MessageProducer producer = session.createProducer(queue);
    producer.setDeliveryMode(DeliveryMode.PERSISTENT);
    for (int number = 0; number < 10; number++) {
      TextMessage message = session.createTextMessage("" + number);
      message.setIntProperty("number", number);
      message.setStringProperty("word", "ü");
      message.setJMSCorrelationID("c");
      producer.send(message);
    }
    MessageConsumer consumer = session.createConsumer(queue);
    for (int number = 0; number < 10; number++) {
      TextMessage got = (TextMessage) consumer.receive(PATIENCE_MS);
      assertEquals("" + number, got.getText());
      assertEquals(number, got.getIntProperty("number"));
      assertEquals("ü", got.getStringProperty("word"));
      assertEquals("c", got.getJMSCorrelationID());
    }
  }

  @Test
  void everyKindOfBodyPasses() throws Exception {
    Queue queue = session.createQueue(freshName("queue"));
    MessageProducer producer = session.createProducer(queue);
    var bytes = session.createBytesMessage();
    bytes.writeLong(42);
    var map = session.createMapMessage();
    map.setDouble("half", 0.5);
    var stream = session.createStreamMessage();
    stream.writeString("s");
    producer.send(bytes);
    producer.send(map);
    producer.send(stream);
    producer.send(session.createObjectMessage(new ArrayList<>(List.of("o"))));
    MessageConsumer consumer = session.createConsumer(queue);
    assertEquals(42, ((jakarta.jms.BytesMessage) consumer.receive(PATIENCE_MS)).readLong());
    assertEquals(0.5, ((jakarta.jms.MapMessage) consumer.receive(PATIENCE_MS)).getDouble("half"));
    assertEquals("s", ((jakarta.jms.StreamMessage) consumer.receive(PATIENCE_MS)).readString());
    assertEquals(List.of("o"), ((ObjectMessage) consumer.receive(PATIENCE_MS)).getObject());
  }

  @Test
  void everySubscriberOfATopicGetsEveryMessage() throws Exception {
    Topic topic = session.createTopic(freshName("topic"));
    MessageConsumer one = session.createConsumer(topic);
    MessageConsumer other =
        newConnection().createSession(false, Session.AUTO_ACKNOWLEDGE).createConsumer(topic);
    session.createProducer(topic).send(session.createTextMessage("news"));
    assertEquals("news", receive(one));
    assertEquals("news", receive(other));
  }

  @Test
  void aDurableSubscriptionKeepsMessagesUntilItsSubscriberIsBack() throws Exception {
    Topic topic = session.createTopic(freshName("topic"));
    String name = freshName("subscription");
    Connection away = newConnection();
    away.createSession(false, Session.AUTO_ACKNOWLEDGE).createDurableSubscriber(topic, name);
    away.close();
    session.createProducer(topic).send(session.createTextMessage("missed"));
    Session back = newConnection().createSession(false, Session.AUTO_ACKNOWLEDGE);
    MessageConsumer again = back.createDurableSubscriber(topic, name);
    assertEquals("missed", receive(again));
    again.close();
    back.unsubscribe(name);
  }

  @Test
  void aSharedSubscriptionIsWorkedOnTogether() throws Exception {
    Topic topic = session.createTopic(freshName("topic"));
    String name = freshName("shared");
    List<String> seen = new CopyOnWriteArrayList<>();
    for (int index = 0; index < 2; index++) {
      newConnection()
          .createSession(false, Session.AUTO_ACKNOWLEDGE)
          .createSharedDurableConsumer(topic, name)
          .setMessageListener(got -> seen.add(textOf(got)));
    }
    MessageProducer producer = session.createProducer(topic);
    List<String> sent = new ArrayList<>();
    for (int number = 100; number < 120; number++) {
      sent.add("" + number);
      producer.send(session.createTextMessage("" + number));
    }
    Await.until("all twenty", () -> seen.size() >= 20);
    assertEquals(sent, seen.stream().sorted().toList());
  }

  private static String textOf(Message got) {
    try {
      return ((TextMessage) got).getText();
    } catch (JMSException unreadable) {
      throw new IllegalStateException(unreadable);
    }
  }

  @Test
  void aTransactedSessionSendsAndReceivesAllOrNothing() throws Exception {
    Queue in = session.createQueue(freshName("in"));
    Queue out = session.createQueue(freshName("out"));
    send(in, "a");
    Session transacted = connection.createSession(true, Session.SESSION_TRANSACTED);
    MessageConsumer taking = transacted.createConsumer(in);
    MessageProducer giving = transacted.createProducer(out);
    MessageConsumer watching = session.createConsumer(out);
    assertEquals("a", receive(taking));
    giving.send(transacted.createTextMessage("rolled back"));
    transacted.rollback();
    Message again = taking.receive(PATIENCE_MS);
    assertTrue(again.getJMSRedelivered());
    giving.send(transacted.createTextMessage("committed"));
    assertNull(watching.receive(NOTHING_MS));
    transacted.commit();
    assertEquals("committed", receive(watching));
    assertNull(taking.receive(NOTHING_MS));
  }

  @Test
  void whatIsNotAcknowledgedComesAgainAfterARecover() throws Exception {
    Queue queue = session.createQueue(freshName("queue"));
    send(queue, "a", "b");
    Session client = connection.createSession(false, Session.CLIENT_ACKNOWLEDGE);
    MessageConsumer consumer = client.createConsumer(queue);
    assertEquals("a", receive(consumer));
    client.recover();
    Message again = consumer.receive(PATIENCE_MS);
    assertTrue(again.getJMSRedelivered());
    Message last = consumer.receive(PATIENCE_MS);
    assertEquals("b", textOf(last));
    last.acknowledge();
    client.close();
    assertNull(session.createConsumer(queue).receive(NOTHING_MS));
  }

  @Test
  void aBrowserLooksAndTakesNothing() throws Exception {
    Queue queue = session.createQueue(freshName("queue"));
    send(queue, "a", "b", "c");
    Await.until("all three to be seen", () -> browse(queue).equals(List.of("a", "b", "c")));
    MessageConsumer consumer = session.createConsumer(queue);
    for (String text : List.of("a", "b", "c")) {
      assertEquals(text, receive(consumer));
    }
  }

  @Test
  void aRequestGetsItsReplyInATemporaryQueue() throws Exception {
    Queue requests = session.createQueue(freshName("requests"));
    Session serving = newConnection().createSession(false, Session.AUTO_ACKNOWLEDGE);
    serving.createConsumer(requests).setMessageListener(asked -> answer(serving, asked));
    TemporaryQueue replies = session.createTemporaryQueue();
    MessageConsumer waiting = session.createConsumer(replies);
    TextMessage question = session.createTextMessage("question");
    question.setJMSReplyTo(replies);
    session.createProducer(requests).send(question);
    assertEquals("re: question", receive(waiting));
  }

  private static void answer(Session serving, Message asked) {
    try {
      MessageProducer replying = serving.createProducer(null);
      replying.send(asked.getJMSReplyTo(), serving.createTextMessage("re: " + textOf(asked)));
    } catch (JMSException failed) {
      throw new IllegalStateException(failed);
    }
  }

  @Test
  void aMessageWithATimeToLiveIsNotReceivedLater() throws Exception {
    Queue queue = session.createQueue(freshName("queue"));
    MessageProducer producer = session.createProducer(queue);
    producer.setTimeToLive(100);
    producer.send(session.createTextMessage("short"));
    producer.setTimeToLive(0);
    producer.send(session.createTextMessage("long"));
    Await.until("its end", () -> browse(queue).equals(List.of("long")));
    assertEquals("long", receive(session.createConsumer(queue)));
  }

  private List<String> browse(Queue queue) throws JMSException {
    List<String> found = new ArrayList<>();
    try (QueueBrowser browser = session.createBrowser(queue)) {
      Enumeration<?> messages = browser.getEnumeration();
      while (messages.hasMoreElements()) {
        found.add(textOf((Message) messages.nextElement()));
      }
    }
    return found;
  }
}
