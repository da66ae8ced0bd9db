package holdfast.amqp091;

import static org.assertj.core.api.Assertions.assertThat;

import holdfast.amqp091.codec.BasicMethod;
import java.io.IOException;

/// A well-behaved client that stays connected while others misbehave: it must be served throughout.
final class Witness implements AutoCloseable {
  private static final String QUEUE = "witness";

  private final RawClient client;
  private long published;

  Witness(int port) throws IOException {
    client = RawClient.open(port).channel(1).confirms(1).declare(1, QUEUE, true);
  }

  RawClient client() {
    return client;
  }

  /// Publishes, waits for the confirm and gets the message back.
  void check() throws IOException {
    byte[] body = Wire.text("message " + ++published);
    client.publish(1, QUEUE, Wire.PERSISTENT, body);
    BasicMethod.Ack ack = client.expect(1, BasicMethod.Ack.class);
    assertThat(ack.deliveryTag()).as("the confirmed tag").isEqualTo(published);
    client.send(1, new BasicMethod.Get(QUEUE, true));
    assertThat(client.expectContent(1, BasicMethod.GetOk.class).body()).isEqualTo(body);
  }

  @Override
  public void close() throws IOException {
    client.delete(1, QUEUE);
    client.bye();
  }
}
