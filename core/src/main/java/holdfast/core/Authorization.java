package holdfast.core;

import holdfast.core.Access.Right;
import org.jspecify.annotations.Nullable;

/// Which command needs which rights, on what. The table is RabbitMQ's, but that a passive declare
/// needs one of the three: the existence of a name is not for everybody.
final class Authorization {
  /// What replies are consumed from is no queue; see RabbitMQ's direct reply-to.
  private static final String REPLY_TO = "amq.rabbitmq.reply-to";

  private static final String QUEUE = "queue";
  private static final String EXCHANGE = "exchange";

  private Authorization() {}

  /// Why a command may not be done, or null.
  static @Nullable CoreError refused(Command command) {
    return switch (command) {
      case Command.Publish c -> null; // asked when its exchange has been looked up
      case Command.Settle c -> null;
      case Command.SettleRow c -> null;
      case Command.Get c -> access(c).requireRead(c.queue());
      case Command.Consume c ->
          c.queue().equals(REPLY_TO) ? null : access(c).requireRead(c.queue());
      case Command.PurgeQueue c -> access(c).requireRead(c.name());
      case Command.DeclareExchange c -> declare(c);
      case Command.DeleteExchange c -> access(c).require(Right.CONFIGURE, EXCHANGE, c.name());
      case Command.Bind c -> bind(c);
      case Command.DeclareQueue c -> declare(c);
      case Command.DeleteQueue c -> access(c).require(Right.CONFIGURE, QUEUE, c.name());
      case Command.TakeReplies c -> null;
      case Command.SelectTransactions c -> null;
      case Command.Commit c -> null; // asked publish by publish
      case Command.Rollback c -> null;
      case Command.Look c -> null;
      case Command.Cancel c -> null;
      case Command.Recover c -> null;
      case Command.SetPrefetch c -> null;
      case Command.SelectConfirms c -> null;
      case Command.CloseSession c -> null;
      case Command.CloseClient c -> null;
      case Command.Resume c -> null;
      case Command.SetAlarm c -> null;
      case Command.Inspect c -> null;
      case Command.Administer c -> null; // not asked for by clients
    };
  }

  private static Access access(Command command) {
    return command.session().client().access();
  }

  private static @Nullable CoreError declare(Command.DeclareExchange c) {
    Access access = access(c);
    if (c.passive()) {
      return access.requireAny(EXCHANGE, c.name());
    }
    CoreError refused = access.require(Right.CONFIGURE, EXCHANGE, c.name());
    boolean isNew = c.session().host().exchange(c.name()) == null;
    if (refused == null && isNew && c.arguments().get("alternate-exchange") instanceof String to) {
      refused = access.require(Right.READ, EXCHANGE, c.name());
      return refused != null ? refused : access.require(Right.WRITE, EXCHANGE, to);
    }
    return refused;
  }

  private static @Nullable CoreError declare(Command.DeclareQueue c) {
    Access access = access(c);
    if (c.passive()) {
      return c.name().startsWith(REPLY_TO) ? null : access.requireAny(QUEUE, c.name());
    }
    String name = c.name().isEmpty() ? c.generatedName() : c.name();
    CoreError refused = access.require(Right.CONFIGURE, QUEUE, name);
    boolean isNew = c.session().host().queue(name) == null;
    if (refused == null
        && isNew
        && c.arguments().get("x-dead-letter-exchange") instanceof String to) {
      refused = access.require(Right.READ, QUEUE, name);
      return refused != null ? refused : access.require(Right.WRITE, EXCHANGE, to);
    }
    return refused;
  }

  private static @Nullable CoreError bind(Command.Bind c) {
    Access access = access(c);
    CoreError refused =
        access.require(Right.WRITE, c.toQueue() ? QUEUE : EXCHANGE, c.destination());
    if (refused == null) {
      refused = access.require(Right.READ, EXCHANGE, c.source());
    }
    Exchange source = c.session().host().exchange(c.source());
    return refused != null || source == null ? refused : access.requireTopic(source, c.key());
  }
}
