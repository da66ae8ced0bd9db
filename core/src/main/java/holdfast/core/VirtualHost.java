package holdfast.core;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A world of its own names: exchanges and queues of one virtual host know nothing of another's.
/// Guarded by the gate.
public final class VirtualHost {
  private final String name;
  private final Map<String, Exchange> exchanges = new HashMap<>();
  private final Map<String, Queue> queues = new HashMap<>();

  VirtualHost(String name) {
    this.name = name;
    add(new DefaultExchange(this));
    for (String type : new String[] {"direct", "fanout", "topic", "headers"}) {
      predeclare("amq." + type, type);
    }
    predeclare("amq.match", "headers");
  }

  private void predeclare(String exchange, String type) {
    Exchange created =
        Exchange.create(
            this,
            new Exchange.Declaration(exchange, type, true, false, false, Arguments.NONE),
            Exchange.PREDECLARED);
    if (created != null) {
      add(created);
    }
  }

  public String name() {
    return name;
  }

  @Nullable Exchange exchange(String exchange) {
    return exchanges.get(exchange);
  }

  @Nullable Queue queue(String queue) {
    return queues.get(queue);
  }

  void add(Exchange exchange) {
    exchanges.put(exchange.name(), exchange);
  }

  void add(Queue queue) {
    queues.put(queue.name(), queue);
  }

  void remove(Exchange exchange) {
    exchanges.remove(exchange.name());
  }

  void remove(Queue queue) {
    queues.remove(queue.name());
  }

  Collection<Queue> queues() {
    return queues.values();
  }
}
