package holdfast.amqp091.codec;

import io.netty.buffer.ByteBuf;

/// Payloads of method frames to methods.
///
/// ```
/// | class id, 16 bits | method id, 16 bits | arguments |
/// ```
public final class Methods {
  private static final int ID_BYTES = 4;

  private Methods() {}

  /// Decodes a payload that fills the readable octets. No index moves. An id nobody knows is
  /// COMMAND_INVALID, arguments that do not fit theirs are SYNTAX_ERROR.
  public static Method decode(ByteBuf payload) {
    return decode(payload, payload.readerIndex(), payload.readableBytes(), new ArgumentReader());
  }

  static Method decode(ByteBuf in, int index, int length, ArgumentReader arguments) {
    if (length < ID_BYTES) {
      throw ProtocolException.syntax("method frame of " + length + " octets has no ids");
    }
    int classId = in.getUnsignedShort(index);
    int methodId = in.getUnsignedShort(index + 2);
    arguments.over(in, index + ID_BYTES, length - ID_BYTES);
    try {
      Method method = read(classId, methodId, arguments);
      arguments.finish();
      return method;
    } catch (ProtocolException e) {
      throw new ProtocolException(e.error().at(classId, methodId));
    }
  }

  private static Method read(int classId, int methodId, ArgumentReader in) {
    return switch (classId) {
      case BasicMethod.CLASS_ID -> BasicMethod.read(methodId, in);
      case ConnectionMethod.CLASS_ID -> ConnectionMethod.read(methodId, in);
      case ChannelMethod.CLASS_ID -> ChannelMethod.read(methodId, in);
      case AccessMethod.CLASS_ID -> AccessMethod.read(methodId, in);
      case ExchangeMethod.CLASS_ID -> ExchangeMethod.read(methodId, in);
      case QueueMethod.CLASS_ID -> QueueMethod.read(methodId, in);
      case ConfirmMethod.CLASS_ID -> ConfirmMethod.read(methodId, in);
      case TxMethod.CLASS_ID -> TxMethod.read(methodId, in);
      default -> throw unknown(classId, methodId);
    };
  }

  static ProtocolException unknown(int classId, int methodId) {
    return new ProtocolException(
        ReplyCode.COMMAND_INVALID, "unknown method " + methodId + " of class " + classId);
  }
}
