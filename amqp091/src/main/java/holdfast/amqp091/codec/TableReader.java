package holdfast.amqp091.codec;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads or checks one table as [FieldTable] describes it. The octets come from a peer: no length
/// is believed before it is compared with what encloses it, and nothing is allocated before that.
final class TableReader {
  private final byte[] bytes;
  private int at;

  /// End of the innermost table or array being read; always at least `at`.
  private int limit;

  TableReader(byte[] bytes, int from, int to) {
    this.bytes = bytes;
    this.at = from;
    this.limit = to;
  }

  Map<String, @Nullable Object> table() {
    return table(1);
  }

  int checkTable() {
    checkTable(1);
    return at;
  }

  void finish() {
    if (at != limit) {
      throw ProtocolException.syntax((limit - at) + " octets follow the table");
    }
  }

  @Nullable Object find(String name) {
    byte[] wanted = name.getBytes(StandardCharsets.UTF_8);
    enter(1);
    boolean found = false;
    int value = at;
    while (at < limit) {
      int length = bytes[at] & 0xFF;
      int nameAt = at + 1;
      at = nameAt + length;
      if (Arrays.equals(bytes, nameAt, at, wanted, 0, wanted.length)) {
        found = true; // and on: the last one counts
        value = at;
      }
      checkValue(1);
    }
    at = value;
    return found ? value(1) : null;
  }

  private Map<String, @Nullable Object> table(int depth) {
    int outer = enter(depth);
    if (at == limit) {
      limit = outer;
      return Map.of();
    }
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    while (at < limit) {
      int from = name();
      String name = new String(bytes, from, at - from, StandardCharsets.UTF_8);
      fields.put(name, value(depth));
    }
    limit = outer;
    return Collections.unmodifiableMap(fields);
  }

  private List<@Nullable Object> array(int depth) {
    int outer = enter(depth);
    if (at == limit) {
      limit = outer;
      return List.of();
    }
    List<@Nullable Object> values = new ArrayList<>();
    while (at < limit) {
      values.add(value(depth));
    }
    limit = outer;
    return Collections.unmodifiableList(values);
  }

  private @Nullable Object value(int depth) {
    int letter = bytes[advance(1)];
    return switch (letter) {
      case 't' -> bytes[advance(1)] != 0;
      case 'b' -> bytes[advance(1)];
      case 'B' -> WireInteger.of('B', bytes[advance(1)] & 0xFF);
      case 's' -> Octets.int16(bytes, advance(2));
      case 'u' -> WireInteger.of('u', Octets.uint16(bytes, advance(2)));
      case 'I' -> Octets.int32(bytes, advance(4));
      case 'i' -> WireInteger.of('i', Octets.uint32(bytes, advance(4)));
      case 'l' -> Octets.int64(bytes, advance(8));
      case 'L' -> WireInteger.of('L', Octets.int64(bytes, advance(8)));
      case 'f' -> Float.intBitsToFloat(Octets.int32(bytes, advance(4)));
      case 'd' -> Double.longBitsToDouble(Octets.int64(bytes, advance(8)));
      case 'D' -> decimal();
      case 'S' -> string();
      case 'x' -> octets();
      case 'T' -> timestamp();
      case 'A' -> array(depth + 1);
      case 'F' -> table(depth + 1);
      case 'V' -> null;
      default -> throw unknown(letter);
    };
  }

  private BigDecimal decimal() {
    int scale = bytes[advance(1)] & 0xFF;
    return BigDecimal.valueOf(Octets.int32(bytes, advance(4)), scale);
  }

  private Object string() {
    int length = length("string");
    int from = advance(length);
    return Octets.isUtf8(bytes, from, at)
        ? new String(bytes, from, length, StandardCharsets.UTF_8)
        : LongString.of(Arrays.copyOfRange(bytes, from, at));
  }

  private byte[] octets() {
    int from = advance(length("byte array"));
    return Arrays.copyOfRange(bytes, from, at);
  }

  private Object timestamp() {
    long seconds = Octets.int64(bytes, advance(8));
    boolean fits =
        seconds >= Instant.MIN.getEpochSecond() && seconds <= Instant.MAX.getEpochSecond();
    return fits ? Instant.ofEpochSecond(seconds) : WireInteger.of('T', seconds);
  }

  private void checkTable(int depth) {
    int outer = enter(depth);
    while (at < limit) {
      name();
      checkValue(depth);
    }
    limit = outer;
  }

  private void checkArray(int depth) {
    int outer = enter(depth);
    while (at < limit) {
      checkValue(depth);
    }
    limit = outer;
  }

  private void checkValue(int depth) {
    int letter = bytes[advance(1)];
    switch (letter) {
      case 'V' -> {}
      case 't', 'b', 'B' -> advance(1);
      case 's', 'u' -> advance(2);
      case 'I', 'i', 'f' -> advance(4);
      case 'D' -> advance(5);
      case 'l', 'L', 'd', 'T' -> advance(8);
      case 'S' -> advance(length("string"));
      case 'x' -> advance(length("byte array"));
      case 'A' -> checkArray(depth + 1);
      case 'F' -> checkTable(depth + 1);
      default -> throw unknown(letter);
    }
  }

  /// Moves behind a field's name and gives the index of its first octet.
  private int name() {
    int length = bytes[advance(1)] & 0xFF;
    int from = advance(length);
    if (!Octets.isUtf8(bytes, from, at)) {
      throw ProtocolException.syntax("field name is not valid UTF-8");
    }
    return from;
  }

  /// Reads the length of a table or an array and narrows the limit to it; the result is the limit
  /// to restore.
  private int enter(int depth) {
    if (depth > CodecLimits.TABLE_DEPTH_MAX) {
      throw ProtocolException.syntax(
          "table nested deeper than " + CodecLimits.TABLE_DEPTH_MAX + " levels");
    }
    int length = length(depth == 1 ? "table" : "nested table or array");
    int outer = limit;
    limit = at + length;
    return outer;
  }

  private int length(String what) {
    long length = Octets.uint32(bytes, advance(4));
    if (length > limit - at) {
      throw ProtocolException.syntax(
          what + " of " + length + " octets where only " + (limit - at) + " are left");
    }
    return (int) length;
  }

  private int advance(int octets) {
    int from = at;
    if (octets > limit - from) {
      throw ProtocolException.syntax("table ends inside a field");
    }
    at = from + octets;
    return from;
  }

  private static ProtocolException unknown(int letter) {
    return ProtocolException.syntax(
        String.format("unknown field type 0x%02x in a table", letter & 0xFF));
  }
}
