package holdfast.core;

import holdfast.store.ByteReader;
import holdfast.store.Log;
import holdfast.store.Store;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Makes a shard's state again from what its store holds: work for each definition, none for what
/// waits in the logs.
final class Recovering {
  private Recovering() {}

  /// Returns the keys of definitions that nothing stands behind any more.
  static ArrayDeque<String> recover(Shard shard) {
    Store store = shard.store();
    ArrayDeque<String> stale = new ArrayDeque<>();
    AccountDefinitions accounts = new AccountDefinitions();
    Map<Long, Stream> streams = new HashMap<>();
    for (Map.Entry<String, byte[]> definition : store.definitions().entrySet()) {
      String key = definition.getKey();
      byte[] value = definition.getValue();
      switch (key.charAt(0)) {
        case Definitions.HOST ->
            shard.hosts().add(Definitions.host(Definitions.names(key, 1)[0], value));
        case Definitions.EXCHANGE -> exchange(shard, Definitions.names(key, 2), value);
        case Definitions.QUEUE -> queue(shard, Definitions.names(key, 2), value, streams);
        case Definitions.SEGMENT -> {
          if (!segment(streams, Definitions.names(key, 2), value)) {
            stale.add(key);
          }
        }
        case Definitions.BINDING -> {
          if (!binding(shard, key, Definitions.ends(value))) {
            stale.add(key);
          }
        }
        default -> {
          if (!accounts.recover(key, value)) {
            throw new ByteReader.MalformedException("a definition named " + key);
          }
        }
      }
    }
    shard.administration().recovered(accounts);
    streams.values().forEach(Stream::recovered);
    return stale;
  }

  private static VirtualHost host(Shard shard, String name) {
    VirtualHost host = shard.hosts().findAny(name);
    if (host == null) {
      throw new ByteReader.MalformedException("a definition in vhost '" + name + "', which is not");
    }
    return host;
  }

  private static void exchange(Shard shard, String[] names, byte[] value) {
    VirtualHost host = host(shard, names[0]);
    Definitions.ExchangeOfId definition = Definitions.exchange(names[1], value);
    Exchange exchange = Exchange.create(host, definition.declaration(), definition.id());
    if (exchange == null) {
      throw new ByteReader.MalformedException(
          "exchange '" + names[1] + "' is of a type that this version does not know");
    }
    host.add(exchange);
  }

  /// With what its log holds, which stays on disk until somebody takes it.
  private static void queue(Shard shard, String[] names, byte[] value, Map<Long, Stream> streams) {
    VirtualHost host = host(shard, names[0]);
    Definitions.QueueOfLog definition = Definitions.queue(names[1], value);
    Log log = log(shard, names[1], definition.logId());
    Queue queue =
        new Queue(shard, host, definition.declaration(), log, null, definition.messagesAge());
    definition
        .lanes()
        .forEach((priority, logId) -> queue.addLane(priority, log(shard, names[1], logId)));
    shard.addRecovered(queue);
    Stream stream = queue.stream();
    if (stream != null) {
      streams.put(log.id(), stream);
    }
  }

  /// False for a segment of which nothing is left.
  private static boolean segment(Map<Long, Stream> streams, String[] names, byte[] value) {
    Stream stream = streams.get(Long.valueOf(names[0]));
    return stream != null && stream.recovered(Long.parseLong(names[1]), value);
  }

  private static Log log(Shard shard, String queue, long id) {
    Log log = shard.store().log(id);
    if (log == null) {
      throw new ByteReader.MalformedException("queue '" + queue + "' has lost its log");
    }
    return log;
  }

  /// False for a binding that has lost one of its ends: to what has the same name now it was never
  /// bound.
  private static boolean binding(Shard shard, String key, Definitions.Ends ends) {
    Binding binding = binding(shard, key);
    if (binding == null
        || binding.source().id() != ends.source()
        || binding.destination().id() != ends.destination()) {
      return false;
    }
    DeclaringExchanges.link(binding);
    return true;
  }

  /// The binding of a key between what has the names of its ends now; null if one is not there.
  private static @Nullable Binding binding(Shard shard, String key) {
    String[] names = Definitions.names(key, 5);
    VirtualHost host = shard.hosts().findAny(names[0]);
    if (host == null) {
      return null; // deleted, and this was still to be swept
    }
    Exchange source = host.exchange(names[1]);
    Destination destination = names[2].equals("q") ? host.queue(names[3]) : host.exchange(names[3]);
    if (source == null || destination == null) {
      return null;
    }
    return new Binding(source, destination, names[4], Definitions.bindingArguments(key));
  }

  /// Whether the definition of a key stands for something that is there.
  static boolean isThere(Shard shard, String key) {
    if (key.charAt(0) == Definitions.BINDING) {
      Binding binding = binding(shard, key);
      Binding there = binding == null ? null : binding.source().bindingLike(binding);
      return there != null && there.durable() && Definitions.key(there).equals(key);
    }
    String[] names = Definitions.names(key, 2);
    if (key.charAt(0) == Definitions.SEGMENT) {
      Log log = shard.store().log(Long.parseLong(names[0]));
      return log != null && Long.parseLong(names[1]) >= log.low();
    }
    VirtualHost host = shard.hosts().findAny(names[0]);
    Exchange exchange = host == null ? null : host.exchange(names[1]);
    return exchange != null && exchange.durable();
  }
}
