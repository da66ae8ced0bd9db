package holdfast.store;

import java.util.Arrays;

/// Where the parts of a large body lie in the journal, for as long as a live entry there needs
/// them. Guarded by the owner of the [Fold].
final class LargeParts {
  private long[] addresses = new long[4];
  private int count;

  /// Live entries of the journal whose body this is.
  int entries;

  void add(long address) {
    if (count == addresses.length) {
      addresses = Arrays.copyOf(addresses, count * 2);
    }
    addresses[count++] = address;
  }

  int count() {
    return count;
  }

  /// Oldest segment that holds a part; the journal is kept from there on.
  long fromGeneration() {
    return Address.generation(addresses[0]);
  }

  long[] addresses() {
    return Arrays.copyOf(addresses, count);
  }
}
