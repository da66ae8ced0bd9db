package holdfast.server;

import holdfast.broker.Broker;
import holdfast.core.Accounts;
import holdfast.core.Arguments;
import holdfast.core.Change;
import holdfast.core.CoreError;
import holdfast.core.Passwords;
import holdfast.core.Permissions;
import holdfast.core.Policy;
import holdfast.core.Session;
import holdfast.core.User;
import holdfast.server.ImportReport.Fate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Takes the objects of a definitions file, section by section. What is there already stays as it
/// is; one that cannot be taken keeps none of the others out.
final class DefinitionSections {
  static final String HOST_LIMITS = "vhost-limits";
  static final String OPERATOR_POLICY = "operator_policy";

  /// In the order in which they need each other.
  static final List<Set<String>> RANKS =
      List.of(
          Set.of("users", "vhosts"),
          Set.of("permissions", "topic_permissions", "parameters", "global_parameters", "policies"),
          Set.of("queues", "exchanges"),
          Set.of("bindings"));

  /// Global parameters that say what another broker is, and nothing of what it does.
  private static final Set<String> OF_THE_OTHER =
      Set.of("cluster_name", "internal_cluster_id", "cluster_tags");

  private final Broker broker;
  private final Errands errands;

  DefinitionSections(Broker broker) {
    this.broker = broker;
    this.errands = new Errands(broker);
  }

  /// How one object is taken, unless it has to be refused.
  private interface Taking {
    void take(Asked item, String host) throws OperationRefused;
  }

  ImportReport take(String section, List<?> items, String usualHost) throws OperationRefused {
    ImportReport report = new ImportReport();
    switch (section) {
      case "users" -> each(report, section, items, usualHost, (item, host) -> user(report, item));
      case "vhosts" -> each(report, section, items, usualHost, (item, host) -> host(report, item));
      case "permissions" ->
          each(report, section, items, usualHost, (item, host) -> permissions(report, item, host));
      case "topic_permissions" ->
          each(report, section, items, usualHost, (item, host) -> topics(report, item, host));
      case "parameters" ->
          each(report, section, items, usualHost, (item, host) -> parameter(report, item, host));
      case "global_parameters" ->
          each(report, section, items, usualHost, (item, host) -> global(report, item));
      case "policies" ->
          each(
              report,
              section,
              items,
              usualHost,
              (item, host) -> policy(report, section, host, DefinitionForms.policy(item), false));
      case "queues", "exchanges", "bindings" -> topology(report, section, items, usualHost);
      default -> throw OperationRefused.bad("no section '" + section + "' in definitions");
    }
    return report;
  }

  private static void each(
      ImportReport report, String section, List<?> items, String usualHost, Taking taking)
      throws OperationRefused {
    for (Object json : items) {
      try {
        Asked item = Asked.of(json);
        taking.take(item, item.text("vhost", usualHost));
      } catch (OperationRefused refused) {
        if (refused.kind() == OperationRefused.Kind.UNAVAILABLE) {
          throw refused;
        }
        report.add(Fate.REFUSED, section, name(json), refused.text());
      }
    }
  }

  /// What an object is called in the report, whatever is wrong with it.
  private static String name(@Nullable Object json) {
    if (!(json instanceof Map<?, ?> map)) {
      return "";
    }
    List<String> parts = new ArrayList<>();
    for (String key :
        List.of(
            "vhost",
            "component",
            "user",
            "exchange",
            "name",
            "source",
            "destination",
            "routing_key")) {
      Object part = map.get(key);
      if (part != null) {
        parts.add(key.equals("vhost") ? part + ":" : part.toString());
      }
    }
    return String.join(" ", parts);
  }

  // --- accounts ---

  private void user(ImportReport report, Asked item) throws OperationRefused {
    User user = DefinitionForms.user(item);
    Map<String, Long> limits =
        DefinitionForms.limits(item.numbers("limits"), DefinitionForms.USER_LIMITS);
    User there = broker.accounts().users().get(user.name());
    if (there == null) {
      Waiting.on(broker.administer(new Change.PutUser(user)));
      if (!limits.isEmpty()) {
        Waiting.on(broker.administer(new Change.PutUserLimits(user.name(), limits)));
      }
      report.add(Fate.TAKEN, "users", user.name(), "");
      return;
    }
    boolean samePassword =
        item.has("password_hash")
            ? Arrays.equals(there.passwordHash(), user.passwordHash())
            : Passwords.matches(there, item.text("password"));
    boolean same =
        samePassword
            && there.tags().equals(user.tags())
            && broker.accounts().userLimits().getOrDefault(user.name(), Map.of()).equals(limits);
    put(
        report,
        same,
        "users",
        user.name(),
        samePassword ? "other tags or limits" : "another password");
  }

