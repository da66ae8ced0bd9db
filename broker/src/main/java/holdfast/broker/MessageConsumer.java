package holdfast.broker;

import holdfast.core.Arguments;
import holdfast.core.Command;
import holdfast.core.Event;
import holdfast.core.Session;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Receives a queue's messages, each to be acknowledged. What is not acknowledged when the consumer
/// or the process ends is delivered again, to somebody, and marked as redelivered.
public final class MessageConsumer implements AutoCloseable {
  private final Holdfast holdfast;
  private final Session session;
  private final BlockingQueue<Item> received = new LinkedBlockingQueue<>();

  /// A message, or the end.
  private sealed interface Item {
    record Arrived(ReceivedMessage message) implements Item {}

    record Ended(MessagingException why) implements Item {}
  }

  MessageConsumer(Holdfast holdfast, String queue, int prefetch) {
    this.holdfast = holdfast;
    this.session = holdfast.openSession(new Deliveries());
    holdfast.submit(new Command.SetPrefetch(session, prefetch, false));
    holdfast.submit(
        new Command.Consume(session, queue, "embedded", "", false, false, Arguments.NONE, true));
  }

  /// The next message, or null if none comes within the time.
  ///
  /// @throws MessagingException if the queue is deleted or the broker stops
  public @Nullable ReceivedMessage receive(Duration timeout) {
    try {
      Item item = received.poll(timeout.toNanos(), TimeUnit.NANOSECONDS);
      return switch (item) {
        case null -> null;
        case Item.Arrived arrived -> arrived.message();
        case Item.Ended ended -> {
          received.add(ended);
          throw ended.why();
        }
      };
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MessagingException("interrupted while waiting for a message", e);
    }
  }

  private final class Deliveries implements Holdfast.SessionEvents {
    @Override
    public void event(Event event) {
      switch (event) {
        case Event.Delivered d ->
            received.add(
                new Item.Arrived(
                    new ReceivedMessage(
                        holdfast, session, d.deliveryTag(), d.message().body(), d.redelivered())));
        case Event.Failed failed ->
            received.add(new Item.Ended(new MessagingException(failed.error().text(), null)));
        case Event.ConsumerCancelled cancelled ->
            received.add(
                new Item.Ended(new MessagingException("the queue has been deleted", null)));
        default -> {
          // The answers to what the constructor asked: nothing follows from them.
        }
      }
    }

    @Override
    public void ended(Throwable cause) {
      received.add(
          new Item.Ended(
              new MessagingException("the broker has stopped: " + cause.getMessage(), cause)));
    }
  }

  /// Closes: messages not acknowledged go back to their place in the queue.
  @Override
  public void close() {
    holdfast.closeSession(session);
  }
}
