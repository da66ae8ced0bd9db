package holdfast.core;

import holdfast.store.ByteReader;
import holdfast.store.Log;
import holdfast.store.Store;
import java.util.Map;

/// Makes a shard's state again from what its store holds.
final class Recovering {
  private Recovering() {}

  static void recover(Shard shard, Formats formats) {
    Store store = shard.store();
    for (Map.Entry<String, byte[]> definition : store.definitions().entrySet()) {
      String key = definition.getKey();
      byte[] value = definition.getValue();
      switch (key.charAt(0)) {
        case Definitions.HOST -> shard.addRecovered(new VirtualHost(Definitions.names(key, 1)[0]));
        case Definitions.EXCHANGE -> exchange(shard, Definitions.names(key, 2), value);
        case Definitions.QUEUE -> queue(shard, Definitions.names(key, 2), value, formats);
        case Definitions.BINDING -> binding(shard, Definitions.names(key, 5), value);
        default -> throw new ByteReader.MalformedException("a definition named " + key);
      }
    }
  }

  private static VirtualHost host(Shard shard, String name) {
    VirtualHost host = shard.host(name);
    if (host == null) {
      throw new ByteReader.MalformedException("a definition in vhost '" + name + "', which is not");
    }
    return host;
  }

  private static void exchange(Shard shard, String[] names, byte[] value) {
    VirtualHost host = host(shard, names[0]);
    Exchange exchange = Exchange.create(host, Definitions.exchange(names[1], value));
    if (exchange == null) {
      throw new ByteReader.MalformedException(
          "exchange '" + names[1] + "' is of a type that this version does not know");
    }
    host.add(exchange);
  }

  private static void queue(Shard shard, String[] names, byte[] value, Formats formats) {
    VirtualHost host = host(shard, names[0]);
    Definitions.QueueOfLog definition = Definitions.queue(names[1], value);
    Log log = shard.store().log(definition.logId());
    if (log == null) {
      throw new ByteReader.MalformedException("queue '" + names[1] + "' has lost its log");
    }
    Queue queue = new Queue(shard, host, definition.declaration(), log, null);
    host.add(queue);
    shard.countQueues(1);
    shard
        .store()
        .recover(
            log,
            (sequence, header, body, mayHaveBeenDelivered) -> {
              Message message = Message.recovered(header, body, formats);
              shard.memory().add(message.footprint());
              queue.recovered(message, sequence, mayHaveBeenDelivered);
            });
  }

  private static void binding(Shard shard, String[] names, byte[] value) {
    VirtualHost host = host(shard, names[0]);
    Exchange source = host.exchange(names[1]);
    Destination destination = names[2].equals("q") ? host.queue(names[3]) : host.exchange(names[3]);
    if (source == null || destination == null) {
      throw new ByteReader.MalformedException(
          "a binding from '" + names[1] + "' to '" + names[3] + "', of which one is not there");
    }
    shard
        .declaring()
        .link(new Binding(source, destination, names[4], Definitions.bindingArguments(value)));
  }
}
