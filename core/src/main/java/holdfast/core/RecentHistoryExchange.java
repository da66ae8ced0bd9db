package holdfast.core;

import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Goes to everything that is bound, and keeps the last messages for what is bound later.
///
/// They are kept in memory only, so a restart forgets them, and only as long as there is room: they
/// count against the memory budget, and the oldest go when more is in memory than should be.
final class RecentHistoryExchange extends Exchange {
  static final String TYPE = "x-recent-history";
  static final String LENGTH = "x-recent-history-length";
  private static final String NO_STORE = "x-recent-history-no-store";
  private static final long LENGTH_USUAL = 20;

  private final long length;

  /// Oldest first. Each is a message of its own, that no queue holds.
  private final ArrayDeque<Message> kept = new ArrayDeque<>();

  RecentHistoryExchange(VirtualHost host, Declaration declaration, long id) {
    super(host, declaration, id);
    length = declaration.arguments().get(LENGTH) instanceof Long n ? n : LENGTH_USUAL;
  }

  /// What is wrong with the arguments of a new one, or null.
  static @Nullable String invalid(Arguments arguments) {
    Object value = arguments.get(LENGTH);
    if (value == null) {
      return null;
    }
    if (!(value instanceof Long n) || n < 1) {
      return "Invalid argument " + value + ", '" + LENGTH + "' must be a positive integer";
    }
    return n <= Limits.HISTORY_MAX
        ? null
        : "Invalid argument " + n + ", '" + LENGTH + "' must be at most " + Limits.HISTORY_MAX;
  }

  @Override
  void route(String key, Message message, Routes routes) {
    for (Binding binding : bindings()) {
      binding.destination().collect(message, key, routes);
    }
    routes.keptBy(this);
  }

  /// Keeps a message that came by, unless its publisher does not want that.
  void keep(Message message, MemoryBudget memory) {
    if (Boolean.TRUE.equals(message.headers().get(NO_STORE))) {
      return;
    }
    Message copy = message.again();
    kept.add(copy);
    memory.add(copy.footprint());
    while (kept.size() > length || !kept.isEmpty() && memory.isCacheExceeded()) {
      memory.add(-kept.remove().footprint());
    }
  }

  /// What is kept now, oldest first.
  List<Message> kept() {
    return List.copyOf(kept);
  }

  @Override
  void gone(MemoryBudget memory) {
    while (!kept.isEmpty()) {
      memory.add(-kept.remove().footprint());
    }
  }

  @Override
  void bound(Binding binding) {}

  @Override
  void unbound(Binding binding) {}
}
