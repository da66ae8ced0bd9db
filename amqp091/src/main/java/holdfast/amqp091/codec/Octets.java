package holdfast.amqp091.codec;

import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Octets in arrays and buffers: big-endian numbers, copies and comparisons that leave no garbage,
/// and whether they are UTF-8. Callers check bounds first, for the sake of a clear error text.
public final class Octets {
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private Octets() {}

  static short int16(byte[] bytes, int at) {
    return (short) SHORT.get(bytes, at);
  }

  static int uint16(byte[] bytes, int at) {
    return int16(bytes, at) & 0xFFFF;
  }

  static int int32(byte[] bytes, int at) {
    return (int) INT.get(bytes, at);
  }

  static long uint32(byte[] bytes, int at) {
    return int32(bytes, at) & 0xFFFF_FFFFL;
  }

  static long int64(byte[] bytes, int at) {
    return (long) LONG.get(bytes, at);
  }

  static void putInt16(byte[] bytes, int at, int value) {
    SHORT.set(bytes, at, (short) value);
  }

  static void putInt32(byte[] bytes, int at, int value) {
    INT.set(bytes, at, value);
  }

  static void putInt64(byte[] bytes, int at, long value) {
    LONG.set(bytes, at, value);
  }

  /// Copies octets of a buffer into an array. Like [ByteBuf#getBytes(int, byte[], int, int)], which
  /// makes an object each time where the buffer lies outside the heap.
  public static void copy(ByteBuf in, int index, int length, byte[] to, int offset) {
    if (length > 0) {
      in.internalNioBuffer(index, length).get(to, offset, length);
    }
  }

  static byte[] copyOf(ByteBuf in, int index, int length) {
    byte[] bytes = new byte[length];
    copy(in, index, length, bytes, 0);
    return bytes;
  }

  /// Whether so many octets of a buffer are these and no others. The last ones are looked at first:
  /// ids, which differ from message to message, stand at the end.
  static boolean areAt(ByteBuf in, int index, int length, byte[] bytes) {
    if (length != bytes.length) {
      return false;
    }
    int end = length;
    for (; end >= Long.BYTES; end -= Long.BYTES) {
      if (in.getLong(index + end - Long.BYTES) != int64(bytes, end - Long.BYTES)) {
        return false;
      }
    }
    while (--end >= 0) {
      if (in.getByte(index + end) != bytes[end]) {
        return false;
      }
    }
    return true;
  }

  /// Strict UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF. Strict
  /// means that a string decoded from these octets encodes to the same octets again.
  static boolean isUtf8(byte[] bytes, int from, int to) {
    int at = from;
    while (at < to) {
      int lead = bytes[at++];
      if (lead >= 0) {
        continue;
      }
      lead &= 0xFF;
      int more;
      int lowest = 0x80; // bounds of the second octet, which alone exclude the forbidden forms
      int highest = 0xBF;
      if (lead >= 0xC2 && lead <= 0xDF) {
        more = 1;
      } else if (lead >= 0xE0 && lead <= 0xEF) {
        more = 2;
        lowest = lead == 0xE0 ? 0xA0 : lowest;
        highest = lead == 0xED ? 0x9F : highest;
      } else if (lead >= 0xF0 && lead <= 0xF4) {
        more = 3;
        lowest = lead == 0xF0 ? 0x90 : lowest;
        highest = lead == 0xF4 ? 0x8F : highest;
      } else {
        return false;
      }
      if (to - at < more) {
        return false;
      }
      for (int i = 0; i < more; i++) {
        int next = bytes[at++] & 0xFF;
        if (next < lowest || next > highest) {
          return false;
        }
        lowest = 0x80;
        highest = 0xBF;
      }
    }
    return true;
  }
}
