package holdfast.store;

/// The [Address]es of a log's newest entries by sequence: those that lie in the journal. Eight
/// bytes an entry; the front moves up as entries are settled or leave the journal.
///
/// Guarded by the owner of the [Fold].
final class AddressRing {
  private static final long[] NOTHING = {};
  private static final int CAPACITY_FIRST = 4;

  /// A ring above this size gives memory back when little of it is used.
  private static final int SHRINKS_ABOVE = 1024;

  private long[] ring = NOTHING;

  /// Sequence of the oldest address.
  private long first;

  /// Sequence of the next one.
  private long end;

  AddressRing(long first) {
    this.first = first;
    this.end = first;
  }

  long first() {
    return first;
  }

  long end() {
    return end;
  }

  void add(long address) {
    if (end - first == ring.length) {
      resize(Math.max(CAPACITY_FIRST, ring.length * 2));
    }
    ring[index(end++)] = address;
  }

  /// Grows to `newEnd` with addresses that are yet to be [#set].
  void extendTo(long newEnd) {
    while (end < newEnd) {
      add(Address.NONE);
    }
  }

  long get(long sequence) {
    assert sequence >= first && sequence < end : sequence + " of " + first + ".." + end;
    return ring[index(sequence)];
  }

  void set(long sequence, long address) {
    assert sequence >= first && sequence < end : sequence + " of " + first + ".." + end;
    ring[index(sequence)] = address;
  }

  /// Forgets the addresses below a sequence.
  void dropFront(long newFirst) {
    first = Math.clamp(newFirst, first, end);
    if (ring.length > SHRINKS_ABOVE && end - first < ring.length / 8) {
      resize(Math.max(CAPACITY_FIRST, Integer.highestOneBit((int) (end - first) | 1) * 4));
    }
  }

  private void resize(int capacity) {
    long[] other = new long[capacity];
    for (long s = first; s < end; s++) {
      other[(int) s & capacity - 1] = ring[index(s)];
    }
    ring = other;
  }

  private int index(long sequence) {
    return (int) sequence & ring.length - 1;
  }
}
