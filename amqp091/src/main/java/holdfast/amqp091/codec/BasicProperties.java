package holdfast.amqp091.codec;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The properties of a message: the very octets a publisher sent, which are stored and passed on as
/// they are. They are checked once, on arrival; values are looked up when somebody asks. Immutable
/// as long as nobody writes to the array.
public final class BasicProperties {
  /// None at all.
  public static final BasicProperties EMPTY = parse(new byte[] {0, 0});

  private final byte[] raw;
  private final int deliveryMode;

  private BasicProperties(byte[] raw, int deliveryMode) {
    this.raw = raw;
    this.deliveryMode = deliveryMode;
  }

  /// Checks and wraps a property list, flags in front, without a copy. Throws [ProtocolException]
  /// SYNTAX_ERROR.
  public static BasicProperties parse(byte[] raw) {
    return new BasicProperties(raw, PropertyLayout.check(raw));
  }

  /// A property list of the delivery mode alone: 1 transient, 2 persistent.
  public static byte[] of(int deliveryMode) {
    return new byte[] {0x10, 0, (byte) deliveryMode};
  }

  /// A builder with no properties yet.
  public static BasicPropertiesBuilder builder() {
    return new BasicPropertiesBuilder(EMPTY);
  }

  /// A builder that starts from these. What it is not asked to change stays octet for octet.
  public BasicPropertiesBuilder toBuilder() {
    return new BasicPropertiesBuilder(this);
  }

  /// Whether a checked property list says how long its message may wait.
  public static boolean mayExpire(byte[] raw) {
    return (PropertyLayout.flags(raw) & PropertyLayout.flag(PropertyLayout.EXPIRATION)) != 0;
  }

  /// The octets themselves, not a copy.
  public byte[] raw() {
    return raw;
  }

  /// 1 if absent; other numbers than 1 and 2 as they came.
  public int deliveryMode() {
    return deliveryMode;
  }

  public boolean persistent() {
    return deliveryMode == 2;
  }

  /// -1 if absent.
  public int priority() {
    int at = PropertyLayout.find(raw, PropertyLayout.PRIORITY);
    return at < 0 ? -1 : raw[at] & 0xFF;
  }

  public boolean hasHeaders() {
    return (PropertyLayout.flags(raw) & PropertyLayout.flag(PropertyLayout.HEADERS)) != 0;
  }

  /// Empty if absent. Each call decodes anew; [#header] is cheaper for one of them.
  public Map<String, @Nullable Object> headers() {
    int at = PropertyLayout.find(raw, PropertyLayout.HEADERS);
    return at < 0 ? Map.of() : FieldTable.decode(raw, at, raw.length);
  }

  /// One header without decoding the others; null if absent or void.
  public @Nullable Object header(String name) {
    int at = PropertyLayout.find(raw, PropertyLayout.HEADERS);
    return at < 0 ? null : FieldTable.find(raw, at, raw.length, name);
  }

  public @Nullable String contentType() {
    return text(PropertyLayout.CONTENT_TYPE);
  }

  public @Nullable String contentEncoding() {
    return text(PropertyLayout.CONTENT_ENCODING);
  }

  public @Nullable String correlationId() {
    return text(PropertyLayout.CORRELATION_ID);
  }

  public @Nullable String replyTo() {
    return text(PropertyLayout.REPLY_TO);
  }

  /// Milliseconds as text, not judged here.
  public @Nullable String expiration() {
    return text(PropertyLayout.EXPIRATION);
  }

  public @Nullable String messageId() {
    return text(PropertyLayout.MESSAGE_ID);
  }

  /// Seconds since 1970; null if absent.
  public @Nullable Long timestamp() {
    int at = PropertyLayout.find(raw, PropertyLayout.TIMESTAMP);
    return at < 0 ? null : Octets.int64(raw, at);
  }

  public @Nullable String type() {
    return text(PropertyLayout.TYPE);
  }

  public @Nullable String userId() {
    return text(PropertyLayout.USER_ID);
  }

  public @Nullable String appId() {
    return text(PropertyLayout.APP_ID);
  }

  public @Nullable String clusterId() {
    return text(PropertyLayout.CLUSTER_ID);
  }

  /// Whether these octets of a buffer are the same list.
  boolean isEncodedAs(ByteBuf in, int index, int length) {
    return Octets.areAt(in, index, length, raw);
  }

  private @Nullable String text(int property) {
    int at = PropertyLayout.find(raw, property);
    return at < 0 ? null : new String(raw, at + 1, raw[at] & 0xFF, StandardCharsets.UTF_8);
  }
}
