package holdfast.core;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A world of its own names: exchanges and queues of one virtual host know nothing of another's.
/// Guarded by the gate.
public final class VirtualHost {
  private final String name;
  private final Map<String, Exchange> exchanges = new HashMap<>();
  private final Map<String, Queue> queues = new HashMap<>();
  private @Nullable Client keeper;

  /// Nobody listens.
  private static final class DeafOutbox implements Outbox {
    @Override
    public void add(Event event) {
      // What the keeper does is nobody's business.
    }

    @Override
    public boolean hasRoom() {
      return true;
    }
  }

  private final DirectReplies replies = new DirectReplies();

  /// What administrators say of it. Any thread may look.
  private volatile Arguments metadata = Arguments.NONE;

  /// Whether it is being deleted, or has been. Any thread may look.
  private volatile boolean deleted;

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

  /// Who does what nobody asked for: queues that end, dead letters on their way.
  Client keeper(Shard shard) {
    Client known = keeper;
    if (known == null) {
      known = shard.newClient("broker", this, new DeafOutbox());
      keeper = known;
    }
    return known;
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

  DirectReplies replies() {
    return replies;
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

  Collection<Exchange> exchanges() {
    return exchanges.values();
  }

  Arguments metadata() {
    return metadata;
  }

  void describe(Arguments said) {
    metadata = said;
  }

  /// What a queue is to be of that is declared without a type: where it can be of the default one,
  /// that. A queue that is there keeps its own.
  Arguments withType(Command.DeclareQueue c, @Nullable Queue existing) {
    Object type = metadata.get(ChangeRules.DEFAULT_QUEUE_TYPE);
    boolean any = c.durable() && !c.exclusive() && !c.autoDelete();
    if (type == null
        || "undefined".equals(type)
        || !any
        || c.arguments().get(QueueRules.TYPE) != null) {
      return c.arguments();
    }
    Object meant =
        existing == null ? type : existing.declaration().arguments().get(QueueRules.TYPE);
    if (meant == null) {
      return c.arguments(); // declared before there was a default
    }
    Map<String, @Nullable Object> arguments = new LinkedHashMap<>(c.arguments().asMap());
    arguments.put(QueueRules.TYPE, meant);
    return Arguments.of(arguments);
  }

  boolean deleted() {
    return deleted;
  }

  /// Nothing can be done in it from now on, but to take it apart.
  void delete() {
    deleted = true;
  }

  Collection<Queue> queues() {
    return queues.values();
  }
}
