package holdfast.core;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The newest entries of a stream, in memory once for all consumers that keep up. Found by offset.
/// Guarded by the gate.
final class StreamWindow {
  private static final int CAPACITY_FIRST = 16;

  private @Nullable Entry[] ring = new Entry[CAPACITY_FIRST];
  private long first;
  private long end;
  private long bytes;

  boolean isEmpty() {
    return first == end;
  }

  /// Offset of the oldest.
  long first() {
    return first;
  }

  int size() {
    return (int) (end - first);
  }

  /// What they take in memory.
  long bytes() {
    return bytes;
  }

  void add(Entry entry) {
    if (isEmpty()) {
      first = entry.sequence;
      end = first;
    }
    assert entry.sequence == end : "entry " + entry.sequence + " comes behind " + end;
    if (size() == ring.length) {
      grow();
    }
    ring[index(end++)] = entry;
    bytes += entry.bytes();
  }

  private void grow() {
    @Nullable Entry[] larger = Arrays.copyOf(ring, ring.length * 2);
    Arrays.fill(larger, null);
    for (long offset = first; offset < end; offset++) {
      larger[(int) offset & larger.length - 1] = ring[index(offset)];
    }
    ring = larger;
  }

  /// The entry at an offset; null if it is not here.
  @Nullable Entry get(long offset) {
    return offset >= first && offset < end ? ring[index(offset)] : null;
  }

  /// Takes the oldest out.
  @Nullable Entry poll() {
    if (isEmpty()) {
      return null;
    }
    Entry entry = ring[index(first)];
    ring[index(first++)] = null;
    if (entry != null) {
      bytes -= entry.bytes();
    }
    if (isEmpty() && ring.length > CAPACITY_FIRST) {
      ring = new Entry[CAPACITY_FIRST];
    }
    return entry;
  }

  private int index(long offset) {
    return (int) offset & ring.length - 1;
  }
}
