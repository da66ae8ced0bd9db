package holdfast.core;

import holdfast.store.ByteReader;
import holdfast.store.ByteWriter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Named values that come with a declaration or a binding, or stand in a message's headers: no
/// protocol's table, but what every protocol's table can be turned into.
///
/// Values are [Boolean], [Long] (any integer), [Double], [BigDecimal], [String], `byte[]`,
/// [Instant], [List], [Map] of the same, or null. Two integers are equal when they are the same
/// number, however many bits they travelled in.
public final class Arguments {
  public static final Arguments NONE = new Arguments(Map.of());

  private static final int VOID = 0;
  private static final int FALSE = 1;
  private static final int TRUE = 2;
  private static final int INTEGER = 3;
  private static final int FLOATING = 4;
  private static final int DECIMAL = 5;
  private static final int STRING = 6;
  private static final int BYTES = 7;
  private static final int INSTANT = 8;
  private static final int LIST = 9;
  private static final int MAP = 10;
  private static final int DEPTH_MAX = 64;

  private final Map<String, @Nullable Object> values;

  private Arguments(Map<String, @Nullable Object> values) {
    this.values = values;
  }

  /// Takes values of the types above; small numbers are widened.
  public static Arguments of(Map<String, ? extends @Nullable Object> values) {
    if (values.isEmpty()) {
      return NONE;
    }
    return new Arguments(Collections.unmodifiableMap(normalMap(values)));
  }

  private static Map<String, @Nullable Object> normalMap(
      Map<?, ? extends @Nullable Object> values) {
    Map<String, @Nullable Object> normal = new LinkedHashMap<>();
    values.forEach((key, value) -> normal.put(String.valueOf(key), normal(value)));
    return normal;
  }

  private static @Nullable Object normal(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      case Byte n -> Long.valueOf(n);
      case Short n -> Long.valueOf(n);
      case Integer n -> Long.valueOf(n);
      case Float n -> Double.valueOf(n);
      case List<?> list -> {
        List<@Nullable Object> normal = new ArrayList<>(list.size());
        for (Object element : list) {
          normal.add(normal(element));
        }
        yield Collections.unmodifiableList(normal);
      }
      case Map<?, ?> map -> Collections.unmodifiableMap(normalMap(map));
      case Boolean b -> b;
      case Long n -> n;
      case Double n -> n;
      case BigDecimal n -> n;
      case String s -> s;
      case byte[] b -> b;
      case Instant t -> t;
      default -> throw new IllegalArgumentException("an argument of " + value.getClass());
    };
  }

  public Map<String, @Nullable Object> asMap() {
    return values;
  }

  public @Nullable Object get(String name) {
    return values.get(name);
  }

  public boolean isEmpty() {
    return values.isEmpty();
  }

  /// Whether two values are the same for a header match or an equivalence check.
  static boolean same(@Nullable Object a, @Nullable Object b) {
    if (a instanceof byte[] x && b instanceof byte[] y) {
      return Arrays.equals(x, y);
    }
    if (a instanceof Long x && b instanceof Double y) {
      return x.doubleValue() == y;
    }
    if (a instanceof Double x && b instanceof Long y) {
      return y.doubleValue() == x;
    }
    if (a instanceof List<?> x && b instanceof List<?> y) {
      return sameLists(x, y);
    }
    if (a instanceof Map<?, ?> x && b instanceof Map<?, ?> y) {
      return x.keySet().equals(y.keySet())
          && x.keySet().stream().allMatch(key -> same(x.get(key), y.get(key)));
    }
    return a == null ? b == null : a.equals(b);
  }

  private static boolean sameLists(List<?> a, List<?> b) {
    if (a.size() != b.size()) {
      return false;
    }
    for (int i = 0; i < a.size(); i++) {
      if (!same(a.get(i), b.get(i))) {
        return false;
      }
    }
    return true;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Arguments that && same(values, that.values);
  }

  @Override
  public int hashCode() {
    return values.keySet().hashCode();
  }

  @Override
  public String toString() {
    return values.toString();
  }

  /// One form for equal arguments, whatever order their names came in: part of a binding's key.
  byte[] canonical() {
    ByteWriter out = new ByteWriter(64);
    putMap(out, new TreeMap<>(values));
    return out.toBytes();
  }

  void put(ByteWriter out) {
    putMap(out, values);
  }

  static Arguments get(ByteReader in) {
    Map<String, @Nullable Object> values = getMap(in, 0);
    return values.isEmpty() ? NONE : new Arguments(Collections.unmodifiableMap(values));
  }

  private static void putMap(ByteWriter out, Map<?, ? extends @Nullable Object> map) {
    out.varint(map.size());
    map.forEach((key, value) -> {
      out.string(String.valueOf(key));
      putValue(out, value);
    });
  }

  private static void putValue(ByteWriter out, @Nullable Object value) {
    switch (value) {
      case null -> out.u8(VOID);
      case Boolean b -> out.u8(b ? TRUE : FALSE);
      case Long n -> out.u8(INTEGER).fixed64(n);
      case Double n -> out.u8(FLOATING).fixed64(Double.doubleToLongBits(n));
      case BigDecimal n -> out.u8(DECIMAL).varint(n.scale()).bytes(n.unscaledValue().toByteArray());
      case String s -> out.u8(STRING).string(s);
      case byte[] b -> out.u8(BYTES).bytes(b);
      case Instant t -> out.u8(INSTANT).fixed64(t.toEpochMilli());
      case List<?> list -> {
        out.u8(LIST).varint(list.size());
        list.forEach(element -> putValue(out, element));
      }
      case Map<?, ?> map -> {
        out.u8(MAP);
        putMap(out, map);
      }
      default -> throw new AssertionError("an argument of " + value.getClass());
    }
  }

  private static Map<String, @Nullable Object> getMap(ByteReader in, int depth) {
    requireDepth(depth);
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    for (int n = in.count(); n > 0; n--) {
      map.put(in.string(), getValue(in, depth));
    }
    return map;
  }

  private static void requireDepth(int depth) {
    if (depth > DEPTH_MAX) {
      throw new ByteReader.MalformedException("arguments nested deeper than " + DEPTH_MAX);
    }
  }

  private static @Nullable Object getValue(ByteReader in, int depth) {
    int type = in.u8();
    return switch (type) {
      case VOID -> null;
      case FALSE -> false;
      case TRUE -> true;
      case INTEGER -> in.fixed64();
      case FLOATING -> Double.longBitsToDouble(in.fixed64());
      case DECIMAL -> {
        int scale = (int) in.varint();
        byte[] digits = in.bytes();
        if (digits.length == 0) {
          throw new ByteReader.MalformedException("a decimal without a digit");
        }
        yield new BigDecimal(new BigInteger(digits), scale);
      }
      case STRING -> in.string();
      case BYTES -> in.bytes();
      case INSTANT -> Instant.ofEpochMilli(in.fixed64());
      case LIST -> {
        requireDepth(depth);
        List<@Nullable Object> list = new ArrayList<>();
        for (int n = in.count(); n > 0; n--) {
          list.add(getValue(in, depth + 1));
        }
        yield Collections.unmodifiableList(list);
      }
      case MAP -> Collections.unmodifiableMap(getMap(in, depth + 1));
      default -> throw new ByteReader.MalformedException("no argument type is numbered " + type);
    };
  }
}
