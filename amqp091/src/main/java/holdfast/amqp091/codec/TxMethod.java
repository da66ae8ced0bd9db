package holdfast.amqp091.codec;

import io.netty.buffer.ByteBuf;

/// The tx class: transactions of a channel.
public sealed interface TxMethod extends Method {
  int CLASS_ID = 90;

  @Override
  default int classId() {
    return CLASS_ID;
  }

  /// Reads the arguments of the method with this id.
  static TxMethod read(int methodId, ArgumentReader in) {
    return switch (methodId) {
      case Select.ID -> Select.read(in);
      case SelectOk.ID -> SelectOk.read(in);
      case Commit.ID -> Commit.read(in);
      case CommitOk.ID -> CommitOk.read(in);
      case Rollback.ID -> Rollback.read(in);
      case RollbackOk.ID -> RollbackOk.read(in);
      default -> throw Methods.unknown(CLASS_ID, methodId);
    };
  }

  /// `tx.select`.
  record Select() implements TxMethod {
    public static final int ID = 10;

    static Select read(ArgumentReader in) {
      return new Select();
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {}
  }

  /// `tx.select-ok`.
  record SelectOk() implements TxMethod {
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

  /// `tx.commit`.
  record Commit() implements TxMethod {
    public static final int ID = 20;

    static Commit read(ArgumentReader in) {
      return new Commit();
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {}
  }

  /// `tx.commit-ok`.
  record CommitOk() implements TxMethod {
    public static final int ID = 21;

    static CommitOk read(ArgumentReader in) {
      return new CommitOk();
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {}
  }

  /// `tx.rollback`.
  record Rollback() implements TxMethod {
    public static final int ID = 30;

    static Rollback read(ArgumentReader in) {
      return new Rollback();
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {}
  }

  /// `tx.rollback-ok`.
  record RollbackOk() implements TxMethod {
    public static final int ID = 31;

    static RollbackOk read(ArgumentReader in) {
      return new RollbackOk();
    }

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public void encodeArguments(ByteBuf out) {}
  }
}
