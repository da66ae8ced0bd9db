package holdfast.core;

import java.util.List;
import java.util.Set;
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
  ///
  /// @param copies routing keys that the message is to go to beside its own
  record Publish(Session session, Message message, boolean mandatory, List<String> copies)
      implements Command {
    public Publish(Session session, Message message, boolean mandatory) {
      this(session, message, mandatory, List.of());
    }
  }

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

  /// Takes replies: what is published to the default exchange with `address` as its routing key
  /// comes here directly, without a queue, for as long as the consumer is there.
  ///
  /// @param address [#PREFIX] and something that nobody can guess, made by the front end
  /// @param tag an empty one asks for `generatedTag`
  record TakeReplies(
      Session session, String address, String tag, String generatedTag, boolean quiet)
      implements Command {
    /// The queue that is asked for; there is no such queue.
    public static final String QUEUE = "amq.rabbitmq.reply-to";

    /// Before the part of an address that tells it from others.
    public static final String PREFIX = QUEUE + ".";
  }

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

  /// Accepts deliveries one by one, from tag to tag: what that many [Settle] do, the first unknown
  /// tag being the end of it.
  record SettleRow(Session session, long firstTag, long lastTag) implements Command {}

  /// Returns everything unsettled of this session. Answered by [Event.Done] unless quiet.
  record Recover(Session session, boolean quiet) implements Command {}

  /// @param wholeSession the limit is for all consumers together; else for each new consumer
  record SetPrefetch(Session session, int count, boolean wholeSession) implements Command {}

  record SelectConfirms(Session session, boolean quiet) implements Command {}

  /// From now on publishes and settlements of this session happen when it commits.
  record SelectTransactions(Session session) implements Command {}

  /// Has everything since the last commit happen, all or nothing. Answered when it is durable.
  record Commit(Session session) implements Command {}

  /// Forgets everything since the last commit.
  record Rollback(Session session) implements Command {}

  /// Ends a session: consumers gone, unsettled deliveries returned.
  record CloseSession(Session session) implements Command {}

  /// Ends a client and what belongs to it, its sessions closed before. `session` is its control
  /// session.
  record CloseClient(Session session) implements Command {}

  /// Time has passed: what takes too long is looked for.
  record Look(Session session) implements Command {}

  /// The client's outbox has room again.
  record Resume(Session session) implements Command {}

  /// Something outside has run short, or is there again if the reason is null.
  record SetAlarm(Session session, String source, @Nullable String reason) implements Command {}

  /// A change of the accounts; answered with null when it is durable and has reached everybody, or
  /// with what is wrong with it.
  record Administer(
      Session session, Change change, java.util.function.Consumer<@Nullable CoreError> answer)
      implements Command {}

  /// A look at what there is, for a person. Clients that hide, and the one who looks, are not seen.
  record Inspect(
      Session session,
      Set<Event.Sight> sights,
      java.util.function.Consumer<Event.Inspection> answer)
      implements Command {
    private static final Set<Event.Sight> USUAL = Set.of(Event.Sight.QUEUES, Event.Sight.CLIENTS);

    /// A look at queues and clients.
    public Inspect(Session session, java.util.function.Consumer<Event.Inspection> answer) {
      this(session, USUAL, answer);
    }
  }
}
