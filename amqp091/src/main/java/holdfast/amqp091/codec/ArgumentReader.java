package holdfast.amqp091.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A cursor over the arguments of one method, moved from frame to frame: one a connection, no
/// garbage of its own. It never reads outside the payload that it was put over, whatever follows in
/// the buffer.
final class ArgumentReader {
  private final ShortStringCache cache = new ShortStringCache();
  private final byte[] scratch = new byte[CodecLimits.SHORT_STRING_BYTES_MAX];
  private ByteBuf in = Unpooled.EMPTY_BUFFER;
  private int at;
  private int end;

  /// Puts the cursor over `length` octets from `index`, which must be readable.
  ArgumentReader over(ByteBuf buffer, int index, int length) {
    this.in = buffer;
    this.at = index;
    this.end = index + length;
    return this;
  }

  /// The last octet must have been read.
  void finish() {
    if (at != end) {
      throw ProtocolException.syntax((end - at) + " octets follow the last argument");
    }
  }

  int octet() {
    return in.getUnsignedByte(advance(Byte.BYTES));
  }

  int uint16() {
    return in.getUnsignedShort(advance(Short.BYTES));
  }

  long uint32() {
    return in.getUnsignedInt(advance(Integer.BYTES));
  }

  long int64() {
    return in.getLong(advance(Long.BYTES));
  }

  String shortString() {
    int length = fillScratch();
    return length == 0 ? "" : ShortStringCache.decode(scratch, length);
  }

  /// For what comes with every message: the same octets give the same string.
  String cachedString() {
    return cache.get(scratch, fillScratch());
  }

  void skipShortString() {
    advance(octet());
  }

  LongString longString() {
    int length = length("long string");
    return LongString.of(Octets.copyOf(in, advance(length), length));
  }

  Map<String, @Nullable Object> table() {
    int start = at;
    advance(length("table"));
    if (at - start == Integer.BYTES) {
      return Map.of();
    }
    return FieldTable.decode(Octets.copyOf(in, start, at - start));
  }

  private int fillScratch() {
    int length = octet();
    Octets.copy(in, advance(length), length, scratch, 0);
    return length;
  }

  private int length(String what) {
    long length = uint32();
    if (length > end - at) {
      throw ProtocolException.syntax(
          what + " of " + length + " octets where only " + (end - at) + " are left");
    }
    return (int) length;
  }

  private int advance(int octets) {
    int from = at;
    if (octets > end - from) {
      throw ProtocolException.syntax("arguments end early");
    }
    at = from + octets;
    return from;
  }
}
