package holdfast.amqp091;

import holdfast.amqp091.codec.BasicMethod;
import holdfast.amqp091.codec.BasicProperties;
import holdfast.amqp091.codec.ProtocolError;
import holdfast.amqp091.codec.ProtocolException;
import holdfast.amqp091.codec.ReplyCode;
import holdfast.core.Command;
import holdfast.core.Session;
import org.jspecify.annotations.Nullable;

/// A channel's replies without a queue: whoever consumes from the queue that is none gets an
/// address, which its requests then carry as their reply-to. On the connection's event loop.
final class DirectReply {
  private @Nullable String address;
  private String tag = "";

  static boolean isMeant(String queue) {
    return queue.equals(Command.TakeReplies.QUEUE);
  }

  Command consume(Session session, BasicMethod.Consume m) {
    if (!m.noAck()) {
      throw refused(m.classId(), m.methodId(), "reply consumer cannot acknowledge");
    }
    if (address != null) {
      throw refused(m.classId(), m.methodId(), "reply consumer already set");
    }
    String generated = m.consumerTag().isEmpty() ? Names.random("amq.ctag-") : "";
    String fresh = Names.random(Command.TakeReplies.PREFIX);
    address = fresh;
    tag = m.consumerTag().isEmpty() ? generated : m.consumerTag();
    return new Command.TakeReplies(session, fresh, m.consumerTag(), generated, m.noWait());
  }

  void cancelled(String consumerTag) {
    if (consumerTag.equals(tag)) {
      address = null;
      tag = "";
    }
  }

  /// The properties of a message to publish, with the address of this channel's consumer where they
  /// ask for it.
  BasicProperties addressed(BasicProperties properties) {
    if (!Command.TakeReplies.QUEUE.equals(properties.replyTo())) {
      return properties;
    }
    if (address == null) {
      throw refused(
          BasicMethod.CLASS_ID, BasicMethod.Publish.ID, "fast reply consumer does not exist");
    }
    return properties.toBuilder().replyTo(address).build();
  }

  private static ProtocolException refused(int classId, int methodId, String text) {
    return new ProtocolException(
        new ProtocolError(ReplyCode.PRECONDITION_FAILED, text, classId, methodId));
  }
}
