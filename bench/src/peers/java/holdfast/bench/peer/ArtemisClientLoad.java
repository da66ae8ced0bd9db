package holdfast.bench.peer;

import org.apache.activemq.artemis.api.core.QueueConfiguration;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.api.core.client.ActiveMQClient;
import org.apache.activemq.artemis.api.core.client.ClientConsumer;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientProducer;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.api.core.client.ClientSessionFactory;
import org.apache.activemq.artemis.api.core.client.ServerLocator;

/// Artemis under its own core client: a durable queue, durable messages sent without blocking and
/// acknowledged to a handler, and a consumer that acknowledges each. Publisher and consumer have a
/// connection each.
///
/// Without a confirmation window the client calls the handler at once, and without a wide producer
/// window it waits for credit long before the number asked for is in flight. Acknowledgements of
/// the consumer travel as its client likes them best: gathered up to a megabyte.
public final class ArtemisClientLoad {
  private static final String QUEUE = "load";
  private static final String WINDOWS =
      "?confirmationWindowSize=10485760&producerWindowSize=10485760&blockOnDurableSend=false"
          + "&callTimeout=15000";

  private ArtemisClientLoad() {}

  public static void main(String[] arguments) {
    PeerMeter.run(arguments, ArtemisClientLoad::load);
  }

  private static void load(PeerMeter meter) throws Exception {
    try (ServerLocator locator = ActiveMQClient.createServerLocator(meter.address() + WINDOWS);
        ClientSessionFactory publishing = locator.createSessionFactory();
        ClientSessionFactory consuming = locator.createSessionFactory();
        ClientSession publisher = publishing.createSession(true, true);
        ClientSession consumer = consuming.createSession(true, true)) {
      consumer.createQueue(
          QueueConfiguration.of(QUEUE).setRoutingType(RoutingType.ANYCAST).setDurable(true));
      try (ClientConsumer reader = consumer.createConsumer(QUEUE);
          ClientProducer writer = publisher.createProducer(QUEUE)) {
        reader.setMessageHandler(message -> receive(meter, message));
        consumer.start();
        publish(meter, publisher, writer);
      }
    }
  }

  private static void receive(PeerMeter meter, ClientMessage message) {
    try {
      long at = message.getBodyBuffer().readLong();
      message.acknowledge();
      meter.received(at);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static void publish(PeerMeter meter, ClientSession session, ClientProducer producer)
      throws Exception {
    byte[] body = meter.body();
    meter.start();
    while (meter.mayPublish()) {
      ClientMessage message = session.createMessage(true);
      long at = PeerMeter.stamp(body);
      message.getBodyBuffer().writeBytes(body);
      producer.send(message, acknowledged -> meter.confirmed(at));
    }
  }
}
