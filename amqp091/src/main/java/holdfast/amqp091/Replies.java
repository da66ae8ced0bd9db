package holdfast.amqp091;

import holdfast.amqp091.codec.BasicMethod;
import holdfast.amqp091.codec.ConfirmMethod;
import holdfast.amqp091.codec.ExchangeMethod;
import holdfast.amqp091.codec.Method;
import holdfast.amqp091.codec.ProtocolError;
import holdfast.amqp091.codec.QueueMethod;
import holdfast.amqp091.codec.ReplyCode;
import holdfast.amqp091.codec.TxMethod;
import holdfast.core.Command;
import holdfast.core.CoreError;
import org.jspecify.annotations.Nullable;

/// From the core's answers to this protocol's methods and reply codes.
final class Replies {
  private static final int EXCHANGE = 40;
  private static final int QUEUE = 50;
  private static final int BASIC = 60;
  private static final int CONFIRM = 85;

  private Replies() {}

  /// The method that says that a command is done; null where nothing is said.
  static @Nullable Method done(Command command) {
    return switch (command) {
      case Command.DeclareExchange c -> new ExchangeMethod.DeclareOk();
      case Command.DeleteExchange c -> new ExchangeMethod.DeleteOk();
      case Command.Bind c -> bound(c);
      case Command.Cancel c -> new BasicMethod.CancelOk(c.consumerTag());
      case Command.Recover c -> new BasicMethod.RecoverOk();
      case Command.SetPrefetch c -> new BasicMethod.QosOk();
      case Command.SelectConfirms c -> new ConfirmMethod.SelectOk();
      case Command.SelectTransactions c -> new TxMethod.SelectOk();
      case Command.Commit c -> new TxMethod.CommitOk();
      case Command.Rollback c -> new TxMethod.RollbackOk();
      case Command.Look c -> null;
      case Command.Publish c -> null;
      case Command.DeclareQueue c -> null;
      case Command.DeleteQueue c -> null;
      case Command.PurgeQueue c -> null;
      case Command.Consume c -> null;
      case Command.TakeReplies c -> null;
      case Command.Get c -> null;
      case Command.Settle c -> null;
      case Command.SettleRow c -> null;
      case Command.CloseSession c -> null;
      case Command.CloseClient c -> null;
      case Command.Resume c -> null;
      case Command.SetAlarm c -> null;
      case Command.Inspect c -> null;
      case Command.Administer c -> null;
    };
  }

  private static Method bound(Command.Bind c) {
    if (c.toQueue()) {
      return c.unbind() ? new QueueMethod.UnbindOk() : new QueueMethod.BindOk();
    }
    return c.unbind() ? new ExchangeMethod.UnbindOk() : new ExchangeMethod.BindOk();
  }

  /// The method that answers a purge or a delete.
  static Method removed(Command cause, long messages) {
    return cause instanceof Command.PurgeQueue
        ? new QueueMethod.PurgeOk(messages)
        : new QueueMethod.DeleteOk(messages);
  }

  static ProtocolError error(Command cause, CoreError error) {
    int ids = ids(cause);
    return new ProtocolError(code(error.kind()), error.text(), ids >>> 16, ids & 0xffff);
  }

  private static ReplyCode code(CoreError.Kind kind) {
    return switch (kind) {
      case NOT_FOUND -> ReplyCode.NOT_FOUND;
      case ACCESS_REFUSED -> ReplyCode.ACCESS_REFUSED;
      case PRECONDITION_FAILED -> ReplyCode.PRECONDITION_FAILED;
      case RESOURCE_LOCKED -> ReplyCode.RESOURCE_LOCKED;
      case NOT_ALLOWED -> ReplyCode.NOT_ALLOWED;
      case COMMAND_INVALID -> ReplyCode.COMMAND_INVALID;
      case RESOURCE_ERROR -> ReplyCode.RESOURCE_ERROR;
      case NOT_IMPLEMENTED -> ReplyCode.NOT_IMPLEMENTED;
    };
  }

  /// Class and method of the method that a command came from.
  private static int ids(Command command) {
    return switch (command) {
      case Command.Publish c -> ids(BASIC, BasicMethod.Publish.ID);
      case Command.DeclareExchange c -> ids(EXCHANGE, ExchangeMethod.Declare.ID);
      case Command.DeleteExchange c -> ids(EXCHANGE, ExchangeMethod.Delete.ID);
      case Command.Bind c -> bindIds(c);
      case Command.DeclareQueue c -> ids(QUEUE, QueueMethod.Declare.ID);
      case Command.DeleteQueue c -> ids(QUEUE, QueueMethod.Delete.ID);
      case Command.PurgeQueue c -> ids(QUEUE, QueueMethod.Purge.ID);
      case Command.Consume c -> ids(BASIC, BasicMethod.Consume.ID);
      case Command.TakeReplies c -> ids(BASIC, BasicMethod.Consume.ID);
      case Command.Cancel c -> ids(BASIC, BasicMethod.Cancel.ID);
      case Command.Get c -> ids(BASIC, BasicMethod.Get.ID);
      case Command.Settle c -> ids(BASIC, settleId(c));
      case Command.SettleRow c -> ids(BASIC, BasicMethod.Ack.ID);
      case Command.Recover c -> ids(BASIC, BasicMethod.Recover.ID);
      case Command.SetPrefetch c -> ids(BASIC, BasicMethod.Qos.ID);
      case Command.SelectConfirms c -> ids(CONFIRM, ConfirmMethod.Select.ID);
      case Command.SelectTransactions c -> ids(TxMethod.CLASS_ID, TxMethod.Select.ID);
      case Command.Commit c -> ids(TxMethod.CLASS_ID, TxMethod.Commit.ID);
      case Command.Rollback c -> ids(TxMethod.CLASS_ID, TxMethod.Rollback.ID);
      case Command.Look c -> 0;
      case Command.CloseSession c -> 0;
      case Command.CloseClient c -> 0;
      case Command.Resume c -> 0;
      case Command.SetAlarm c -> 0;
      case Command.Inspect c -> 0;
      case Command.Administer c -> 0;
    };
  }

  private static int bindIds(Command.Bind c) {
    if (c.toQueue()) {
      return ids(QUEUE, c.unbind() ? QueueMethod.Unbind.ID : QueueMethod.Bind.ID);
    }
    return ids(EXCHANGE, c.unbind() ? ExchangeMethod.Unbind.ID : ExchangeMethod.Bind.ID);
  }

  private static int settleId(Command.Settle c) {
    return c.outcome() == Command.Outcome.ACCEPTED ? BasicMethod.Ack.ID : BasicMethod.Nack.ID;
  }

  private static int ids(int classId, int methodId) {
    return classId << 16 | methodId;
  }
}
