package holdfast.amqp091.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Tables of named, typed values: arguments and message headers.
///
/// ```
/// table:  | octets that follow, 32 bits | field | field | ...
/// field:  | name length, 8 bits | name, UTF-8 | value |
/// value:  | type letter, 8 bits | content |
/// array:  | octets that follow, 32 bits | value | value | ...
/// ```
///
/// The letters are those RabbitMQ and its clients use, where they differ from the specification's
/// grammar. Every type is read into a Java type that is written back with the same letter:
///
/// | letter | content | Java |
/// |---|---|---|
/// | `t` | boolean | `Boolean` |
/// | `b` `s` `I` `l` | 8, 16, 32, 64 bits, signed | `Byte` `Short` `Integer` `Long` |
/// | `B` `u` `i` `L` | 8, 16, 32 bits, unsigned; 64 bits, signed | [WireInteger] |
/// | `f` `d` | IEEE 754 | `Float` `Double` |
/// | `D` | scale, 8 bits; unscaled value, 32 bits, signed | `BigDecimal` |
/// | `S` | long string | `String`, or [LongString] if not UTF-8 |
/// | `x` | octets with a 32-bit length | `byte[]` |
/// | `T` | seconds since 1970, 64 bits | `Instant` |
/// | `A` `F` | array, table | `List` `Map` |
/// | `V` | nothing | null |
///
/// Of a name that comes twice the last value counts. Maps and lists that come out keep the order of
/// the wire and cannot be modified.
public final class FieldTable {
  private FieldTable() {}

  /// Reads a table at the reader index and moves it behind the table.
  public static Map<String, @Nullable Object> decode(ByteBuf in) {
    if (in.readableBytes() < Integer.BYTES) {
      throw ProtocolException.syntax("table without a length");
    }
    long length = in.getUnsignedInt(in.readerIndex());
    if (length > in.readableBytes() - Integer.BYTES) {
      throw ProtocolException.syntax("table of " + length + " octets runs past its end");
    }
    byte[] bytes = new byte[Integer.BYTES + (int) length];
    in.readBytes(bytes);
    return decode(bytes);
  }

  /// The table that fills the array, from its length on.
  public static Map<String, @Nullable Object> decode(byte[] bytes) {
    TableReader reader = new TableReader(bytes, 0, bytes.length);
    Map<String, @Nullable Object> fields = reader.table();
    reader.finish();
    return fields;
  }

  /// The table whose length stands at `from`; it may end before `to`.
  static Map<String, @Nullable Object> decode(byte[] bytes, int from, int to) {
    return new TableReader(bytes, from, to).table();
  }

  /// Checks the table whose length stands at `from` as strictly as decoding does, without making
  /// anything of it. The result is the index behind it, at most `to`.
  public static int check(byte[] bytes, int from, int to) {
    return new TableReader(bytes, from, to).checkTable();
  }

  /// The value of one field of a table that has been checked; null also if it is not there.
  static @Nullable Object find(byte[] bytes, int from, int to, String name) {
    return new TableReader(bytes, from, to).find(name);
  }

  /// Appends a table. Throws `IllegalArgumentException` for a value of a type not listed above, or
  /// one that does not fit the wire.
  public static void encode(Map<String, ? extends @Nullable Object> fields, ByteBuf out) {
    TableWriter.table(fields, out, 1);
  }

  /// The octets of a table, with the length in front.
  public static byte[] encode(Map<String, ? extends @Nullable Object> fields) {
    ByteBuf out = Unpooled.buffer();
    encode(fields, out);
    return Arrays.copyOf(out.array(), out.readableBytes());
  }
}