  private void host(ImportReport report, Asked item) throws OperationRefused {
    String name = item.name("name");
    Arguments metadata = DefinitionForms.metadata(item);
    Arguments there = broker.accounts().hosts().get(name);
    // One without a word to it, as the first start makes it, has nothing to lose.
    if (there == null || there.isEmpty() && !metadata.isEmpty()) {
      Waiting.on(broker.administer(new Change.PutHost(name, metadata)));
      report.add(Fate.TAKEN, "vhosts", name, "");
    } else {
      Arguments usual = DefinitionForms.metadata(new Asked(JsonArguments.json(there)));
      boolean same = metadata.isEmpty() || withoutUsual(usual).equals(withoutUsual(metadata));
      put(report, same, "vhosts", name, "another description, tags or default queue type");
    }
  }

  /// A virtual host that says that its queues are classic says nothing new.
  private static Arguments withoutUsual(Arguments metadata) {
    Map<String, @Nullable Object> values = new LinkedHashMap<>(metadata.asMap());
    values.remove("default_queue_type", "classic");
    return Arguments.of(values);
  }

  private static void put(
      ImportReport report, boolean same, String section, String name, String differs) {
    report.add(same ? Fate.SAME : Fate.KEPT, section, name, "it is here with " + differs);
  }

  private void requireUserAndHost(String user, String host) throws OperationRefused {
    errands.requireHost(host);
    if (!broker.accounts().users().containsKey(user)) {
      throw OperationRefused.notFound("no user '" + user + "'");
    }
  }

  private void permissions(ImportReport report, Asked item, String host) throws OperationRefused {
    Accounts.Key key = new Accounts.Key(host, item.name("user"));
    Permissions permissions = UserOperations.permissionsOf(item);
    requireUserAndHost(key.user(), host);
    Permissions there = broker.accounts().permissions().get(key);
    String name = key.user() + " in " + host;
    if (there == null) {
      Waiting.on(broker.administer(new Change.PutPermissions(host, key.user(), permissions)));
      report.add(Fate.TAKEN, "permissions", name, "");
    } else {
      put(report, there.equals(permissions), "permissions", name, "other permissions");
    }
  }

  private void topics(ImportReport report, Asked item, String host) throws OperationRefused {
    Accounts.TopicKey key =
        new Accounts.TopicKey(host, item.name("user"), item.text("exchange", ""));
    Accounts.TopicPermissions permissions =
        new Accounts.TopicPermissions(
            DefinitionForms.pattern(item, "write"), DefinitionForms.pattern(item, "read"));
    requireUserAndHost(key.user(), host);
    Accounts.TopicPermissions there = broker.accounts().topicPermissions().get(key);
    String name = key.user() + " in " + host + " for " + key.exchange();
    if (there == null) {
      Waiting.on(
          broker.administer(
              new Change.PutTopicPermissions(
                  host, key.user(), key.exchange(), permissions.write(), permissions.read())));
      report.add(Fate.TAKEN, "topic_permissions", name, "");
    } else {
      put(report, there.equals(permissions), "topic_permissions", name, "other permissions");
    }
  }

  private void parameter(ImportReport report, Asked item, String host) throws OperationRefused {
    String component = item.name("component");
    switch (component) {
      case HOST_LIMITS -> hostLimits(report, new Asked(item.table("value")), host);
      case OPERATOR_POLICY -> {
        Map<String, @Nullable Object> value = new LinkedHashMap<>(item.table("value"));
        value.put("name", item.name("name"));
        Policy policy = DefinitionForms.policy(new Asked(value));
        policy(report, "parameters", host, policy, true);
      }
      default ->
          throw OperationRefused.bad(
              "parameters of component '" + component + "' mean nothing to this broker");
    }
  }

  private void hostLimits(ImportReport report, Asked value, String host) throws OperationRefused {
    Map<String, Long> wished = new LinkedHashMap<>();
    for (String name : value.values().keySet()) {
      wished.put(name, value.number(name, -1));
    }
    Map<String, Long> limits = DefinitionForms.limits(wished, DefinitionForms.HOST_LIMITS);
    errands.requireHost(host);
    Map<String, Long> there = broker.accounts().hostLimits().getOrDefault(host, Map.of());
    if (there.isEmpty() && !limits.isEmpty()) {
      Waiting.on(broker.administer(new Change.PutHostLimits(host, limits)));
      report.add(Fate.TAKEN, "parameters", "limits of " + host, "");
    } else {
      put(report, there.equals(limits), "parameters", "limits of " + host, "other limits");
    }
  }

