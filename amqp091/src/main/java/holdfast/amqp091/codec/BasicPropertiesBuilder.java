package holdfast.amqp091.codec;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Makes a property list from values, or from another list with some of them changed. It keeps each
/// property encoded, so what is not touched is not re-encoded. Null removes a property.
public final class BasicPropertiesBuilder {
  private final byte[] @Nullable [] values = new byte[PropertyLayout.COUNT][];

  BasicPropertiesBuilder(BasicProperties from) {
    byte[] raw = from.raw();
    int flags = PropertyLayout.flags(raw);
    int at = PropertyLayout.FLAG_BYTES;
    for (int property = 0; property < PropertyLayout.COUNT; property++) {
      if ((flags & PropertyLayout.flag(property)) != 0) {
        int end = at + PropertyLayout.size(raw, at, property);
        values[property] = Arrays.copyOfRange(raw, at, end);
        at = end;
      }
    }
  }

  public BasicPropertiesBuilder contentType(@Nullable String value) {
    return text(PropertyLayout.CONTENT_TYPE, value);
  }

  public BasicPropertiesBuilder contentEncoding(@Nullable String value) {
    return text(PropertyLayout.CONTENT_ENCODING, value);
  }

  public BasicPropertiesBuilder headers(@Nullable Map<String, ? extends @Nullable Object> value) {
    return set(PropertyLayout.HEADERS, value == null ? null : FieldTable.encode(value));
  }

  public BasicPropertiesBuilder deliveryMode(int value) {
    return set(PropertyLayout.DELIVERY_MODE, new byte[] {(byte) value});
  }

  /// -1 removes it.
  public BasicPropertiesBuilder priority(int value) {
    return set(PropertyLayout.PRIORITY, value < 0 ? null : new byte[] {(byte) value});
  }

  public BasicPropertiesBuilder correlationId(@Nullable String value) {
    return text(PropertyLayout.CORRELATION_ID, value);
  }

  public BasicPropertiesBuilder replyTo(@Nullable String value) {
    return text(PropertyLayout.REPLY_TO, value);
  }

  public BasicPropertiesBuilder expiration(@Nullable String value) {
    return text(PropertyLayout.EXPIRATION, value);
  }

  public BasicPropertiesBuilder messageId(@Nullable String value) {
    return text(PropertyLayout.MESSAGE_ID, value);
  }

  /// Seconds since 1970.
  public BasicPropertiesBuilder timestamp(@Nullable Long value) {
    byte[] encoded = null;
    if (value != null) {
      encoded = new byte[Long.BYTES];
      Octets.putInt64(encoded, 0, value);
    }
    return set(PropertyLayout.TIMESTAMP, encoded);
  }

  public BasicPropertiesBuilder type(@Nullable String value) {
    return text(PropertyLayout.TYPE, value);
  }

  public BasicPropertiesBuilder userId(@Nullable String value) {
    return text(PropertyLayout.USER_ID, value);
  }

  public BasicPropertiesBuilder appId(@Nullable String value) {
    return text(PropertyLayout.APP_ID, value);
  }

  public BasicPropertiesBuilder clusterId(@Nullable String value) {
    return text(PropertyLayout.CLUSTER_ID, value);
  }

  public BasicProperties build() {
    int length = PropertyLayout.FLAG_BYTES;
    int flags = 0;
    for (int property = 0; property < PropertyLayout.COUNT; property++) {
      byte[] value = values[property];
      if (value != null) {
        flags |= PropertyLayout.flag(property);
        length += value.length;
      }
    }
    byte[] raw = new byte[length];
    Octets.putInt16(raw, 0, flags);
    int at = PropertyLayout.FLAG_BYTES;
    for (byte[] value : values) {
      if (value != null) {
        System.arraycopy(value, 0, raw, at, value.length);
        at += value.length;
      }
    }
    return BasicProperties.parse(raw);
  }

  private BasicPropertiesBuilder text(int property, @Nullable String value) {
    if (value == null) {
      return set(property, null);
    }
    byte[] text = value.getBytes(StandardCharsets.UTF_8);
    if (text.length > CodecLimits.SHORT_STRING_BYTES_MAX) {
      throw new IllegalArgumentException("short string of " + text.length + " octets");
    }
    byte[] encoded = new byte[1 + text.length];
    encoded[0] = (byte) text.length;
    System.arraycopy(text, 0, encoded, 1, text.length);
    return set(property, encoded);
  }

  private BasicPropertiesBuilder set(int property, byte @Nullable [] encoded) {
    values[property] = encoded;
    return this;
  }
}
