package holdfast.core;

import java.util.ArrayDeque;

/// Publishes that wait until there is memory again. What a front end has handed in before it was
/// told to stop is a little in bytes, but can be much in places of queues: a message of a few bytes
/// for thousands of queues. So such are not done while memory is short; what their sessions ask
/// after them waits behind. Guarded by the gate.
final class Postponed {
  private final Shard shard;
  private final ArrayDeque<Session> waiting = new ArrayDeque<>();

  Postponed(Shard shard) {
    this.shard = shard;
  }

  /// Whether a message would take much more memory than it has been counted with.
  static boolean isFor(Message message, Routes routes) {
    return (long) routes.count() * Entry.FOOTPRINT_BYTES > message.footprint();
  }

  void add(Command.Publish publish) {
    Session session = publish.session();
    session.postpone(publish, () -> shard.publishing().publish(publish));
    waiting.add(session);
  }

  /// There is memory again.
  void goOn() {
    for (Session session = waiting.poll(); session != null; session = waiting.poll()) {
      if (session.postponed() != null) {
        session.stopWaiting();
        shard.makeRunnable(session);
      }
    }
  }

  /// Nobody waits for what this client has asked: its publishes are forgotten, so that what
  /// belonged to it can go although memory is short, and just then.
  void forget(Client client) {
    for (Session session : client.sessions()) {
      Command.Publish first = session.postponed();
      if (first != null) {
        shard.memory().add(-first.message().footprint());
        for (Command.Publish publish : session.forgetPublishes()) {
          client.took(publish);
          shard.memory().add(-publish.message().footprint());
        }
        shard.makeRunnable(session);
      }
    }
  }
}
