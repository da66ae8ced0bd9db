package holdfast.core;

import org.jspecify.annotations.Nullable;

/// What a front end asks of the core: the whole wire between them. Commands of one session are done
/// one after the other in the order they came.
///
/// A command that changes something durable is answered once the change is on stable storage; one
/// whose `quiet` is true is not answered at all unless it fails.
public sealed interface Command {
  /// The session that asks.
  Session session();

  /// Publishes a message. Answered by a [Event.Confirmed] if the session asked for confirms.
  record Publish(Session session, Message message, boolean mandatory) implements Command {}

  record DeclareExchange(
      Session session,
      String name,
      String type,
      boolean passive,
      boolean durable,
      boolean autoDelete,
      boolean internal,
      Arguments arguments,
      boolean quiet)
      implements Command {}

  record DeleteExchange(Session session, String name, boolean ifUnused, boolean quiet)
      implements Command {}

  /// Binds or unbinds an exchange (`toQueue` false) or a queue.
  record Bind(
      Session session,
      boolean unbind,
      boolean toQueue,
      String source,
      String destination,
      String key,
      Arguments arguments,
      boolean quiet)
      implements Command {}

  /// @param name an empty one asks for `generatedName`
  /// @param generatedName made by the front end, so that the core has no chance in it
  record DeclareQueue(
      Session session,
      String name,
      String generatedName,
      boolean passive,
      boolean durable,
      boolean exclusive,
      boolean autoDelete,
      Arguments arguments,
      boolean quiet)
      implements Command {}

  record DeleteQueue(Session session, String name, boolean ifUnused, boolean ifEmpty, boolean quiet)
      implements Command {}

  record PurgeQueue(Session session, String name, boolean quiet) implements Command {}

  /// @param tag an empty one asks for `generatedTag`
  record Consume(
      Session session,
      String queue,
      String tag,
      String generatedTag,
      boolean autoSettle,
      boolean exclusive,
      Arguments arguments,
      boolean quiet)
      implements Command {}

  record Cancel(Session session, String consumerTag, boolean quiet) implements Command {}

  record Get(Session session, String queue, boolean autoSettle) implements Command {}

  /// How a delivery ends.
  enum Outcome {
    /// Processed: it is removed.
    ACCEPTED,
    /// Refused: it is removed.
    REJECTED,
    /// It goes back to its place in the queue.
    RETURNED
  }

  /// Settles one delivery, or all up to a tag; tag 0 with `multiple` is all there are.
  record Settle(Session session, long deliveryTag, boolean multiple, Outcome outcome)
      implements Command {}

  /// Returns everything unsettled of this session. Answered by [Event.Done] unless quiet.
  record Recover(Session session, boolean quiet) implements Command {}

  /// @param wholeSession the limit is for all consumers together; else for each new consumer
  record SetPrefetch(Session session, int count, boolean wholeSession) implements Command {}

  record SelectConfirms(Session session, boolean quiet) implements Command {}

  /// Ends a session: consumers gone, unsettled deliveries returned.
  record CloseSession(Session session) implements Command {}

  /// Ends a client and what belongs to it, its sessions closed before. `session` is its control
  /// session.
  record CloseClient(Session session) implements Command {}

  /// The client's outbox has room again.
  record Resume(Session session) implements Command {}

  /// Something outside has run short, or is there again if the reason is null.
  record SetAlarm(Session session, String source, @Nullable String reason) implements Command {}

  /// A look at everything, for a person.
  record Inspect(Session session, java.util.function.Consumer<Event.Inspection> answer)
      implements Command {}
}
