package holdfast.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import holdfast.broker.Holdfast;
import holdfast.broker.MessageConsumer;
import holdfast.broker.MessageProducer;
import holdfast.broker.MessageQueue;
import holdfast.broker.QueueKind;
import holdfast.broker.ReceivedMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/// A durable queue inside a program: send, receive, acknowledge, and find the rest again after a
/// restart.
///
/// ```
/// ./mvnw -q package -DskipTests
/// java -p server/target/dist/lib:examples/target/classes \
///     -m holdfast.examples/holdfast.examples.EmbeddedQueue
/// ```
public final class EmbeddedQueue {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private EmbeddedQueue() {}

  /// @param args the directory of the data; a new one if there is none
  public static void main(String[] args) throws IOException {
    Path directory =
        args.length > 0 ? Path.of(args[0]) : Files.createTempDirectory("embedded-queue-");
    System.out.println("data in " + directory);
    firstLife(directory);
    System.out.println("-- restart --");
    secondLife(directory);
  }

  private static void firstLife(Path directory) throws IOException {
    // One broker at a time works on a directory; closing it lets the next one in.
    try (Holdfast holdfast = Holdfast.open(directory)) {
      MessageQueue orders = holdfast.queue("orders", QueueKind.DURABLE);
      try (MessageProducer producer = orders.producer()) {
        for (String order : new String[] {"bread", "milk", "salt"}) {
          // Once join returns, the message survives kill -9 and a loss of power. Who sends many
          // keeps the futures and joins them together: they share the disk's writes.
          producer.send(order.getBytes(UTF_8)).join();
          System.out.println("sent " + order);
        }
      }
      // Prefetch 1: no message is on its way to us before the last one is acknowledged.
      try (MessageConsumer consumer = orders.consumer(1)) {
        ReceivedMessage bread = receive(consumer);
        bread.ack(); // processed: it leaves the queue
        receive(consumer); // milk is not acknowledged: it stays
      }
    }
  }

  private static void secondLife(Path directory) throws IOException {
    try (Holdfast holdfast = Holdfast.open(directory)) {
      MessageQueue orders = holdfast.queue("orders", QueueKind.DURABLE);
      long left = orders.messageCount();
      System.out.println(left + " orders are left");
      try (MessageConsumer consumer = orders.consumer(1)) {
        for (long i = 0; i < left; i++) {
          receive(consumer).ack();
        }
      }
    }
  }

  private static ReceivedMessage receive(MessageConsumer consumer) {
    ReceivedMessage message = consumer.receive(TIMEOUT);
    if (message == null) {
      throw new IllegalStateException("no message within " + TIMEOUT);
    }
    // Marked is what may have been delivered before: who processes it checks whether that is done.
    String mark = message.redelivered() ? " (perhaps not for the first time)" : "";
    System.out.println("received " + new String(message.body(), UTF_8) + mark);
    return message;
  }
}
