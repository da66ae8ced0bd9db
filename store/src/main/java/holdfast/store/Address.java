package holdfast.store;

/// Where a record lies in the journal, as one number: small enough to keep one for every entry.
///
/// ```
///   63                        29                     2       0
///   +-------------------------+----------------------+-------+
///   | generation (34 bits)    | offset / 8 (27 bits) | flags |
///   +-------------------------+----------------------+-------+
/// ```
///
/// Only memory holds addresses, never a file: what is on disk is found by log and sequence. 0 is no
/// address, for generations start at 1.
final class Address {
  /// The record is the last part of something larger: parts of it lie before.
  static final long LARGE = 1;

  private static final int OFFSET_BITS = 27;
  private static final int FLAG_BITS = 2;
  private static final int GENERATION_SHIFT = OFFSET_BITS + FLAG_BITS;

  /// No segment may be larger than what an address can reach.
  static final long SEGMENT_BYTES_MAX = 8L << OFFSET_BITS;

  private Address() {}

  static long of(long generation, long offset) {
    assert (offset & 7) == 0 && offset < SEGMENT_BYTES_MAX : "offset " + offset;
    return generation << GENERATION_SHIFT | offset >>> 3 << FLAG_BITS;
  }

  static long generation(long address) {
    return address >>> GENERATION_SHIFT;
  }

  static long offset(long address) {
    return (address >>> FLAG_BITS & (1L << OFFSET_BITS) - 1) << 3;
  }

  static boolean isLarge(long address) {
    return (address & LARGE) != 0;
  }
}
