package holdfast.core;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Who waits for replies in a virtual host, and delivering to them: directly, without a queue. At
/// most one consumer of a session does so, under an address that lives as long as that consumer.
/// Guarded by the gate.
///
/// A reply is delivered whether or not the taker's outbox has room: on its way out it counts in the
/// memory budget. Only while memory is short is it not taken for somebody who does not read.
final class DirectReplies {
  /// A consumer of replies.
  record Taker(Session session, String tag, String address) {}

  private final Map<String, Taker> byAddress = new HashMap<>();
  private final Map<Session, Taker> bySession = new HashMap<>();

  /// Whether a name means replies and not a queue.
  static boolean isMeant(String queue) {
    return queue.startsWith(Command.TakeReplies.QUEUE)
        && (queue.length() == Command.TakeReplies.QUEUE.length()
            || queue.startsWith(Command.TakeReplies.PREFIX));
  }

  /// Who is at an address, or null.
  @Nullable Taker taker(String address) {
    return byAddress.isEmpty() ? null : byAddress.get(address);
  }

  /// Whether a session takes replies under this consumer tag.
  boolean isTag(Session session, String tag) {
    Taker taker = bySession.get(session);
    return taker != null && taker.tag.equals(tag);
  }

  void take(Command.TakeReplies c, Shard shard) {
    Session session = c.session();
    String tag = c.tag().isEmpty() ? c.generatedTag() : c.tag();
    if (session.consumers().containsKey(tag) || isTag(session, tag)) {
      shard.fail(
          c,
          new CoreError(CoreError.Kind.NOT_ALLOWED, "attempt to reuse consumer tag '" + tag + "'"));
      return;
    }
    if (bySession.containsKey(session)) {
      shard.fail(c, CoreError.precondition("reply consumer already set"));
      return;
    }
    Taker taker = new Taker(session, tag, c.address());
    bySession.put(session, taker);
    byAddress.put(c.address(), taker);
    if (!c.quiet()) {
      session.emit(new Event.Consuming(session, tag));
    }
  }

  /// A consumer is cancelled, which may be one of queues.
  void cancel(Session session, String tag) {
    if (isTag(session, tag)) {
      end(session);
    }
  }

  /// A session ends.
  void end(Session session) {
    Taker taker = bySession.remove(session);
    if (taker != null) {
      byAddress.remove(taker.address);
    }
  }

  /// A declare of what is no queue: tells whether somebody is there.
  void declare(Command.DeclareQueue c, Shard shard) {
    Session session = c.session();
    if (!c.name().equals(Command.TakeReplies.QUEUE) && taker(c.name()) == null) {
      shard.fail(c, CoreError.notFound("queue", c.name(), session.host()));
    } else if (!c.quiet()) {
      session.emit(new Event.QueueDeclared(session, c.name(), 0, 1));
    }
  }

  /// Delivers a message to those that its route has found; true if one of them takes it.
  static boolean deliver(Message message, Routes routes, boolean memoryIsShort) {
    boolean delivered = false;
    for (Taker taker : routes.takers()) {
      Outbox outbox = taker.session.client().outbox();
      if (!memoryIsShort || outbox.hasRoom()) {
        long tag = taker.session.unsettled().skip();
        outbox.add(new Event.Delivered(taker.session, taker.tag, tag, false, message, null));
        delivered = true;
      }
    }
    return delivered;
  }
}
