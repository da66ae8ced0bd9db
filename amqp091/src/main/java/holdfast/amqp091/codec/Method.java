package holdfast.amqp091.codec;

import io.netty.buffer.ByteBuf;

/// A method of the protocol: a command or an answer to one, with its arguments. Arguments that the
/// protocol reserves (the old access tickets among them) are read over and written as zero.
public sealed interface Method
    permits ConnectionMethod,
        ChannelMethod,
        AccessMethod,
        ExchangeMethod,
        QueueMethod,
        BasicMethod,
        TxMethod,
        ConfirmMethod {

  int classId();

  int methodId();

  /// Whether a content header and a body follow.
  default boolean hasContent() {
    return false;
  }

  /// Appends the arguments, without the ids.
  void encodeArguments(ByteBuf out);
}
