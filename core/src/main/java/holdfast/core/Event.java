package holdfast.core;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the core tells a front end. Every event but the client's own is for one session.
public sealed interface Event {
  /// A message for a consumer.
  ///
  /// @param extra headers that the broker adds to this one delivery, or null
  record Delivered(
      Session session,
      String consumerTag,
      long deliveryTag,
      boolean redelivered,
      Message message,
      @Nullable Arguments extra)
      implements Event {}

  /// The answer to a get that found a message; `remaining` are ready behind it.
  ///
  /// @param extra see [Delivered]
  record Got(
      Session session,
      long deliveryTag,
      boolean redelivered,
      Message message,
      long remaining,
      @Nullable Arguments extra)
      implements Event {}

  /// The answer to a get on an empty queue.
  record GotNothing(Session session) implements Event {}

  /// Publishes are safe: up to this tag if `multiple`, else this one.
  record Confirmed(Session session, long tag, boolean multiple) implements Event {}

  /// A publish was not taken: its queue is full and refuses more.
  record Refused(Session session, long tag) implements Event {}

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

  /// The client has to go: its user or its virtual host is no more. It is to be closed.
  record ForcedOut(Client client, String reason) implements Event {}

  /// A queue, for a person.
  ///
  /// @param owner the client it ends with, or null
  record QueueInfo(
      String vhost,
      String name,
      boolean durable,
      boolean autoDelete,
      boolean exclusive,
      String type,
      long ready,
      long unsettled,
      int consumers,
      Arguments arguments,
      @Nullable String owner) {}

  /// An exchange, for a person.
  ///
  /// @param predeclared whether it is always there
  record ExchangeInfo(
      String vhost,
      String name,
      String type,
      boolean durable,
      boolean autoDelete,
      boolean internal,
      boolean predeclared,
      Arguments arguments) {}

  /// A binding, for a person.
  record BindingInfo(
      String vhost,
      String source,
      boolean toQueue,
      String destination,
      String key,
      Arguments arguments,
      boolean durable) {}

  /// A client, for a person.
  ///
  /// @param behind whether it is not read from until the gate has caught up with it
  record ClientInfo(
      String name,
      String vhost,
      int sessions,
      int consumers,
      long unsettled,
      boolean blocked,
      boolean behind,
      Client.Facts facts) {}

  /// A session, for a person.
  record SessionInfo(
      String client,
      String user,
      String vhost,
      int number,
      int prefetchOfConsumers,
      int prefetchOfSession,
      long unsettled,
      long unconfirmed,
      int consumers,
      boolean confirms,
      boolean transactional) {}

  /// A consumer, for a person.
  record ConsumerInfo(
      String vhost,
      String queue,
      String tag,
      String client,
      int session,
      boolean autoSettle,
      int prefetch,
      long unsettled,
      boolean exclusive,
      boolean active,
      int priority) {}

  /// What one may look at.
  enum Sight {
    QUEUES,
    EXCHANGES,
    BINDINGS,
    CLIENTS,
    SESSIONS,
    CONSUMERS
  }

  /// An answer to [Command.Inspect]; what was not asked for is empty.
  record Inspection(
      List<QueueInfo> queues,
      List<ExchangeInfo> exchanges,
      List<BindingInfo> bindings,
      List<ClientInfo> clients,
      List<SessionInfo> sessions,
      List<ConsumerInfo> consumers) {}
}
