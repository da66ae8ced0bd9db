package holdfast.core;

import java.util.Arrays;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A session's unsettled deliveries by tag. Tags rise by one, so they index a ring whose front
/// moves up as the oldest are settled: no garbage and no search. What stays unsettled while
/// thousands after it are settled leaves the ring for a tree, so that one forgotten delivery does
/// not make the ring grow with every tag that follows. Guarded by the gate.
final class Unsettled {
  /// A ring of this size or more is not grown for the sake of a few old deliveries.
  private static final int SPARSE_RING = 1024;

  private @Nullable Entry[] ring = new Entry[16];

  /// Deliveries older than the ring.
  private final TreeMap<Long, Entry> old = new TreeMap<>();

  /// Tag of the oldest unsettled delivery in the ring, or of the next one if there is none.
  private long first = 1;

  /// Tag of the next delivery.
  private long next = 1;

  /// Deliveries in the ring.
  private int inRing;

  /// Puts a delivery under the next tag and returns the tag.
  long add(Entry entry) {
    makeRoom();
    ring[index(next)] = entry;
    inRing++;
    return next++;
  }

  /// Uses up a tag for a delivery that is settled already.
  long skip() {
    if (inRing == 0) {
      first = ++next;
      return next - 1;
    }
    makeRoom();
    ring[index(next)] = null;
    return next++;
  }

  private void makeRoom() {
    if (next - first < ring.length) {
      return;
    }
    if (ring.length >= SPARSE_RING && inRing <= ring.length / 4) {
      letGoOfOldest();
    } else {
      grow();
    }
  }

  /// Moves the older half of the ring, which holds few deliveries, into the tree.
  private void letGoOfOldest() {
    for (long end = first + ring.length / 2; first < end; first++) {
      Entry entry = ring[index(first)];
      if (entry != null) {
        old.put(first, entry);
        ring[index(first)] = null;
        inRing--;
      }
    }
    skipSettled();
  }

  private void skipSettled() {
    while (first < next && ring[index(first)] == null) {
      first++;
    }
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
    if (tag < first) {
      return old.remove(tag);
    }
    if (tag >= next) {
      return null;
    }
    Entry entry = ring[index(tag)];
    if (entry != null) {
      ring[index(tag)] = null;
      inRing--;
      skipSettled();
    }
    return entry;
  }

  /// The delivery that was made first, or null.
  @Nullable Entry oldest() {
    return !old.isEmpty() ? old.firstEntry().getValue() : inRing > 0 ? ring[index(first)] : null;
  }

  /// Puts a delivery back under the tag it was removed from.
  void restore(long tag, Entry entry) {
    if (tag < first) {
      old.put(tag, entry);
    } else {
      assert ring[index(tag)] == null : "tag " + tag + " is taken";
      ring[index(tag)] = entry;
      inRing++;
    }
  }

  boolean contains(long tag) {
    return tag < first ? old.containsKey(tag) : tag < next && ring[index(tag)] != null;
  }

  /// The oldest unsettled tag, or [#next] if there is none.
  long first() {
    return old.isEmpty() ? first : old.firstKey();
  }

  /// The tag that the next delivery gets.
  long next() {
    return next;
  }

  int count() {
    return inRing + old.size();
  }

  /// Places for deliveries: what this takes in memory, in references.
  int capacity() {
    return ring.length;
  }

  private int index(long tag) {
    return (int) tag & ring.length - 1;
  }
}
