package holdfast.amqp091.codec;

import io.netty.buffer.ByteBuf;

/// The confirm class, an extension: publisher confirms.
public sealed interface ConfirmMethod extends Method {
  int CLASS_ID = 85;

  @Override
  default int classId() {
    return CLASS_ID;
  }

  /// Reads the arguments of the method with this id.
  static ConfirmMethod read(int methodId, ArgumentReader in) {
    return switch (methodId) {
      case Select.ID -> Select.read(in);
      case SelectOk.ID -> SelectOk.read(in);
      default -> throw Methods.unknown(CLASS_ID, methodId);
    };
  }

  /// `confirm.select`.
  record Select(boolean noWait) implements ConfirmMethod {
    public static final int ID = 10;

    static Select read(ArgumentReader in) {
      return new Select((in.octet() & 1) != 0);
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {
      out.writeBoolean(noWait);
    }
  }

  /// `confirm.select-ok`.
  record SelectOk() implements ConfirmMethod {
    public static final int ID = 11;

    static SelectOk read(ArgumentReader in) {
      return new SelectOk();
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {}
  }
}
