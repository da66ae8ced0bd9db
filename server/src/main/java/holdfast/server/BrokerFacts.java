package holdfast.server;

import holdfast.broker.Broker;
import holdfast.core.Event;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What the running broker says of itself, and does for its administrator. On the control socket's
/// thread, which waits for the gate.
final class BrokerFacts implements Inspection {
  /// Of the connections that are blocked, so many are named.
  private static final int NAMED_MAX = 10;

  private final Settings settings;
  private final Broker broker;
  private final Administration administration;
  private final Supplier<List<InetSocketAddress>> listeners;

  /// @param listeners where it listens at the moment
  BrokerFacts(
      Settings settings,
      Broker broker,
      Administration administration,
      Supplier<List<InetSocketAddress>> listeners) {
    this.settings = settings;
    this.broker = broker;
    this.administration = administration;
    this.listeners = listeners;
  }

  private Event.Inspection look() {
    try {
      return Waiting.on(broker.inspect());
    } catch (OperationRefused late) {
      throw new IllegalStateException(late.text(), late);
    }
  }

  @Override
  public Map<String, Object> status() {
    Event.Inspection seen = look();
    Map<String, Object> status = new LinkedHashMap<>();
    status.put("version", Version.text());
    status.put("data", settings.dataDir().toString());
    status.put("listeners", listeners.get().stream().map(ListenAddress::text).toList());
    status.put("uptime_ms", ProcessAge.ms());
    status.put("class_cache", ClassCache.state());
    status.put("connections", (long) seen.clients().size());
    status.put("channels", seen.clients().stream().mapToLong(Event.ClientInfo::sessions).sum());
    status.put("consumers", seen.clients().stream().mapToLong(Event.ClientInfo::consumers).sum());
    status.put("vhosts", (long) broker.accounts().hosts().size());
    status.put("queues", (long) seen.queues().size());
    status.put("messages_ready", seen.queues().stream().mapToLong(Event.QueueInfo::ready).sum());
    status.put(
        "messages_unacknowledged",
        seen.queues().stream().mapToLong(Event.QueueInfo::unsettled).sum());
    status.put("memory_used_bytes", broker.memory().used());
    status.put("memory_limit_bytes", broker.memory().high());
    status.put("disk_free_bytes", settings.dataDir().toFile().getUsableSpace());
    status.put("disk_free_limit_bytes", settings.watermarks().diskFreeBytesMin());
    String blocked = broker.blockedReason();
    status.put("publishers_blocked", blocked == null ? "no" : blocked);
    List<String> names =
        seen.clients().stream()
            .filter(Event.ClientInfo::blocked)
            .map(Event.ClientInfo::name)
            .sorted()
            .toList();
    status.put("blocked_connections", (long) names.size());
    if (!names.isEmpty()) {
      status.put("blocked_connection_names", names.subList(0, Math.min(NAMED_MAX, names.size())));
    }
    status.putAll(broker.storeFigures());
    return status;
  }

  @Override
  public List<? extends Map<String, ? extends @Nullable Object>> queues() {
    return list("queues.list");
  }

  @Override
  public List<? extends Map<String, ? extends @Nullable Object>> connections() {
    return list("connections.list");
  }

  private List<? extends Map<String, ? extends @Nullable Object>> list(String operation) {
    try {
      return rows(run(operation, new Asked(Map.of())));
    } catch (OperationRefused late) {
      throw new IllegalStateException(late.text(), late);
    }
  }

  /// What every list is.
  @SuppressWarnings("unchecked")
  private static List<? extends Map<String, ? extends @Nullable Object>> rows(
      @Nullable Object listed) {
    if (!(listed instanceof List<?>)) {
      throw new IllegalStateException("a list was expected: " + listed);
    }
    return (List<? extends Map<String, ? extends @Nullable Object>>) listed;
  }

  @Override
  public @Nullable Object run(String operation, Asked asked) throws OperationRefused {
    return administration.run(operation, asked);
  }
}
