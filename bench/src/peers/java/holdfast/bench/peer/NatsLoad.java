package holdfast.bench.peer;

import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.JetStream;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.PushSubscribeOptions;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import java.nio.ByteBuffer;
import java.time.Duration;

/// NATS JetStream under its own Java client: a stream in files, asynchronous publishes with their
/// acknowledgements, a durable push consumer that acknowledges each message. Publisher and consumer
/// have a connection each.
///
/// All is set for speed. The stream has the default retention and removes nothing; as a work queue,
/// which removes what is acknowledged, it is about half as fast. What an acknowledgement promises
/// is less than elsewhere, too: the message has been written to the file, which is not synced.
public final class NatsLoad {
  private static final String STREAM = "load";
  private static final String SUBJECT = "load.one";
  private static final int UNACKNOWLEDGED_MAX = 1_000;

  private NatsLoad() {}

  public static void main(String[] arguments) {
    PeerMeter.run(arguments, NatsLoad::load);
  }

  private static void load(PeerMeter meter) throws Exception {
    try (Connection publisher = connect(meter);
        Connection consumer = connect(meter)) {
      consumer
          .jetStreamManagement()
          .addStream(
              StreamConfiguration.builder()
                  .name(STREAM)
                  .subjects(SUBJECT)
                  .storageType(StorageType.File)
                  .build());
      consume(meter, consumer);
      publish(meter, publisher.jetStream());
    }
  }

  private static Connection connect(PeerMeter meter) throws Exception {
    Options options =
        new Options.Builder()
            .server(meter.address())
            .connectionTimeout(Duration.ofSeconds(10))
            .maxMessagesInOutgoingQueue(0)
            .noReconnect()
            .dontForceFlushOnRequest()
            .build();
    return Nats.connect(options);
  }

  private static void consume(PeerMeter meter, Connection connection) throws Exception {
    PushSubscribeOptions durable =
        ConsumerConfiguration.builder()
            .durable("reader")
            .deliverSubject("load.deliveries")
            .ackPolicy(AckPolicy.Explicit)
            .maxAckPending(UNACKNOWLEDGED_MAX)
            .buildPushSubscribeOptions();
    Dispatcher dispatcher = connection.createDispatcher();
    connection
        .jetStream()
        .subscribe(
            SUBJECT,
            dispatcher,
            message -> {
              message.ack();
              meter.received(ByteBuffer.wrap(message.getData()).getLong());
            },
            false,
            durable);
  }

  private static void publish(PeerMeter meter, JetStream stream) throws InterruptedException {
    byte[] body = meter.body();
    meter.start();
    while (meter.mayPublish()) {
      // The client keeps the array until it has written it.
      byte[] own = body.clone();
      long at = PeerMeter.stamp(own);
      stream
          .publishAsync(SUBJECT, own)
          .whenComplete((acknowledgement, failure) -> {
            if (failure == null) {
              meter.confirmed(at);
            } else {
              meter.refused();
            }
          });
    }
  }
}
