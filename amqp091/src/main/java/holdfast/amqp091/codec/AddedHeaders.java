package holdfast.amqp091.codec;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Headers that the broker adds to a message on its way out, put into its property list. What is
/// there already stays octet for octet, but for headers of the same names, which go.
public final class AddedHeaders {
  private AddedHeaders() {}

  /// A copy of a checked property list with these headers behind its own.
  public static byte[] to(byte[] properties, Map<String, ? extends @Nullable Object> added) {
    int at = PropertyLayout.FLAG_BYTES;
    int flags = PropertyLayout.flags(properties);
    for (int before = 0; before < PropertyLayout.HEADERS; before++) {
      if ((flags & PropertyLayout.flag(before)) != 0) {
        at += PropertyLayout.size(properties, at, before);
      }
    }
    boolean there = (flags & PropertyLayout.flag(PropertyLayout.HEADERS)) != 0;
    int end = there ? at + PropertyLayout.size(properties, at, PropertyLayout.HEADERS) : at;
    byte[] table;
    if (!there) {
      table = FieldTable.encode(added);
    } else if (hasAny(properties, at, end, added)) {
      Map<String, @Nullable Object> merged =
          new LinkedHashMap<>(FieldTable.decode(properties, at, end));
      merged.putAll(added);
      table = FieldTable.encode(merged);
    } else {
      table = joined(properties, at, end, FieldTable.encode(added));
    }
    byte[] list = new byte[properties.length - (end - at) + table.length];
    System.arraycopy(properties, 0, list, 0, at);
    System.arraycopy(table, 0, list, at, table.length);
    System.arraycopy(properties, end, list, at + table.length, properties.length - end);
    Octets.putInt16(list, 0, flags | PropertyLayout.flag(PropertyLayout.HEADERS));
    return list;
  }

  private static boolean hasAny(byte[] properties, int at, int end, Map<String, ?> added) {
    for (String name : added.keySet()) {
      if (FieldTable.find(properties, at, end, name) != null) {
        return true;
      }
    }
    return false;
  }

  /// The fields of the table at `at`, and behind them those of another.
  private static byte[] joined(byte[] properties, int at, int end, byte[] more) {
    int fields = end - at + more.length - 2 * Integer.BYTES;
    byte[] table = new byte[Integer.BYTES + fields];
    Octets.putInt32(table, 0, fields);
    System.arraycopy(
        properties, at + Integer.BYTES, table, Integer.BYTES, end - at - Integer.BYTES);
    System.arraycopy(more, Integer.BYTES, table, end - at, more.length - Integer.BYTES);
    return table;
  }
}
