package holdfast.amqp091;

import static org.assertj.core.api.Assertions.assertThat;

import holdfast.amqp091.codec.BasicMethod;
import holdfast.amqp091.codec.ChannelMethod;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A large body leaves as its peer takes it. Meanwhile its connection's other channels are heard,
/// and nothing comes between the frames of its own channel.
class LargeDeliveryTest {
  private static final int BODY_BYTES = TestBroker.MESSAGE_BYTES_MAX;
  private static final int RECEIVE_BYTES = 4096;

  private final byte[] body = new byte[BODY_BYTES];

  @TempDir Path directory;

  LargeDeliveryTest() {
    new Random(7).nextBytes(body);
  }

  /// A consumer on channel 1 that has been sent a large body and has read none of it.
  private RawClient slowConsumer(TestBroker broker) throws IOException {
    try (RawClient publisher = RawClient.open(broker.port()).channel(1).confirms(1)) {
      publisher.declare(1, "large", false).publish(1, "large", Wire.TRANSIENT, body);
      publisher.expect(1, BasicMethod.Ack.class);
    }
    RawClient consumer =
        RawClient.connect(broker.port(), RECEIVE_BYTES)
            .handshake(0, RawClient.FRAME_BYTES_MAX)
            .channel(1)
            .channel(2);
    consumer.call(1, RawClient.consume("large", false), BasicMethod.ConsumeOk.class);
    consumer.expect(1, BasicMethod.Deliver.class);
    return consumer;
  }

  @Test
  void anAnswerOnAnotherChannelDoesNotWaitForAllOfIt() throws Exception {
    try (TestBroker broker = TestBroker.open(directory);
        RawClient consumer = slowConsumer(broker)) {
      consumer.send(2, new ChannelMethod.Flow(true));
      assertThat(consumer.frame().type()).isEqualTo(Wire.HEADER);
      int read = 0;
      int readBefore = -1;
      while (read < BODY_BYTES) {
        RawClient.Frame frame = consumer.frame();
        if (frame.type() == Wire.METHOD) {
          assertThat(frame.method()).isInstanceOf(ChannelMethod.FlowOk.class);
          readBefore = read;
        } else {
          assertThat(frame.channel()).isEqualTo(1);
          assertThat(frame.payload()).isEqualTo(part(read, frame.payload().length));
          read += frame.payload().length;
        }
      }
      assertThat(readBefore).as("bytes of the body before the answer").isBetween(0, BODY_BYTES - 1);
      consumer.send(1, new BasicMethod.Ack(1, false)).delete(2, "large").bye();
      broker.awaitNothingHeld();
    }
  }

  private byte[] part(int from, int length) {
    return Arrays.copyOfRange(body, from, from + length);
  }

  @Test
  void anAnswerOnItsOwnChannelComesBehindIt() throws Exception {
    try (TestBroker broker = TestBroker.open(directory);
        RawClient consumer = slowConsumer(broker)) {
      consumer.send(1, new ChannelMethod.Flow(true));
      assertThat(consumer.readBody()).isEqualTo(body);
      consumer.expect(1, ChannelMethod.FlowOk.class);
      consumer.send(1, new BasicMethod.Ack(1, false)).delete(2, "large").bye();
      broker.awaitNothingHeld();
    }
  }

  @Test
  void whoGoesInTheMiddleOfItLeavesNothingBehind() throws Exception {
    try (TestBroker broker = TestBroker.open(directory)) {
      RawClient consumer = slowConsumer(broker);
      consumer.close();
      try (RawClient next = RawClient.open(broker.port()).channel(1)) {
        TestBroker.await("the body to be there again", () -> isReady(broker));
        next.delete(1, "large").bye();
      }
      broker.awaitNothingHeld();
    }
  }

  private static boolean isReady(TestBroker broker) {
    try {
      return broker.inspect().queues().getFirst().ready() == 1;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
