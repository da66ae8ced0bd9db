package holdfast.amqp091;

import holdfast.amqp091.codec.AddedHeaders;
import holdfast.amqp091.codec.BasicProperties;
import holdfast.amqp091.codec.BasicPropertiesBuilder;
import holdfast.core.Arguments;
import holdfast.core.Message;
import holdfast.core.PropertyFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A message's properties as this protocol's property list, flags first.
final class AmqpPropertyFormat implements PropertyFormat {
  private static final int ID = 1;
  private static final byte[] TRANSIENT = BasicProperties.of(1);

  /// The longest a message may say to wait, in ms: 32 bits, as with RabbitMQ.
  private static final long EXPIRATION_MS_MAX = 0xffff_ffffL;

  private static final int EXPIRATION_DIGITS_MAX = 18;
  private static final byte[] PERSISTENT = BasicProperties.of(2);

  @Override
  public int id() {
    return ID;
  }

  @Override
  public Arguments headers(byte[] properties) {
    BasicProperties parsed = BasicProperties.parse(properties);
    return parsed.hasHeaders() ? Tables.arguments(parsed.headers()) : Arguments.NONE;
  }

  @Override
  public long expirationMs(byte[] properties) {
    if (!BasicProperties.mayExpire(properties)) {
      return -1; // asked of every message
    }
    String text = BasicProperties.parse(properties).expiration();
    return text == null ? -1 : expirationMs(text);
  }

  /// Milliseconds; negative if the text is no number that can be meant.
  static long expirationMs(String text) {
    int length = text.length();
    if (length == 0 || length > EXPIRATION_DIGITS_MAX) {
      return -1;
    }
    long ms = 0;
    for (int i = 0; i < length; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      ms = 10 * ms + digit;
    }
    return ms <= EXPIRATION_MS_MAX ? ms : -1;
  }

  @Override
  public int priority(byte[] properties) {
    return BasicProperties.parse(properties).priority();
  }

  @Override
  public byte[] edited(
      byte[] properties, Arguments headers, Set<String> removedHeaders, boolean withoutExpiration) {
    BasicProperties parsed = BasicProperties.parse(properties);
    BasicPropertiesBuilder builder = parsed.toBuilder();
    if (!headers.isEmpty() || !removedHeaders.isEmpty()) {
      // What is not touched keeps the letters of its types: clients tell 32 bits from 64.
      Map<String, @Nullable Object> edited = new LinkedHashMap<>(parsed.headers());
      edited.keySet().removeAll(removedHeaders);
      edited.putAll(headers.asMap());
      builder.headers(edited.isEmpty() ? null : edited);
    }
    if (withoutExpiration) {
      builder.expiration(null);
    }
    return builder.build().raw();
  }

  @Override
  public @Nullable String property(byte[] properties, String name) {
    BasicProperties parsed = BasicProperties.parse(properties);
    return switch (name) {
      case "message_id" -> parsed.messageId();
      case "correlation_id" -> parsed.correlationId();
      case "timestamp" -> {
        Long seconds = parsed.timestamp();
        yield seconds == null ? null : seconds.toString();
      }
      default -> null;
    };
  }

  /// The property list to deliver a message with, whoever published it.
  static byte[] propertiesOf(Message message) {
    if (message.format().id() == ID) {
      return message.properties();
    }
    return message.persistent() ? PERSISTENT : TRANSIENT;
  }

  /// The same with headers that the broker adds to one delivery.
  static byte[] propertiesOf(Message message, @Nullable Arguments extra) {
    byte[] properties = propertiesOf(message);
    return extra == null ? properties : AddedHeaders.to(properties, extra.asMap());
  }
}
