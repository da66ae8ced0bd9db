package holdfast.server;

import holdfast.broker.Broker;
import holdfast.core.Accounts;
import holdfast.core.Event;
import holdfast.core.User;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Definitions in and out, in RabbitMQ's form. Out comes everything at once; in goes a slice of one
/// section after the other, so that neither side ever holds a large file.
final class DefinitionOperations {
  /// Queues and exchanges of such names are the broker's or its clients', not to be declared again.
  private static final String RESERVED = "amq.";

  private final Broker broker;
  private final DefinitionSections sections;

  DefinitionOperations(Broker broker) {
    this.broker = broker;
    this.sections = new DefinitionSections(broker);
  }

  void addTo(Map<String, Operation> operations) {
    operations.put("definitions.export", this::export);
    operations.put("definitions.take", this::take);
  }

  /// Takes `items` of a `section`; `vhost` is that of items that name none.
  private Object take(Asked asked) throws OperationRefused {
    return sections
        .take(asked.name("section"), asked.list("items"), asked.text("vhost", HostOperations.USUAL))
        .json();
  }

  // --- out ---

  private Object export(Asked asked) throws OperationRefused {
    Optional<String> only = asked.optional("vhost");
    if (only.isPresent()) {
      HostOperations.require(broker, asked);
    }
    Predicate<String> host = name -> only.isEmpty() || only.get().equals(name);
    Accounts accounts = broker.accounts();
    Event.Inspection seen =
        Waiting.on(
            broker.inspect(
                EnumSet.of(Event.Sight.QUEUES, Event.Sight.EXCHANGES, Event.Sight.BINDINGS)));
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    document.put("product_name", "Holdfast");
    document.put("product_version", Version.text());
    document.put("rabbitmq_definition_format", only.isEmpty() ? "cluster" : "single_virtual_host");
    if (only.isPresent()) {
      document.put("original_vhost_name", only.get());
    } else {
      putAccounts(document, accounts);
    }
    document.put("parameters", parameters(accounts, host));
    if (only.isEmpty()) {
      document.put("global_parameters", List.of());
    }
    document.put(
        "policies",
        accounts.policies().stream()
            .filter(each -> !each.operator() && host.test(each.host()))
            .map(DefinitionForms::json)
            .toList());
    document.put(
        "queues",
        rows(
            seen.queues(),
            each -> host.test(each.vhost()) && !each.exclusive() && isOwn(each.name()),
            DefinitionOperations::json));
    document.put(
        "exchanges",
        rows(
            seen.exchanges(),
            each -> host.test(each.vhost()) && !each.predeclared() && isOwn(each.name()),
            DefinitionOperations::json));
    document.put("bindings", bindings(seen, host));
    return document;
  }

  private static boolean isOwn(String name) {
    return !name.isEmpty() && !name.startsWith(RESERVED);
  }

  /// Without those of queues that are not exported.
  private static Object bindings(Event.Inspection seen, Predicate<String> host) {
    record Place(String host, String queue) {}
    var exclusive = new java.util.HashSet<Place>();
    for (Event.QueueInfo queue : seen.queues()) {
      if (queue.exclusive()) {
        exclusive.add(new Place(queue.vhost(), queue.name()));
      }
    }
    return rows(
        seen.bindings(),
        each ->
            host.test(each.vhost())
                && !(each.toQueue()
                    && (!isOwn(each.destination())
                        || exclusive.contains(new Place(each.vhost(), each.destination())))),
        TopologyOperations::json);
  }

  private static void putAccounts(Map<String, @Nullable Object> document, Accounts accounts) {
    document.put(
        "users",
        accounts.users().values().stream()
            .sorted(Comparator.comparing(User::name))
            .map(user ->
                DefinitionForms.json(
                    user, accounts.userLimits().getOrDefault(user.name(), Map.of())))
            .toList());
    document.put(
        "vhosts",
        accounts.hosts().entrySet().stream()
            .sorted(Map.Entry.comparingByKey())
            .map(host -> DefinitionForms.hostJson(host.getKey(), host.getValue()))
            .toList());
    document.put(
        "permissions",
        accounts.permissions().entrySet().stream()
            .sorted(Comparator.comparing(each -> each.getKey().toString()))
            .map(each -> UserOperations.json(each.getKey(), each.getValue()))
            .toList());
    document.put(
        "topic_permissions",
        accounts.topicPermissions().entrySet().stream()
            .sorted(Comparator.comparing(each -> each.getKey().toString()))
            .map(each -> UserOperations.json(each.getKey(), each.getValue()))
            .toList());
  }

  private static List<Map<String, @Nullable Object>> parameters(
      Accounts accounts, Predicate<String> host) {
    List<Map<String, @Nullable Object>> parameters = new ArrayList<>();
    new TreeMap<>(accounts.hostLimits())
        .forEach((name, limits) -> {
          if (host.test(name) && !limits.isEmpty()) {
            parameters.add(parameter(name, DefinitionSections.HOST_LIMITS, "limits", limits));
          }
        });
    for (Accounts.PolicyOfHost each : accounts.policies()) {
      if (each.operator() && host.test(each.host())) {
        parameters.add(
            parameter(
                each.host(),
                DefinitionSections.OPERATOR_POLICY,
                each.policy().name(),
                DefinitionForms.value(each.policy())));
      }
    }
    return parameters;
  }

  private static Map<String, @Nullable Object> parameter(
      String host, String component, String name, Object value) {
    Map<String, @Nullable Object> parameter = new LinkedHashMap<>();
    parameter.put("vhost", host);
    parameter.put("component", component);
    parameter.put("name", name);
    parameter.put("value", value);
    return parameter;
  }

  private static Map<String, @Nullable Object> json(Event.QueueInfo queue) {
    Map<String, @Nullable Object> row = new LinkedHashMap<>();
    row.put("name", queue.name());
    row.put("vhost", queue.vhost());
    row.put("type", queue.type());
    row.put("durable", queue.durable());
    row.put("auto_delete", queue.autoDelete());
    row.put("arguments", JsonArguments.json(queue.arguments()));
    return row;
  }

  private static Map<String, @Nullable Object> json(Event.ExchangeInfo exchange) {
    Map<String, @Nullable Object> row = new LinkedHashMap<>();
    row.put("name", exchange.name());
    row.put("vhost", exchange.vhost());
    row.put("type", exchange.type());
    row.put("durable", exchange.durable());
    row.put("auto_delete", exchange.autoDelete());
    row.put("internal", exchange.internal());
    row.put("arguments", JsonArguments.json(exchange.arguments()));
    return row;
  }

  private static <T> Object rows(
      List<T> all, Predicate<T> wanted, Function<T, Map<String, @Nullable Object>> row) {
    return Listing.EVERYTHING.rows(all.stream().filter(wanted).toList(), one -> "", one -> "", row);
  }
}
