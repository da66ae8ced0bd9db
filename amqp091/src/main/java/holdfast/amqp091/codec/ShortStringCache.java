package holdfast.amqp091.codec;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The strings a connection has lately named, so that an exchange or a routing key that comes again
/// is the same `String` and no garbage. Direct-mapped: a newcomer takes the slot of whoever has it,
/// so there is nothing to age and no chain that a hostile key could lengthen. Owned by one
/// connection, used on its event loop only.
final class ShortStringCache {
  private static final long MIX = 0x9E37_79B9_7F4A_7C15L;
  private static final int SLOTS = CodecLimits.STRING_CACHE_SLOTS;

  private final byte[][] keys = new byte[SLOTS][];
  private final String[] values = new String[SLOTS];

  /// The string of the first `length` octets, which must be UTF-8.
  String get(byte[] bytes, int length) {
    if (length == 0) {
      return "";
    }
    if (length > CodecLimits.CACHED_STRING_BYTES_MAX) {
      return decode(bytes, length);
    }
    int slot = slot(bytes, length);
    byte[] key = keys[slot];
    if (key != null && Arrays.equals(key, 0, key.length, bytes, 0, length)) {
      return values[slot];
    }
    String value = decode(bytes, length);
    keys[slot] = Arrays.copyOf(bytes, length);
    values[slot] = value;
    return value;
  }

  static String decode(byte[] bytes, int length) {
    if (!Octets.isUtf8(bytes, 0, length)) {
      throw ProtocolException.syntax("short string is not valid UTF-8");
    }
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }

  private static int slot(byte[] bytes, int length) {
    long hash = length;
    int at = 0;
    for (; at + Long.BYTES <= length; at += Long.BYTES) {
      hash = Long.rotateLeft((hash ^ Octets.int64(bytes, at)) * MIX, 29);
    }
    for (; at < length; at++) {
      hash = (hash ^ bytes[at]) * MIX;
      hash ^= hash >>> 32;
    }
    return (int) (hash * MIX >>> 32) & (SLOTS - 1);
  }
}
