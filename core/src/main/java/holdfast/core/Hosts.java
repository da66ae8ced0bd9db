package holdfast.core;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The virtual hosts of a shard, those that are being deleted among them. Changed by the gate's
/// owner; any thread may look.
final class Hosts {
  private final Map<String, VirtualHost> byName = new ConcurrentHashMap<>();

  /// The host of this name, or null; not one that is being deleted.
  @Nullable VirtualHost find(String name) {
    VirtualHost host = byName.get(name);
    return host == null || host.deleted() ? null : host;
  }

  /// The same, even if it is being deleted.
  @Nullable VirtualHost findAny(String name) {
    return byName.get(name);
  }

  /// All of them.
  Collection<VirtualHost> values() {
    return byName.values();
  }

  void add(VirtualHost host) {
    byName.put(host.name(), host);
  }

  void remove(VirtualHost host) {
    byName.remove(host.name(), host);
  }

  /// Names and metadata of those that are not being deleted.
  Map<String, Arguments> metadata() {
    Map<String, Arguments> metadata = new TreeMap<>();
    for (VirtualHost host : byName.values()) {
      if (!host.deleted()) {
        metadata.put(host.name(), host.metadata());
      }
    }
    return metadata;
  }
}
