package holdfast.core;

import java.util.List;

/// What the core tells a front end. Every event but the client's own is for one session.
public sealed interface Event {
  /// A message for a consumer.
  record Delivered(
      Session session, String consumerTag, long deliveryTag, boolean redelivered, Message message)
      implements Event {}

  /// The answer to a get that found a message; `remaining` are ready behind it.
  record Got(
      Session session, long deliveryTag, boolean redelivered, Message message, long remaining)
      implements Event {}

  /// The answer to a get on an empty queue.
  record GotNothing(Session session) implements Event {}

  /// Publishes are safe: up to this tag if `multiple`, else this one.
  record Confirmed(Session session, long tag, boolean multiple) implements Event {}

  /// A mandatory message that no queue took. Leaves before its confirm.
  record Returned(Session session, Message message) implements Event {}

  /// A queue is there, with so many ready messages and consumers.
  record QueueDeclared(Session session, String name, long messages, int consumers)
      implements Event {}

  /// A queue was purged, or deleted, of so many messages.
  record Removed(Session session, Command cause, long messages) implements Event {}

  /// A consumer will be served from now on.
  record Consuming(Session session, String consumerTag) implements Event {}

  /// A command without a result of its own is done, and durable where that was asked.
  record Done(Session session, Command cause) implements Event {}

  /// A consumer ended without its client's wish: its queue is gone.
  record ConsumerCancelled(Session session, String consumerTag) implements Event {}

  /// A command could not be done.
  record Failed(Session session, Command cause, CoreError error) implements Event {}

  /// Nothing is left of a session.
  record SessionClosed(Session session) implements Event {}

  /// Nothing is left of a client; nothing follows.
  record ClientClosed(Client client) implements Event {}

  /// Publishes are not wanted now, for this reason.
  record Blocked(Client client, String reason) implements Event {}

  /// Publishes are welcome again.
  record Unblocked(Client client) implements Event {}

  /// The gate has caught up with what the client had submitted: reading may go on.
  record Taken(Client client) implements Event {}

  /// What there is of queues, for a person.
  record QueueInfo(
      String vhost,
      String name,
      boolean durable,
      boolean autoDelete,
      boolean exclusive,
      String type,
      long ready,
      long unsettled,
      int consumers) {}

  /// What there is of clients, for a person.
  record ClientInfo(
      String name, String vhost, int sessions, int consumers, long unsettled, boolean blocked) {}

  /// An answer to [Command.Inspect].
  record Inspection(List<QueueInfo> queues, List<ClientInfo> clients) {}
}
