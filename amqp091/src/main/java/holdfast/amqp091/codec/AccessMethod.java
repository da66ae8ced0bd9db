package holdfast.amqp091.codec;

import io.netty.buffer.ByteBuf;

/// The access class, long without effect: old clients still ask, and are given ticket 1.
public sealed interface AccessMethod extends Method {
  int CLASS_ID = 30;

  @Override
  default int classId() {
    return CLASS_ID;
  }

  /// Reads the arguments of the method with this id.
  static AccessMethod read(int methodId, ArgumentReader in) {
    return switch (methodId) {
      case Request.ID -> Request.read(in);
      case RequestOk.ID -> RequestOk.read(in);
      default -> throw Methods.unknown(CLASS_ID, methodId);
    };
  }

  /// `access.request`.
  record Request(
      String realm, boolean exclusive, boolean passive, boolean active, boolean write, boolean read)
      implements AccessMethod {
    public static final int ID = 10;

    static Request read(ArgumentReader in) {
      String realm = in.shortString();
      int bits = in.octet();
      return new Request(
          realm,
          (bits & 1) != 0,
          (bits & 2) != 0,
          (bits & 4) != 0,
          (bits & 8) != 0,
          (bits & 16) != 0);
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {
      ArgumentWriter.shortString(out, realm);
      out.writeByte(
          (exclusive ? 1 : 0)
              | (passive ? 2 : 0)
              | (active ? 4 : 0)
              | (write ? 8 : 0)
              | (read ? 16 : 0));
    }
  }

  /// `access.request-ok`.
  record RequestOk(int ticket) implements AccessMethod {
    public static final int ID = 11;

    static RequestOk read(ArgumentReader in) {
      return new RequestOk(in.uint16());
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {
      out.writeShort(ticket);
    }
  }
}
