package holdfast.amqp091.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/// Methods, tables and octets drawn from a seed, which is printed so that a failure can be run
/// again (`-Dholdfast.seed=...`).
final class RandomValues {
  private static final int[] ALPHABET = {'a', 'Z', '0', '.', 0xE9, 0x20AC, 0xFFFD, 0x1F600};

  final Random random;

  private RandomValues(long seed) {
    this.random = new Random(seed);
  }

  static RandomValues of(String test) {
    long seed = Long.getLong("holdfast.seed", System.nanoTime());
    System.out.println(test + ": -Dholdfast.seed=" + seed);
    return new RandomValues(seed);
  }

  static List<Class<?>> methodTypes() {
    return Stream.of(Method.class.getPermittedSubclasses())
        .<Class<?>>flatMap(type -> Stream.of(type.getPermittedSubclasses()))
        .toList();
  }

  Method method(Class<?> type) {
    RecordComponent[] components = type.getRecordComponents();
    Class<?>[] types = Stream.of(components).map(RecordComponent::getType).toArray(Class[]::new);
    Object[] values = Stream.of(components).map(this::argument).toArray();
    try {
      return (Method) type.getDeclaredConstructor(types).newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  private Object argument(RecordComponent component) {
    String name = component.getName();
    return switch (component.getType().getSimpleName()) {
      case "String" -> string(40);
      case "LongString" -> LongString.of(octets(60));
      case "boolean" -> random.nextBoolean();
      case "int" -> random.nextInt(name.startsWith("version") ? 1 << 8 : 1 << 16);
      case "long" -> name.equals("deliveryTag") ? random.nextLong() : random.nextLong(1L << 32);
      case "Map" -> table(0);
      default -> throw new AssertionError(component);
    };
  }

  String string(int codePointsMax) {
    int length = random.nextInt(codePointsMax + 1);
    return random
        .ints(length, 0, ALPHABET.length)
        .map(i -> ALPHABET[i])
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  byte[] octets(int max) {
    byte[] bytes = new byte[random.nextInt(max + 1)];
    random.nextBytes(bytes);
    return bytes;
  }

  Map<String, Object> table(int depth) {
    Map<String, Object> fields = new LinkedHashMap<>();
    for (int i = random.nextInt(6); i > 0; i--) {
      fields.put(string(20), value(depth));
    }
    return fields;
  }

  private Object value(int depth) {
    return switch (random.nextInt(depth < 4 ? 19 : 17)) {
      case 0 -> random.nextBoolean();
      case 1 -> (byte) random.nextInt();
      case 2 -> (short) random.nextInt();
      case 3 -> random.nextInt();
      case 4 -> random.nextLong();
      case 5 -> WireInteger.of('B', random.nextInt(1 << 8));
      case 6 -> WireInteger.of('u', random.nextInt(1 << 16));
      case 7 -> WireInteger.of('i', random.nextLong(1L << 32));
      case 8 -> WireInteger.of('L', random.nextLong());
      case 9 -> random.nextFloat();
      case 10 -> random.nextGaussian();
      case 11 -> BigDecimal.valueOf(random.nextInt(), random.nextInt(256));
      case 12 -> string(50);
      case 13 -> LongString.of(new byte[] {(byte) 0xC0, (byte) random.nextInt()});
      case 14 -> Instant.ofEpochSecond(random.nextInt());
      case 15 -> WireInteger.of('T', Long.MAX_VALUE - random.nextInt(100));
      case 16 -> null;
      case 17 -> {
        List<Object> values = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
          values.add(value(depth + 1));
        }
        yield values;
      }
      default -> table(depth + 1);
    };
  }

  /// One to three octets changed, or the end cut off, or something appended.
  byte[] damaged(byte[] bytes) {
    byte[] damaged = bytes.clone();
    int kind = random.nextInt(5);
    if (kind == 0 || bytes.length == 0) {
      return Bytes.concat(damaged, octets(4));
    }
    if (kind == 1) {
      return Arrays.copyOf(damaged, random.nextInt(bytes.length));
    }
    for (int i = random.nextInt(3); i >= 0; i--) {
      damaged[random.nextInt(damaged.length)] =
          (byte) (random.nextBoolean() ? 0xFF : random.nextInt());
    }
    return damaged;
  }

  /// A method frame's payload.
  static byte[] payload(Method method) {
    ByteBuf out = Unpooled.buffer();
    out.writeShort(method.classId()).writeShort(method.methodId());
    method.encodeArguments(out);
    return Bytes.of(out);
  }
}
