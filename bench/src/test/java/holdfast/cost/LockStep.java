package holdfast.cost;

import holdfast.amqp091.codec.BasicMethod;
import holdfast.amqp091.codec.BasicProperties;
import holdfast.amqp091.codec.ConfirmMethod;
import holdfast.amqp091.codec.ExchangeMethod;
import holdfast.amqp091.codec.FrameWriter;
import holdfast.amqp091.codec.QueueMethod;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;

/// A publisher and a consumer in lock-step: a batch is published in one piece, and when all of it
/// has been delivered and confirmed it is acknowledged in one piece, message by message. Everything
/// is encoded before, so that the load makes no garbage of its own.
final class LockStep implements AutoCloseable {
  private static final String EXCHANGE = "cost";
  private static final int PUBLISHER = 0;
  private static final int CONSUMER = 1;
  private static final int ACK_TAG_AT = 11;

  private final MeteredBroker broker;
  private final Load load;
  private final Wire publisher;
  private final Wire consumer;
  private final ByteBuffer publishes;
  private final ByteBuffer acks;
  private final int ackBytes;
  private long published;
  private long acked;

  /// What is published.
  ///
  /// @param persistent to durable queues, confirmed and acknowledged; else to others, neither
  /// @param batch messages in one piece
  record Load(boolean persistent, int bodyBytes, int queues, int batch) {}

  LockStep(MeteredBroker broker, Load load) throws IOException {
    this.broker = broker;
    this.load = load;
    publisher = Wire.open(broker.port());
    consumer = Wire.open(broker.port());
    publisher.call(
        new ExchangeMethod.Declare(EXCHANGE, "fanout", false, true, false, false, false, Map.of()));
    for (int i = 0; i < load.queues; i++) {
      String queue = "queue-" + i;
      publisher.call(
          new QueueMethod.Declare(queue, false, load.persistent, false, false, false, Map.of()));
      publisher.call(new QueueMethod.Bind(queue, EXCHANGE, "", false, Map.of()));
      consumer.call(
          new BasicMethod.Consume(queue, queue, false, !load.persistent, false, false, Map.of()));
    }
    if (load.persistent) {
      publisher.call(new ConfirmMethod.Select(false));
    }
    publishes =
        encoded(out -> {
          for (int i = 0; i < load.batch; i++) {
            encode(out);
          }
        });
    int count = load.batch * load.queues;
    acks =
        encoded(out -> {
          for (int i = 0; i < count; i++) {
            FrameWriter.ack(out, 1, 0, false);
          }
        });
    ackBytes = acks.capacity() / count;
  }

  private void encode(ByteBuf out) {
    boolean direct = load.queues == 1;
    FrameWriter.method(
        out,
        1,
        new BasicMethod.Publish(direct ? "" : EXCHANGE, direct ? "queue-0" : "", false, false));
    byte[] body = new byte[load.bodyBytes];
    byte[] properties = BasicProperties.of(load.persistent ? 2 : 1);
    FrameWriter.content(out, 1, properties, body, 0, body.length, Wire.FRAME_BYTES_MAX);
  }

  private static ByteBuffer encoded(java.util.function.Consumer<ByteBuf> writing) {
    ByteBuf out = Unpooled.buffer();
    writing.accept(out);
    ByteBuffer direct = ByteBuffer.allocateDirect(out.readableBytes());
    out.readBytes(direct);
    return direct;
  }

  /// Publishes at least so many messages, and ends when the broker has done with them. Returns how
  /// many there were.
  long run(long messages) throws IOException {
    long before = published;
    while (published < before + messages) {
      publish();
      if (load.persistent) {
        acknowledge(1);
      }
    }
    awaitConsumer();
    return published - before;
  }

  /// Publishes a batch and waits until it is delivered and, if persistent, confirmed.
  void publish() throws IOException {
    send(PUBLISHER, publisher, publishes);
    published += load.batch;
    consumer.awaitDeliveries(published * load.queues);
    if (load.persistent) {
      publisher.awaitConfirm(published);
    }
  }

  /// Acknowledges a batch of what is not acknowledged, tag by tag: first every `stride`-th, then
  /// those behind these, and so on.
  void acknowledge(int stride) throws IOException {
    int count = load.batch * load.queues;
    int at = 0;
    for (int from = 0; from < stride; from++) {
      for (int i = from; i < count; i += stride) {
        acks.putLong(at + ACK_TAG_AT, acked + i + 1);
        at += ackBytes;
      }
    }
    acked += count;
    send(CONSUMER, consumer, acks);
  }

  /// Waits until the broker has heard everything that the consumer has said.
  void awaitConsumer() throws IOException {
    consumer.call(new BasicMethod.Qos(0, 0, false));
  }

  private void send(int connection, Wire wire, ByteBuffer bytes) throws IOException {
    bytes.clear();
    if (load.batch > 1) {
      broker.whileStanding(connection, () -> wire.sendAhead(bytes));
    }
    wire.send(bytes);
  }

  @Override
  public void close() throws IOException {
    publisher.close();
    consumer.close();
  }
}
