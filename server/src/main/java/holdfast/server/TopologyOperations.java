package holdfast.server;

import holdfast.broker.Broker;
import holdfast.core.Accounts;
import holdfast.core.Arguments;
import holdfast.core.Event;
import holdfast.core.Session;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Queues, exchanges and bindings.
final class TopologyOperations {
  private final Broker broker;
  private final Errands errands;

  TopologyOperations(Broker broker) {
    this.broker = broker;
    this.errands = new Errands(broker);
  }

  void addTo(Map<String, Operation> operations) {
    operations.put("queues.list", this::queues);
    operations.put("queues.add", this::addQueue);
    operations.put("queues.delete", this::deleteQueue);
    operations.put("queues.purge", this::purgeQueue);
    operations.put("exchanges.list", this::exchanges);
    operations.put("exchanges.add", this::addExchange);
    operations.put("exchanges.delete", this::deleteExchange);
    operations.put("bindings.list", this::bindings);
    operations.put("bindings.add", asked -> bind(asked, false));
    operations.put("bindings.delete", asked -> bind(asked, true));
  }

  private Event.Inspection look(Event.Sight sight) throws OperationRefused {
    return Waiting.on(broker.inspect(EnumSet.of(sight)));
  }

  private static String host(Asked asked) throws OperationRefused {
    return asked.text("vhost", HostOperations.USUAL);
  }

  // --- queues ---

  private Object queues(Asked asked) throws OperationRefused {
    Listing listing = Listing.of(asked);
    Accounts accounts = broker.accounts();
    AppliedPolicies policies = new AppliedPolicies(accounts, false);
    AppliedPolicies operators = new AppliedPolicies(accounts, true);
    return listing.rows(
        look(Event.Sight.QUEUES).queues(),
        Event.QueueInfo::vhost,
        Event.QueueInfo::name,
        queue -> row(queue, policies, operators));
  }

  private static Map<String, @Nullable Object> row(
      Event.QueueInfo queue, AppliedPolicies policies, AppliedPolicies operators) {
    Map<String, @Nullable Object> row = new LinkedHashMap<>();
    row.put("vhost", queue.vhost());
    row.put("name", queue.name());
    row.put("type", queue.type());
    row.put("durable", queue.durable());
    row.put("auto_delete", queue.autoDelete());
    row.put("exclusive", queue.exclusive());
    row.put("policy", policies.ofQueue(queue.vhost(), queue.name(), queue.type()));
    row.put("operator_policy", operators.ofQueue(queue.vhost(), queue.name(), queue.type()));
    row.put("state", "running");
    row.put("ready", queue.ready());
    row.put("unacknowledged", queue.unsettled());
    row.put("total", queue.ready() + queue.unsettled());
    row.put("consumers", (long) queue.consumers());
    row.put("owner", queue.owner() == null ? "" : queue.owner());
    row.put("arguments", JsonArguments.json(queue.arguments()));
    return row;
  }

  private Object addQueue(Asked asked) throws OperationRefused {
    String name = asked.name("name");
    boolean durable = !asked.flag("transient");
    boolean autoDelete = asked.flag("auto_delete");
    Map<String, @Nullable Object> table = new LinkedHashMap<>(asked.table("argument"));
    if (asked.has("type")) {
      table.put("x-queue-type", asked.name("type"));
    }
    Arguments arguments = JsonArguments.of(table);
    errands.run(host(asked), session -> queue(session, name, durable, autoDelete, arguments));
    return Map.of();
  }

  static holdfast.core.Command queue(
      Session session, String name, boolean durable, boolean autoDelete, Arguments arguments) {
    return new holdfast.core.Command.DeclareQueue(
        session, name, "", false, durable, false, autoDelete, arguments, true);
  }

  private void requireQueue(String host, String name) throws OperationRefused {
    errands.run(
        host,
        session ->
            new holdfast.core.Command.DeclareQueue(
                session, name, "", true, false, false, false, Arguments.NONE, false));
  }

  private Object deleteQueue(Asked asked) throws OperationRefused {
    String host = host(asked);
    String name = asked.name("name");
    boolean ifUnused = asked.flag("if_unused");
    boolean ifEmpty = asked.flag("if_empty");
    requireQueue(host, name);
    long messages =
        errands.run(
            host,
            session ->
                new holdfast.core.Command.DeleteQueue(session, name, ifUnused, ifEmpty, false));
    return Map.of("messages", messages);
  }

  private Object purgeQueue(Asked asked) throws OperationRefused {
    String name = asked.name("name");
    long messages =
        errands.run(
            host(asked), session -> new holdfast.core.Command.PurgeQueue(session, name, false));
    return Map.of("messages", messages);
  }

