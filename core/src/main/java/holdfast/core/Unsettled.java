package holdfast.core;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A session's unsettled deliveries by tag. Tags rise by one, so they index a ring whose front
/// moves up as the oldest are settled: no garbage and no search. Guarded by the gate.
final class Unsettled {
  private @Nullable Entry[] ring = new Entry[16];

  /// Tag of the oldest unsettled delivery, or of the next one if there is none.
  private long first = 1;

  /// Tag of the next delivery.
  private long next = 1;

  private int count;

  /// Puts a delivery under the next tag and returns the tag.
  long add(Entry entry) {
    if (next - first == ring.length) {
      grow();
    }
    ring[index(next)] = entry;
    count++;
    return next++;
  }

  /// Uses up a tag for a delivery that is settled already.
  long skip() {
    if (count == 0) {
      first = ++next;
      return next - 1;
    }
    if (next - first == ring.length) {
      grow();
    }
    ring[index(next)] = null;
    return next++;
  }

  private void grow() {
    @Nullable Entry[] larger = Arrays.copyOf(ring, ring.length * 2);
    Arrays.fill(larger, null);
    for (long tag = first; tag < next; tag++) {
      larger[(int) tag & larger.length - 1] = ring[index(tag)];
    }
    ring = larger;
  }

  /// Removes the delivery with this tag; null if there is none unsettled.
  @Nullable Entry remove(long tag) {
    if (tag < first || tag >= next) {
      return null;
    }
    Entry entry = ring[index(tag)];
    if (entry == null) {
      return null;
    }
    ring[index(tag)] = null;
    count--;
    while (first < next && ring[index(first)] == null) {
      first++;
    }
    return entry;
  }

  boolean contains(long tag) {
    return tag >= first && tag < next && ring[index(tag)] != null;
  }

  /// The oldest unsettled tag, or [#next] if there is none.
  long first() {
    return first;
  }

  /// The tag that the next delivery gets.
  long next() {
    return next;
  }

  int count() {
    return count;
  }

  private int index(long tag) {
    return (int) tag & ring.length - 1;
  }
}
