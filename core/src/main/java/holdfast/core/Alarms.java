package holdfast.core;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Why publishers are blocked, and telling them. Guarded by the gate but for [#blockedReason].
final class Alarms {
  private final MemoryBudget memory;
  private final Set<Client> clients;
  private final Postponed postponed;

  /// Source -> reason, of everything that blocks publishers.
  private final Map<String, String> reasons = new TreeMap<>();

  private boolean memoryIsShort;
  private volatile @Nullable String blockedReason;

  /// @param clients all there are; the shard's
  Alarms(MemoryBudget memory, Set<Client> clients, Postponed postponed) {
    this.postponed = postponed;
    this.memory = memory;
    this.clients = clients;
  }

  /// Null if they are not. Any thread.
  @Nullable String blockedReason() {
    return blockedReason;
  }

  boolean memoryIsShort() {
    return memoryIsShort;
  }

  void judgeMemory() {
    if (memoryIsShort ? !memory.isRelieved() : !memory.isExceeded()) {
      return;
    }
    memoryIsShort = !memoryIsShort;
    set(
        "memory",
        memoryIsShort
            ? "low on memory: messages take more than " + memory.high() + " bytes"
            : null);
    if (!memoryIsShort) {
      postponed.goOn();
      // Deliveries were held back from sessions that had too many unsettled.
      for (Client client : clients) {
        client.sessions().forEach(Session::offerAll);
      }
    }
  }

  void set(String source, @Nullable String reason) {
    if (reason == null) {
      reasons.remove(source);
    } else {
      reasons.put(source, reason);
    }
    String now = reasons.isEmpty() ? null : String.join("; ", reasons.values());
    blockedReason = now;
    for (Client client : clients) {
      if (now == null) {
        client.tellUnblocked();
      } else if (client.publisher()) {
        client.tellBlocked(now);
      }
    }
  }
}
