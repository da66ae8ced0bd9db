package holdfast.core;

import holdfast.store.Batch;
import java.util.ArrayDeque;
import java.util.Map;

/// Deletes everything in a virtual host, a step at a time. That it is to go was decided by one
/// record, which marks the host; its own definition goes last. So whatever a crash leaves of it is
/// known by that mark, and the next start goes on. Guarded by the gate.
final class HostRemoval {
  /// Letters of definitions in a host; the one of the host itself is not among them.
  private static final String LETTERS =
      ""
          + Definitions.BINDING
          + Definitions.QUEUE
          + Definitions.EXCHANGE
          + AccountDefinitions.LETTERS_OF_HOST;

  private final Shard shard;
  private final VirtualHost host;
  private final Client broom;
  private final ArrayDeque<Queue> queues;
  private final ArrayDeque<Exchange> exchanges;

  /// Index in [#LETTERS] of the definitions to be removed next.
  private int letter;

  HostRemoval(Shard shard, VirtualHost host) {
    this.shard = shard;
    this.host = host;
    this.broom = shard.newClient("deletion of " + host.name(), host, new Deaf());
    this.queues = new ArrayDeque<>(host.queues());
    this.exchanges = new ArrayDeque<>(host.exchanges());
  }

  /// What tidies up has nobody to tell.
  private static final class Deaf implements Outbox {
    @Override
    public void add(Event event) {}

    @Override
    public boolean hasRoom() {
      return true;
    }
  }

  /// Goes on until nothing is left, others having their turn in between, and then once that is
  /// durable.
  void run(Session session, Session.Step then) {
    if (step()) {
      shard.later(session, () -> run(session, then));
    } else {
      shard.await(session, shard.lastDefinition(), then);
    }
  }

  /// One bounded step; false if that was the last.
  boolean step() {
    Queue queue = queues.poll();
    if (queue != null) {
      if (!queue.deleted()) {
        shard.declaring().delete(queue, broom.control());
      }
      return true;
    }
    Exchange exchange = exchanges.poll();
    if (exchange != null) {
      boolean isThere = host.exchange(exchange.name()) == exchange;
      if (isThere && exchange.id() != Exchange.PREDECLARED) {
        shard.declaring().exchanges().delete(exchange, broom);
      }
      return true;
    }
    if (letter < LETTERS.length()) {
      removeDefinitions();
      return true;
    }
    shard.writeDefinition(shard.newBatch().remove(Definitions.key(host)));
    shard.hosts().remove(host);
    return false;
  }

  /// A slice of what stands under one letter.
  private void removeDefinitions() {
    String prefix = Definitions.key(LETTERS.charAt(letter), host.name());
    Batch batch = shard.newBatch();
    int count = 0;
    for (Map.Entry<String, byte[]> definition :
        shard.store().definitions().tailMap(prefix).entrySet()) {
      boolean full = count == Limits.SLICE || batch.length() >= shard.store().batchBytesMax() / 2;
      if (full || !definition.getKey().startsWith(prefix)) {
        break;
      }
      batch.remove(definition.getKey());
      count++;
    }
    if (count == 0) {
      letter++;
    } else {
      shard.writeDefinition(batch);
    }
  }
}
