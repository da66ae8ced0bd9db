package holdfast.amqp091.codec;

import io.netty.buffer.ByteBuf;

/// The channel class: the life of one channel.
public sealed interface ChannelMethod extends Method {
  int CLASS_ID = 20;

  @Override
  default int classId() {
    return CLASS_ID;
  }

  /// Reads the arguments of the method with this id.
  static ChannelMethod read(int methodId, ArgumentReader in) {
    return switch (methodId) {
      case Open.ID -> Open.read(in);
      case OpenOk.ID -> OpenOk.read(in);
      case Flow.ID -> Flow.read(in);
      case FlowOk.ID -> FlowOk.read(in);
      case Close.ID -> Close.read(in);
      case CloseOk.ID -> CloseOk.read(in);
      default -> throw Methods.unknown(CLASS_ID, methodId);
    };
  }

  /// `channel.open`.
  record Open() implements ChannelMethod {
    public static final int ID = 10;

    static Open read(ArgumentReader in) {
      in.skipShortString();
      return new Open();
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {
      out.writeByte(0);
    }
  }

  /// `channel.open-ok`.
  record OpenOk() implements ChannelMethod {
    public static final int ID = 11;

    static OpenOk read(ArgumentReader in) {
      in.longString();
      return new OpenOk();
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {
      out.writeInt(0);
    }
  }

  /// `channel.flow`.
  record Flow(boolean active) implements ChannelMethod {
    public static final int ID = 20;

    static Flow read(ArgumentReader in) {
      return new Flow((in.octet() & 1) != 0);
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {
      out.writeBoolean(active);
    }
  }

  /// `channel.flow-ok`.
  record FlowOk(boolean active) implements ChannelMethod {
    public static final int ID = 21;

    static FlowOk read(ArgumentReader in) {
      return new FlowOk((in.octet() & 1) != 0);
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {
      out.writeBoolean(active);
    }
  }

  /// `channel.close`. Either side ends the channel; the number is free again after `close-ok`.
  record Close(int replyCode, String replyText, int causingClassId, int causingMethodId)
      implements ChannelMethod {
    public static final int ID = 40;

    static Close read(ArgumentReader in) {
      return new Close(in.uint16(), in.shortString(), in.uint16(), in.uint16());
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {
      out.writeShort(replyCode);
      ArgumentWriter.shortString(out, replyText);
      out.writeShort(causingClassId);
      out.writeShort(causingMethodId);
    }
  }

  /// `channel.close-ok`.
  record CloseOk() implements ChannelMethod {
    public static final int ID = 41;

    static CloseOk read(ArgumentReader in) {
      return new CloseOk();
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {}
  }
}
