package holdfast.server;

import holdfast.broker.Broker;
import holdfast.core.Event;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// What the running broker says of itself. On the control socket's thread, which waits for the
/// gate.
final class BrokerFacts implements Inspection {
  private static final long TIMEOUT_SECONDS = 10;

  private final Settings settings;
  private final Broker broker;

  BrokerFacts(Settings settings, Broker broker) {
    this.settings = settings;
    this.broker = broker;
  }

  private Event.Inspection look() {
    try {
      return broker.inspect().get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while asking the broker", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException(
          "the broker has not answered within " + TIMEOUT_SECONDS + " s", e);
    }
  }

  @Override
  public Map<String, Object> status() {
    Event.Inspection seen = look();
    Map<String, Object> status = new LinkedHashMap<>();
    status.put("version", Version.text());
    status.put("data", settings.dataDir().toString());
    status.put("uptime_ms", ProcessAge.ms());
    status.put("connections", (long) seen.clients().size());
    status.put("queues", (long) seen.queues().size());
    status.put("messages_ready", seen.queues().stream().mapToLong(Event.QueueInfo::ready).sum());
    status.put(
        "messages_unacknowledged",
        seen.queues().stream().mapToLong(Event.QueueInfo::unsettled).sum());
    status.put("memory_used_bytes", broker.memory().used());
    status.put("memory_limit_bytes", broker.memory().high());
    String blocked = broker.blockedReason();
    status.put("publishers_blocked", blocked == null ? "no" : blocked);
    status.putAll(broker.storeFigures());
    return status;
  }

  @Override
  public List<Map<String, Object>> queues() {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (Event.QueueInfo queue : look().queues()) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("vhost", queue.vhost());
      row.put("name", queue.name());
      row.put("type", queue.type());
      row.put("durable", queue.durable());
      row.put("auto_delete", queue.autoDelete());
      row.put("exclusive", queue.exclusive());
      row.put("ready", queue.ready());
      row.put("unacknowledged", queue.unsettled());
      row.put("consumers", (long) queue.consumers());
      rows.add(row);
    }
    return rows;
  }

  @Override
  public List<Map<String, Object>> connections() {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (Event.ClientInfo client : look().clients()) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("name", client.name());
      row.put("vhost", client.vhost());
      row.put("channels", (long) client.sessions());
      row.put("consumers", (long) client.consumers());
      row.put("unacknowledged", client.unsettled());
      row.put("blocked", client.blocked());
      rows.add(row);
    }
    return rows;
  }
}
