package holdfast.amqp091;

import holdfast.amqp091.codec.ProtocolError;
import holdfast.amqp091.codec.ReplyCode;
import java.util.function.Predicate;

/// What a listener tells its connections, through their pipelines, when an administrator wants some
/// of them closed.
///
/// @param names which are meant; asked on event loops
/// @param reason for the client's log
public record CloseAsked(Predicate<String> names, String reason) {
  ProtocolError error() {
    return ProtocolError.of(ReplyCode.CONNECTION_FORCED, reason);
  }
}
