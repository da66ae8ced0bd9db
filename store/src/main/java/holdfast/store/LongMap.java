package holdfast.store;

/// From numbers other than 0 to numbers, in two plain arrays: for a background pass that would
/// otherwise make half a million objects. For one thread.
final class LongMap {
  private long[] keys = new long[64];
  private long[] values = new long[64];
  private int size;

  /// The value of a key; 0 if there is none.
  long get(long key) {
    return values[slot(key)];
  }

  void put(long key, long value) {
    int slot = slot(key);
    if (keys[slot] == 0) {
      keys[slot] = key;
      size++;
    }
    values[slot] = value;
    if (size > keys.length / 2) {
      grow();
    }
  }

  void clear() {
    keys = new long[64];
    values = new long[64];
    size = 0;
  }

  private void grow() {
    long[] oldKeys = keys;
    long[] oldValues = values;
    keys = new long[oldKeys.length * 2];
    values = new long[oldKeys.length * 2];
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldKeys[i] != 0) {
        int slot = slot(oldKeys[i]);
        keys[slot] = oldKeys[i];
        values[slot] = oldValues[i];
      }
    }
  }

  private int slot(long key) {
    assert key != 0;
    long mixed = key * 0x9e3779b97f4a7c15L;
    int slot = (int) (mixed >>> 40) & keys.length - 1;
    while (keys[slot] != 0 && keys[slot] != key) {
      slot = slot + 1 & keys.length - 1;
    }
    return slot;
  }
}