  // --- exchanges ---

  private Object exchanges(Asked asked) throws OperationRefused {
    AppliedPolicies policies = new AppliedPolicies(broker.accounts(), false);
    return Listing.of(asked)
        .rows(
            look(Event.Sight.EXCHANGES).exchanges(),
            Event.ExchangeInfo::vhost,
            Event.ExchangeInfo::name,
            exchange -> {
              Map<String, @Nullable Object> row = new LinkedHashMap<>();
              row.put("vhost", exchange.vhost());
              row.put("name", exchange.name());
              row.put("type", exchange.type());
              row.put("durable", exchange.durable());
              row.put("auto_delete", exchange.autoDelete());
              row.put("internal", exchange.internal());
              row.put("policy", policies.ofExchange(exchange.vhost(), exchange.name()));
              row.put("arguments", JsonArguments.json(exchange.arguments()));
              return row;
            });
  }

  private Object addExchange(Asked asked) throws OperationRefused {
    String name = asked.name("name");
    String type = asked.text("type", "direct");
    boolean durable = !asked.flag("transient");
    boolean autoDelete = asked.flag("auto_delete");
    boolean internal = asked.flag("internal");
    Arguments arguments = JsonArguments.of(asked.table("argument"));
    errands.run(
        host(asked),
        session -> exchange(session, name, type, durable, autoDelete, internal, arguments));
    return Map.of();
  }

  static holdfast.core.Command exchange(
      Session session,
      String name,
      String type,
      boolean durable,
      boolean autoDelete,
      boolean internal,
      Arguments arguments) {
    return new holdfast.core.Command.DeclareExchange(
        session, name, type, false, durable, autoDelete, internal, arguments, true);
  }

  private Object deleteExchange(Asked asked) throws OperationRefused {
    String host = host(asked);
    String name = asked.name("name");
    boolean ifUnused = asked.flag("if_unused");
    errands.run(
        host,
        session ->
            new holdfast.core.Command.DeclareExchange(
                session, name, "direct", true, false, false, false, Arguments.NONE, false));
    errands.run(
        host, session -> new holdfast.core.Command.DeleteExchange(session, name, ifUnused, false));
    return Map.of();
  }

  // --- bindings ---

  private Object bindings(Asked asked) throws OperationRefused {
    return Listing.of(asked)
        .rows(
            look(Event.Sight.BINDINGS).bindings(),
            Event.BindingInfo::vhost,
            binding -> binding.source() + " " + binding.destination(),
            TopologyOperations::json);
  }

  static Map<String, @Nullable Object> json(Event.BindingInfo binding) {
    Map<String, @Nullable Object> row = new LinkedHashMap<>();
    row.put("source", binding.source());
    row.put("vhost", binding.vhost());
    row.put("destination", binding.destination());
    row.put("destination_type", binding.toQueue() ? "queue" : "exchange");
    row.put("routing_key", binding.key());
    row.put("arguments", JsonArguments.json(binding.arguments()));
    return row;
  }

  private Object bind(Asked asked, boolean unbind) throws OperationRefused {
    String host = host(asked);
    String source = asked.name("source");
    String destination = asked.name("destination");
    boolean toQueue = !asked.flag("to_exchange");
    String key = asked.text("routing_key", "");
    Arguments arguments = JsonArguments.of(asked.table("argument"));
    errands.requireHost(host);
    if (unbind) {
      requireBinding(
          new Event.BindingInfo(host, source, toQueue, destination, key, arguments, false));
    }
    errands.run(
        host,
        session ->
            new holdfast.core.Command.Bind(
                session, unbind, toQueue, source, destination, key, arguments, false));
    return Map.of();
  }

  /// To unbind what is not bound is no mistake in the protocol, but is one of a person.
  private void requireBinding(Event.BindingInfo wanted) throws OperationRefused {
    List<Event.BindingInfo> all = look(Event.Sight.BINDINGS).bindings();
    boolean known =
        all.stream()
            .anyMatch(each ->
                each.vhost().equals(wanted.vhost())
                    && each.source().equals(wanted.source())
                    && each.toQueue() == wanted.toQueue()
                    && each.destination().equals(wanted.destination())
                    && each.key().equals(wanted.key())
                    && each.arguments().equals(wanted.arguments()));
    if (!known) {
      throw OperationRefused.notFound(
          "no binding of "
              + (wanted.toQueue() ? "queue '" : "exchange '")
              + wanted.destination()
              + "' to exchange '"
              + wanted.source()
              + "' with key '"
              + wanted.key()
              + "' and these arguments; 'holdfast bindings' lists them");
    }
  }
}
