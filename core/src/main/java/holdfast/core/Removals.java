package holdfast.core;

import holdfast.store.Batch;
import holdfast.store.Log;
import java.util.ArrayDeque;

/// What goes together when a queue, an exchange or a binding goes. The one small batch decides;
/// bindings that lose an end with it are swept afterwards, for there can be a hundred thousand.
/// Made, filled and written in one step. Guarded by the gate.
final class Removals {
  private final Shard shard;
  private final Batch batch;
  private final ArrayDeque<String> swept = new ArrayDeque<>();

  Removals(Shard shard) {
    this.shard = shard;
    this.batch = shard.newBatch();
  }

  /// Takes a binding away on both sides, and its source if that was to end with its last binding,
  /// and so on up the exchanges that led there.
  void unlink(Binding binding) {
    ArrayDeque<Binding> row = new ArrayDeque<>();
    row.add(binding);
    for (Binding next = row.poll(); next != null; next = row.poll()) {
      unlinkOne(next);
      Exchange source = next.source();
      boolean unused = source.autoDelete() && source.bindings().isEmpty();
      if (unused && source.host().exchange(source.name()) == source) {
        source.host().remove(source);
        source.gone(shard.memory());
        row.addAll(source.incoming());
        if (source.durable()) {
          remove(Definitions.key(source));
        }
      }
    }
  }

  private void unlinkOne(Binding binding) {
    binding.source().unbind(binding);
    switch (binding.destination()) {
      case Queue queue -> queue.bindings().remove(binding);
      case Exchange exchange -> exchange.incoming().remove(binding);
    }
    if (binding.durable()) {
      swept.add(Definitions.key(binding));
    }
  }

  /// Removes with the batch, as long as that is small.
  void remove(String key) {
    if (batch.length() < shard.store().batchBytesMax() / 2) {
      batch.remove(key);
    } else {
      swept.add(key);
    }
  }

  /// One binding, which is what is asked for: it goes with the batch.
  void unbind(Binding binding) {
    unlink(binding);
    if (binding.durable()) {
      swept.remove(Definitions.key(binding));
      remove(Definitions.key(binding));
    }
  }

  void delete(Log log) {
    batch.deleteLog(log);
  }

  void write(Client by) {
    if (!batch.isEmpty()) {
      shard.writeDefinition(batch);
    }
    sweep(shard, swept, by);
  }

  /// Removes definitions that nothing stands behind any more, a slice a turn. Nobody waits for it:
  /// after a crash, what was not swept is recognised by the ids of its ends and swept again.
  static void sweep(Shard shard, ArrayDeque<String> keys, Client by) {
    if (!keys.isEmpty()) {
      sweepOn(shard, keys, new Session(by, 0));
    }
  }

  /// As many as fit into half a batch: a key can be as long as a binding's arguments are.
  private static void sweepOn(Shard shard, ArrayDeque<String> keys, Session broom) {
    Batch batch = shard.newBatch();
    for (int i = 0; i < Limits.SLICE && !keys.isEmpty(); i++) {
      if (batch.length() >= shard.store().batchBytesMax() / 2) {
        break;
      }
      String key = keys.remove();
      // Made again under the same name meanwhile, it is not for us to remove.
      if (!Recovering.isThere(shard, key)) {
        batch.remove(key);
      }
    }
    if (!batch.isEmpty()) {
      shard.store().write(batch, false);
    }
    if (!keys.isEmpty()) {
      shard.later(broom, () -> sweepOn(shard, keys, broom));
    }
  }
}
