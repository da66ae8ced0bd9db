package holdfast.amqp091.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Writes tables as [FieldTable] describes them. Lengths are filled in once what they count is
/// written, so nothing is measured first.
final class TableWriter {
  private TableWriter() {}

  static void table(Map<?, ?> fields, ByteBuf out, int depth) {
    int lengthAt = open(out, depth);
    for (Map.Entry<?, ?> field : fields.entrySet()) {
      if (!(field.getKey() instanceof String name)) {
        throw new IllegalArgumentException("a field's name must be a string: " + field.getKey());
      }
      ArgumentWriter.shortString(out, name);
      value(field.getValue(), out, depth);
    }
    close(out, lengthAt);
  }

  private static void array(List<?> values, ByteBuf out, int depth) {
    int lengthAt = open(out, depth);
    for (Object value : values) {
      value(value, out, depth);
    }
    close(out, lengthAt);
  }

  private static void value(@Nullable Object value, ByteBuf out, int depth) {
    switch (value) {
      case null -> out.writeByte('V');
      case String text -> {
        out.writeByte('S');
        int lengthAt = out.writerIndex();
        out.writeInt(0);
        out.setInt(lengthAt, ByteBufUtil.writeUtf8(out, text));
      }
      case LongString text -> octets('S', text.bytes(), out);
      case byte[] bytes -> octets('x', bytes, out);
      case Boolean flag -> out.writeByte('t').writeBoolean(flag);
      case Byte number -> out.writeByte('b').writeByte(number);
      case Short number -> out.writeByte('s').writeShort(number);
      case Integer number -> out.writeByte('I').writeInt(number);
      case Long number -> out.writeByte('l').writeLong(number);
      case Float number -> out.writeByte('f').writeInt(Float.floatToRawIntBits(number));
      case Double number -> out.writeByte('d').writeLong(Double.doubleToRawLongBits(number));
      case WireInteger number -> wireInteger(number, out);
      case BigDecimal number -> decimal(number, out);
      case Instant time -> out.writeByte('T').writeLong(time.getEpochSecond());
      case Map<?, ?> fields -> {
        out.writeByte('F');
        table(fields, out, depth + 1);
      }
      case List<?> values -> {
        out.writeByte('A');
        array(values, out, depth + 1);
      }
      default ->
          throw new IllegalArgumentException("no field type for " + value.getClass().getName());
    }
  }

  private static void wireInteger(WireInteger number, ByteBuf out) {
    out.writeByte(number.letter());
    switch (number.letter()) {
      case 'B' -> out.writeByte(number.intValue());
      case 'u' -> out.writeShort(number.intValue());
      case 'i' -> out.writeInt(number.intValue());
      default -> out.writeLong(number.longValue());
    }
  }

  private static void decimal(BigDecimal number, ByteBuf out) {
    int scale = number.scale();
    if (scale < 0 || scale > 0xFF || number.unscaledValue().bitLength() >= Integer.SIZE) {
      throw new IllegalArgumentException("decimal does not fit the wire: " + number);
    }
    out.writeByte('D').writeByte(scale).writeInt(number.unscaledValue().intValue());
  }

  private static void octets(char letter, byte[] bytes, ByteBuf out) {
    out.writeByte(letter).writeInt(bytes.length).writeBytes(bytes);
  }

  private static int open(ByteBuf out, int depth) {
    if (depth > CodecLimits.TABLE_DEPTH_MAX) {
      throw new IllegalArgumentException("table nested deeper than its limit");
    }
    int lengthAt = out.writerIndex();
    out.writeInt(0);
    return lengthAt;
  }

  private static void close(ByteBuf out, int lengthAt) {
    out.setInt(lengthAt, out.writerIndex() - lengthAt - Integer.BYTES);
  }
}
