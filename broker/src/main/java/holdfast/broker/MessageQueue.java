package holdfast.broker;

import holdfast.core.Arguments;
import holdfast.core.Command;
import holdfast.core.Event;
import holdfast.core.Session;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/// A queue of the embedded broker: messages in order, each for one consumer.
public final class MessageQueue {
  private static final int PREFETCH = 100;

  private final Holdfast holdfast;
  private final String name;
  private final QueueKind kind;

  private MessageQueue(Holdfast holdfast, String name, QueueKind kind) {
    this.holdfast = holdfast;
    this.name = name;
    this.kind = kind;
  }

  static MessageQueue declare(Holdfast holdfast, String name, QueueKind kind) {
    boolean durable = kind == QueueKind.DURABLE;
    Command.DeclareQueue declare;
    Answer answer = new Answer();
    Session session = holdfast.openSession(answer);
    declare =
        new Command.DeclareQueue(
            session, name, "", false, durable, false, false, Arguments.NONE, false);
    try {
      answer.to(holdfast, declare);
      return new MessageQueue(holdfast, name, kind);
    } finally {
      holdfast.closeSession(session);
    }
  }

  public String name() {
    return name;
  }

  public QueueKind kind() {
    return kind;
  }

  /// A new producer for this queue.
  public MessageProducer producer() {
    return new MessageProducer(holdfast, this);
  }

  /// A new consumer that is handed up to 100 messages before it acknowledges.
  public MessageConsumer consumer() {
    return consumer(PREFETCH);
  }

  /// A new consumer.
  ///
  /// @param prefetch messages it may hold unacknowledged, at least 1
  public MessageConsumer consumer(int prefetch) {
    if (prefetch < 1) {
      throw new IllegalArgumentException("a consumer needs a prefetch of at least 1");
    }
    return new MessageConsumer(holdfast, name, prefetch);
  }

  /// Messages that are ready to be delivered now.
  public long messageCount() {
    Answer answer = new Answer();
    Session session = holdfast.openSession(answer);
    try {
      Event event =
          answer.to(
              holdfast,
              new Command.DeclareQueue(
                  session, name, "", true, false, false, false, Arguments.NONE, false));
      return event instanceof Event.QueueDeclared declared ? declared.messages() : 0;
    } finally {
      holdfast.closeSession(session);
    }
  }

  /// Deletes the queue with its messages; returns once that is on disk. Returns how many there
  /// were.
  public long delete() {
    Answer answer = new Answer();
    Session session = holdfast.openSession(answer);
    try {
      Event event =
          answer.to(holdfast, new Command.DeleteQueue(session, name, false, false, false));
      return event instanceof Event.Removed removed ? removed.messages() : 0;
    } finally {
      holdfast.closeSession(session);
    }
  }

  /// Waits for the one event that answers a command.
  static final class Answer implements Holdfast.SessionEvents {
    private final CompletableFuture<Event> event = new CompletableFuture<>();

    @Override
    public void event(Event answer) {
      if (answer instanceof Event.Failed failed) {
        event.completeExceptionally(new MessagingException(failed.error().text(), null));
      } else {
        event.complete(answer);
      }
    }

    @Override
    public void ended(Throwable cause) {
      event.completeExceptionally(
          new MessagingException("the broker has stopped: " + cause.getMessage(), cause));
    }

    Event to(Holdfast holdfast, Command command) {
      holdfast.submit(command);
      try {
        return event.join();
      } catch (CompletionException e) {
        throw e.getCause() instanceof MessagingException refused ? refused : e;
      }
    }

    /// Waits for the answer or the end, but not for ever.
    void await(long timeoutMs) {
      event
          .exceptionally(ended -> null)
          .completeOnTimeout(null, timeoutMs, TimeUnit.MILLISECONDS)
          .join();
    }
  }
}
