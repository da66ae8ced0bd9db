package holdfast.server;

import holdfast.amqp091.CloseAsked;
import holdfast.broker.Broker;
import holdfast.core.Event;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Connections, their channels and consumers.
final class ClientOperations {
  private static final String REASON = "closed by an administrator";

  private final Broker broker;
  private final Consumer<Object> tellConnections;

  ClientOperations(Broker broker, Consumer<Object> tellConnections) {
    this.broker = broker;
    this.tellConnections = tellConnections;
  }

  void addTo(Map<String, Operation> operations) {
    operations.put("connections.list", this::connections);
    operations.put("connections.close", this::close);
    operations.put("channels.list", this::channels);
    operations.put("consumers.list", this::consumers);
  }

  private Event.Inspection look(Event.Sight sight) throws OperationRefused {
    return Waiting.on(broker.inspect(EnumSet.of(sight)));
  }

  private Object connections(Asked asked) throws OperationRefused {
    boolean alarm = broker.blockedReason() != null;
    return Listing.of(asked)
        .rows(
            look(Event.Sight.CLIENTS).clients(),
            Event.ClientInfo::vhost,
            Event.ClientInfo::name,
            client -> {
              Map<String, @Nullable Object> row = new LinkedHashMap<>();
              row.put("name", client.name());
              row.put("user", client.facts().user());
              row.put("vhost", client.vhost());
              row.put("peer", client.facts().peer());
              row.put("tls", client.facts().tls());
              row.put("state", state(client, alarm));
              row.put("channels", (long) client.sessions());
              row.put("consumers", (long) client.consumers());
              row.put("unacknowledged", client.unsettled());
              row.put("blocked", client.blocked());
              for (String property : List.of("product", "version", "connection_name")) {
                row.put(property, client.facts().properties().getOrDefault(property, ""));
              }
              return row;
            });
  }

  /// In the words of the field: `blocking` publishes nothing so far, `flow` sends faster than the
  /// broker takes.
  private static String state(Event.ClientInfo client, boolean alarm) {
    if (client.blocked()) {
      return "blocked";
    }
    if (alarm) {
      return "blocking";
    }
    return client.behind() ? "flow" : "running";
  }

  private Object close(Asked asked) throws OperationRefused {
    boolean all = asked.flag("all");
    if (all == asked.has("name")) {
      throw OperationRefused.bad(
          "name one connection, or say --all; 'holdfast connections' lists them");
    }
    if (!all && (asked.has("vhost") || asked.has("user"))) {
      throw OperationRefused.bad("--vhost and --user go with --all");
    }
    String name = asked.text("name", "");
    String vhost = asked.text("vhost", "");
    String user = asked.text("user", "");
    Set<String> names =
        look(Event.Sight.CLIENTS).clients().stream()
            .filter(client -> all || client.name().equals(name))
            .filter(client -> vhost.isEmpty() || client.vhost().equals(vhost))
            .filter(client -> user.isEmpty() || client.facts().user().equals(user))
            .map(Event.ClientInfo::name)
            .collect(Collectors.toSet());
    if (names.isEmpty() && !all) {
      throw OperationRefused.notFound(
          "no connection '" + name + "'; 'holdfast connections' lists those there are");
    }
    tellConnections.accept(new CloseAsked(names::contains, asked.text("reason", REASON)));
    return Map.of("connections", (long) names.size());
  }

  private Object channels(Asked asked) throws OperationRefused {
    return Listing.of(asked)
        .rows(
            look(Event.Sight.SESSIONS).sessions(),
            Event.SessionInfo::vhost,
            Event.SessionInfo::client,
            session -> {
              Map<String, @Nullable Object> row = new LinkedHashMap<>();
              row.put("connection", session.client());
              row.put("number", (long) session.number());
              row.put("user", session.user());
              row.put("vhost", session.vhost());
              row.put("prefetch", (long) session.prefetchOfConsumers());
              row.put("global_prefetch", (long) session.prefetchOfSession());
              row.put("unacknowledged", session.unsettled());
              row.put("unconfirmed", session.unconfirmed());
              row.put("consumers", (long) session.consumers());
              row.put("mode", mode(session));
              return row;
            });
  }

  private static String mode(Event.SessionInfo session) {
    return session.transactional() ? "tx" : session.confirms() ? "confirm" : "plain";
  }

  private Object consumers(Asked asked) throws OperationRefused {
    return Listing.of(asked)
        .rows(
            look(Event.Sight.CONSUMERS).consumers(),
            Event.ConsumerInfo::vhost,
            Event.ConsumerInfo::queue,
            consumer -> {
              Map<String, @Nullable Object> row = new LinkedHashMap<>();
              row.put("vhost", consumer.vhost());
              row.put("queue", consumer.queue());
              row.put("tag", consumer.tag());
              row.put("connection", consumer.client());
              row.put("channel", (long) consumer.session());
              row.put("ack", consumer.autoSettle() ? "automatic" : "manual");
              row.put("prefetch", (long) consumer.prefetch());
              row.put("unacknowledged", consumer.unsettled());
              row.put("exclusive", consumer.exclusive());
              row.put("active", consumer.active());
              row.put("priority", (long) consumer.priority());
              return row;
            });
  }
}
