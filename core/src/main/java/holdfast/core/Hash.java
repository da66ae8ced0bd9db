package holdfast.core;

import java.nio.charset.StandardCharsets;

/// Hashes by which exchanges choose. What they give must never change: a publisher's key goes to
/// the same queue before and after a restart, and under the next version.
final class Hash {
  private static final long FNV_START = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  private Hash() {}

  /// FNV-1a over the UTF-8 bytes, and then mixed, for FNV leaves the upper bits of short texts
  /// alike.
  static long of(String text) {
    long hash = FNV_START;
    for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (octet & 0xff)) * FNV_PRIME;
    }
    return mixed(hash);
  }

  /// Every bit of the result depends on every bit of the number (the finaliser of MurmurHash3).
  static long mixed(long number) {
    long z = number;
    z = (z ^ (z >>> 33)) * 0xff51afd7ed558ccdL;
    z = (z ^ (z >>> 33)) * 0xc4ceb9fe1a85ec53L;
    return z ^ (z >>> 33);
  }
}
