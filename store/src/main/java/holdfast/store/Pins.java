package holdfast.store;

import java.util.concurrent.ConcurrentHashMap;

/// Segments that somebody reads: they are neither recycled nor deleted meanwhile. Any thread.
final class Pins {
  private final ConcurrentHashMap<Long, Integer> counts = new ConcurrentHashMap<>();

  void pin(long segment) {
    counts.merge(segment, 1, Integer::sum);
  }

  void unpin(long segment) {
    counts.computeIfPresent(segment, (key, count) -> count == 1 ? null : count - 1);
  }

  boolean isPinned(long segment) {
    return counts.containsKey(segment);
  }
}
