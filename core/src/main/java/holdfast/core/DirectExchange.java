package holdfast.core;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/// Goes to what is bound with exactly the message's routing key.
final class DirectExchange extends Exchange {
  private final Map<String, Set<Binding>> byKey = new HashMap<>();

  DirectExchange(VirtualHost host, Declaration declaration, long id) {
    super(host, declaration, id);
  }

  @Override
  boolean asksForKey() {
    return true;
  }

  @Override
  void route(String key, Message message, Routes routes) {
    Set<Binding> matching = byKey.get(key);
    if (matching != null) {
      for (Binding binding : matching) {
        binding.destination().collect(message, key, routes);
      }
    }
  }

  @Override
  void bound(Binding binding) {
    byKey.computeIfAbsent(binding.key(), key -> new LinkedHashSet<>()).add(binding);
  }

  @Override
  void unbound(Binding binding) {
    Set<Binding> rest = byKey.get(binding.key());
    if (rest != null && rest.remove(binding) && rest.isEmpty()) {
      byKey.remove(binding.key());
    }
  }
}
