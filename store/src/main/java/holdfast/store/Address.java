package holdfast.store;

/// Where a record lies in the journal, as one number: small enough to keep one for every entry.
///
/// ```
///   63                            27                       0
///   +-----------------------------+------------------------+
///   | generation (37 bits)        | offset / 8 (27 bits)   |
///   +-----------------------------+------------------------+
/// ```
///
/// Only memory holds addresses, never a file: what is on disk is found by log and sequence. 0 is no
/// address, for generations start at 1.
final class Address {
  static final long NONE = 0;

  private static final int OFFSET_BITS = 27;

  /// No segment may be larger than what an address can reach.
  static final long SEGMENT_BYTES_MAX = 8L << OFFSET_BITS;

  private Address() {}

  static long of(long generation, long offset) {
    assert (offset & 7) == 0 && offset < SEGMENT_BYTES_MAX : "offset " + offset;
    return generation << OFFSET_BITS | offset >>> 3;
  }

  static long generation(long address) {
    return address >>> OFFSET_BITS;
  }

  static long offset(long address) {
    return (address & (1L << OFFSET_BITS) - 1) << 3;
  }
}
