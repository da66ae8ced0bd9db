package holdfast.amqp091;

import holdfast.amqp091.codec.BasicProperties;
import holdfast.core.Arguments;
import holdfast.core.Message;
import holdfast.core.PropertyFormat;

/// A message's properties as this protocol's property list, flags first.
final class AmqpPropertyFormat implements PropertyFormat {
  private static final int ID = 1;
  private static final byte[] TRANSIENT = BasicProperties.of(1);
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

  /// The property list to deliver a message with, whoever published it.
  static byte[] propertiesOf(Message message) {
    if (message.format().id() == ID) {
      return message.properties();
    }
    return message.persistent() ? PERSISTENT : TRANSIENT;
  }
}
