package holdfast.core;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Set;

/// Clients as they come, go on and go. Guarded by the gate.
final class Clients {
  private final Shard shard;

  /// Those that have been heard of and have not gone.
  private final Set<Client> all;

  /// Keys of definitions to be swept once there is a client to do it for.
  private final ArrayDeque<String> stale;

  /// Queues that were there before the start and have not been looked at.
  private final ArrayDeque<Queue> recovered;

  Clients(Shard shard, Set<Client> all, ArrayDeque<Queue> recovered, ArrayDeque<String> stale) {
    this.shard = shard;
    this.all = all;
    this.recovered = recovered;
    this.stale = stale;
  }

  /// The first command of a session.
  void opened(Session session) {
    session.markKnown();
    Client client = session.client();
    if (all.add(client)) {
      shard.administration().greet(client);
    }
    if (session != client.control()) {
      client.sessions().add(session);
    }
  }

  void resume(Command.Resume command) {
    Client client = command.session().client();
    if (client.lost()) {
      shard.postponed().forget(client);
    }
    Removals.sweep(shard, stale, client);
    beginQueues(new Session(client, 0));
    for (Session session : client.sessions()) {
      session.offerAll();
    }
  }

  /// Has queues that were there before the start look at what may have to go, a slice a turn.
  private void beginQueues(Session by) {
    for (int i = 0; i < Limits.SLICE && !recovered.isEmpty(); i++) {
      Queue queue = recovered.remove();
      if (!queue.deleted()) {
        queue.shedding().used();
        queue.shedding().begin();
      }
    }
    if (!recovered.isEmpty()) {
      shard.later(by, () -> beginQueues(by));
    }
  }

  void close(Command.CloseClient command) {
    Client client = command.session().client();
    client.close();
    if (client.lost()) {
      shard.postponed().forget(client);
    }
    finishIfClosed(client);
  }

  /// Nothing is left of a session.
  void gone(Session session) {
    Client client = session.client();
    client.sessions().remove(session);
    if (client.access().isLimited()) {
      shard.admissions().sessionGone(client.user());
    }
    finishIfClosed(client);
  }

  /// Ends a client once its last session is gone.
  private void finishIfClosed(Client client) {
    if (!client.closed() || !client.sessions().isEmpty()) {
      return;
    }
    for (Queue queue : List.copyOf(client.exclusiveQueues())) {
      shard.declaring().delete(queue, client.control());
    }
    if (all.remove(client) && client.access().isLimited()) {
      shard.admissions().left(client);
    }
    client.outbox().add(new Event.ClientClosed(client));
  }
}