  private static void global(ImportReport report, Asked item) throws OperationRefused {
    String name = item.name("name");
    if (!OF_THE_OTHER.contains(name)) {
      throw OperationRefused.bad("global parameter '" + name + "' means nothing to this broker");
    }
    report.add(
        Fate.SKIPPED,
        "global_parameters",
        name,
        "it names the cluster it came from; cluster_name is a setting here");
  }

  private void policy(
      ImportReport report, String section, String host, Policy policy, boolean operator)
      throws OperationRefused {
    errands.requireHost(host);
    String name = (operator ? "operator policy " : "") + policy.name() + " in " + host;
    for (Accounts.PolicyOfHost there : broker.accounts().policies()) {
      if (there.operator() == operator
          && there.host().equals(host)
          && there.policy().name().equals(policy.name())) {
        put(report, there.policy().equals(policy), section, name, "another definition");
        return;
      }
    }
    Waiting.on(broker.administer(new Change.PutPolicy(host, policy, operator)));
    report.add(Fate.TAKEN, section, name, "");
  }

  // --- topology ---

  /// An object that is to be declared, as far as it could be understood.
  private interface Declared {
    holdfast.core.Command command(Session session);
  }

  private record Item(Object json, Declared declared) {}

  /// Everything of one virtual host goes in one errand, and waits for the disk once.
  private void topology(ImportReport report, String section, List<?> items, String usualHost)
      throws OperationRefused {
    Map<String, List<Item>> byHost = new LinkedHashMap<>();
    each(
        report,
        section,
        items,
        usualHost,
        (item, host) -> {
          errands.requireHost(host);
          Declared declared =
              switch (section) {
                case "queues" -> queue(item);
                case "exchanges" -> exchange(item);
                default -> binding(item);
              };
          byHost
              .computeIfAbsent(host, each -> new ArrayList<>())
              .add(new Item(item.values(), declared));
        });
    for (Map.Entry<String, List<Item>> entry : byHost.entrySet()) {
      declare(report, section, entry.getKey(), entry.getValue());
    }
  }

  private void declare(ImportReport report, String section, String host, List<Item> items)
      throws OperationRefused {
    List<holdfast.core.Command> commands = new ArrayList<>();
    Errands.Ends ends =
        errands.runAll(
            host,
            session -> {
              items.forEach(item -> commands.add(item.declared().command(session)));
              return commands;
            });
    for (int i = 0; i < items.size(); i++) {
      CoreError error = ends.errors().get(commands.get(i));
      String name = name(items.get(i).json());
      if (error == null) {
        report.add(Fate.TAKEN, section, name, "");
      } else {
        boolean isThere = error.text().startsWith("inequivalent arg");
        report.add(isThere ? Fate.KEPT : Fate.REFUSED, section, name, error.text());
      }
    }
  }

  private static Declared queue(Asked item) throws OperationRefused {
    String name = item.name("name");
    boolean durable = item.flag("durable", true);
    boolean autoDelete = item.flag("auto_delete");
    Map<String, @Nullable Object> table = new LinkedHashMap<>(item.table("arguments"));
    String type = item.text("type", "classic");
    if (!type.equals("classic")) {
      table.putIfAbsent("x-queue-type", type);
    }
    Arguments arguments = JsonArguments.of(table);
    return session -> TopologyOperations.queue(session, name, durable, autoDelete, arguments);
  }

  private static Declared exchange(Asked item) throws OperationRefused {
    String name = item.name("name");
    String type = item.name("type");
    boolean durable = item.flag("durable", true);
    boolean autoDelete = item.flag("auto_delete");
    boolean internal = item.flag("internal");
    Arguments arguments = JsonArguments.of(item.table("arguments"));
    return session ->
        TopologyOperations.exchange(session, name, type, durable, autoDelete, internal, arguments);
  }

  private static Declared binding(Asked item) throws OperationRefused {
    String source = item.text("source");
    String destination = item.name("destination");
    String kind = item.text("destination_type", "queue");
    if (!Objects.equals(kind, "queue") && !Objects.equals(kind, "exchange")) {
      throw OperationRefused.bad("destination_type '" + kind + "' is neither queue nor exchange");
    }
    String key = item.text("routing_key", "");
    Arguments arguments = JsonArguments.of(item.table("arguments"));
    return session ->
        new holdfast.core.Command.Bind(
            session, false, kind.equals("queue"), source, destination, key, arguments, true);
  }
}
