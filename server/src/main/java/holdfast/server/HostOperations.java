package holdfast.server;

import holdfast.broker.Broker;
import holdfast.core.Accounts;
import holdfast.core.Arguments;
import holdfast.core.Change;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Virtual hosts, and the limits of these and of users.
final class HostOperations {
  /// The virtual host that is meant when none is named.
  static final String USUAL = "/";

  private final Broker broker;

  HostOperations(Broker broker) {
    this.broker = broker;
  }

  void addTo(Map<String, Operation> operations) {
    operations.put("vhosts.list", this::list);
    operations.put("vhosts.add", this::add);
    operations.put("vhosts.delete", this::delete);
    operations.put("limits.list", this::limits);
    operations.put("limits.set", this::setLimits);
    operations.put("limits.clear", this::clearLimits);
  }

  /// The virtual host that is asked about, which has to be there.
  static String require(Broker broker, Asked asked) throws OperationRefused {
    return require(broker, asked.text("vhost", USUAL));
  }

  private static String require(Broker broker, String host) throws OperationRefused {
    if (!broker.accounts().hosts().containsKey(host)) {
      throw OperationRefused.notFound(
          "no vhost '" + host + "'; 'holdfast vhosts' lists those there are");
    }
    return host;
  }

  private Object list(Asked asked) throws OperationRefused {
    Accounts accounts = broker.accounts();
    return Listing.of(asked)
        .rows(
            List.copyOf(accounts.hosts().entrySet()),
            entry -> "",
            Map.Entry::getKey,
            entry -> {
              Map<String, @Nullable Object> row =
                  DefinitionForms.hostJson(entry.getKey(), entry.getValue());
              row.remove("metadata");
              row.put("limits", accounts.hostLimits().getOrDefault(entry.getKey(), Map.of()));
              return row;
            });
  }

  private Object add(Asked asked) throws OperationRefused {
    Arguments metadata = DefinitionForms.metadata(asked);
    Waiting.on(broker.administer(new Change.PutHost(asked.name("name"), metadata)));
    return Map.of();
  }

  private Object delete(Asked asked) throws OperationRefused {
    String host = require(broker, asked.name("name"));
    Waiting.on(broker.administer(new Change.DeleteHost(host)));
    return Map.of();
  }

  // --- limits ---

  private Object limits(Asked asked) throws OperationRefused {
    Accounts accounts = broker.accounts();
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    if (!asked.has("user")) {
      addRows(rows, "vhost", accounts.hostLimits(), asked.text("vhost", ""));
    }
    if (!asked.has("vhost")) {
      addRows(rows, "user", accounts.userLimits(), asked.text("user", ""));
    }
    return rows;
  }

  private static void addRows(
      List<Map<String, @Nullable Object>> rows,
      String of,
      Map<String, Map<String, Long>> all,
      String only) {
    all.forEach((name, limits) -> {
      if (only.isEmpty() || only.equals(name)) {
        limits.forEach((limit, value) -> {
          Map<String, @Nullable Object> row = new LinkedHashMap<>();
          row.put("of", of);
          row.put("name", name);
          row.put("limit", limit);
          row.put("value", value);
          rows.add(row);
        });
      }
    });
  }

  private Object setLimits(Asked asked) throws OperationRefused {
    Map<String, Long> wished = asked.numbers("limits");
    if (wished.isEmpty()) {
      throw OperationRefused.bad("name a limit: max-connections=100");
    }
    Whose whose = whose(asked);
    DefinitionForms.limits(wished, whose.known());
    Map<String, Long> limits = new LinkedHashMap<>(whose.now());
    limits.putAll(wished);
    return change(whose, DefinitionForms.limits(limits, whose.known()));
  }

  private Object clearLimits(Asked asked) throws OperationRefused {
    Whose whose = whose(asked);
    Map<String, Long> limits = new LinkedHashMap<>(whose.now());
    List<String> names = asked.words("names");
    for (String name : names) {
      DefinitionForms.requireLimit(name, whose.known());
      limits.remove(name);
    }
    return change(whose, names.isEmpty() ? Map.of() : limits);
  }

  private Object change(Whose whose, Map<String, Long> limits) throws OperationRefused {
    Waiting.on(
        broker.administer(
            whose.isUser()
                ? new Change.PutUserLimits(whose.name(), limits)
                : new Change.PutHostLimits(whose.name(), limits)));
    return Map.of();
  }

  /// Whose limits are meant.
  private record Whose(boolean isUser, String name, Map<String, Long> now, Set<String> known) {}

  private Whose whose(Asked asked) throws OperationRefused {
    if (asked.has("user") == asked.has("vhost")) {
      throw OperationRefused.bad("name one of --vhost and --user: whose limits are meant?");
    }
    Accounts accounts = broker.accounts();
    if (asked.has("vhost")) {
      String host = require(broker, asked);
      Map<String, Long> now = accounts.hostLimits().getOrDefault(host, Map.of());
      return new Whose(false, host, now, DefinitionForms.HOST_LIMITS);
    }
    String user = asked.name("user");
    if (!accounts.users().containsKey(user)) {
      throw OperationRefused.notFound("no user '" + user + "'; 'holdfast users' lists them");
    }
    Map<String, Long> now = accounts.userLimits().getOrDefault(user, Map.of());
    return new Whose(true, user, now, DefinitionForms.USER_LIMITS);
  }
}
