package holdfast.amqp091;

import holdfast.amqp091.codec.AccessMethod;
import holdfast.amqp091.codec.BasicMethod;
import holdfast.amqp091.codec.BasicProperties;
import holdfast.amqp091.codec.ChannelMethod;
import holdfast.amqp091.codec.ConfirmMethod;
import holdfast.amqp091.codec.ConnectionMethod;
import holdfast.amqp091.codec.ExchangeMethod;
import holdfast.amqp091.codec.Method;
import holdfast.amqp091.codec.ProtocolError;
import holdfast.amqp091.codec.ProtocolException;
import holdfast.amqp091.codec.QueueMethod;
import holdfast.amqp091.codec.ReplyCode;
import holdfast.amqp091.codec.TxMethod;
import holdfast.core.Arguments;
import holdfast.core.Command;
import holdfast.core.Message;
import holdfast.core.PropertyFormat;
import holdfast.core.Session;
import io.netty.buffer.ByteBuf;
import java.util.List;

/// One channel: turns its methods into commands of its session. The last place, on the way in,
/// where AMQP exists. On its connection's event loop.
final class AmqpChannel {
  private final AmqpConnection connection;
  private final int id;
  private final Session session;
  private final Content content;
  private final DirectReply directReply = new DirectReply();

  /// The queue that an empty name stands for.
  private String lastQueue = "";

  /// Whether we have closed it, for an error, and wait for the peer to agree: everything else that
  /// comes is from before the peer knew.
  private boolean closing;

  /// Whether the peer has closed it and waits for our agreement.
  private boolean closedByPeer;

  AmqpChannel(AmqpConnection connection, int id, Session session) {
    this.connection = connection;
    this.id = id;
    this.session = session;
    this.content = new Content(connection.memory());
  }

  int id() {
    return id;
  }

  Session session() {
    return session;
  }

  /// Whether deliveries and answers may still be sent on it.
  boolean isOpen() {
    return !closing && !closedByPeer;
  }

  boolean closedByPeer() {
    return closedByPeer;
  }

  void on(Method method) {
    if (closing) {
      onWhileClosing(method);
      return;
    }
    if (closedByPeer && !(method instanceof ChannelMethod.Open)) {
      return; // nothing follows a close: the session behind it is on its way out
    }
    expectMethod();
    switch (method) {
      case BasicMethod m -> onBasic(m);
      case QueueMethod m -> onQueue(m);
      case ExchangeMethod m -> onExchange(m);
      case ConfirmMethod m -> onConfirm(m);
      case ChannelMethod m -> onChannel(m);
      case TxMethod m -> onTransaction(m);
      case AccessMethod m -> connection.write(id, new AccessMethod.RequestOk(1));
      case ConnectionMethod m ->
          throw new ProtocolException(
              ReplyCode.COMMAND_INVALID, "a connection method on channel " + id);
    }
  }

  private void expectMethod() {
    if (content.isOpen()) {
      throw Content.unexpected("a method came where the content of a message was expected");
    }
  }

  void onAck(long deliveryTag, boolean multiple) {
    if (!isOpen()) {
      return;
    }
    expectMethod();
    if (multiple) {
      submit(new Command.Settle(session, deliveryTag, true, Command.Outcome.ACCEPTED));
    } else {
      connection.acked(session, deliveryTag);
    }
  }

  private void onWhileClosing(Method method) {
    if (method instanceof ChannelMethod.CloseOk) {
      connection.forget(this);
    } else if (method instanceof ChannelMethod.Close) {
      connection.write(id, new ChannelMethod.CloseOk());
      connection.forget(this);
    }
  }

  private void onBasic(BasicMethod method) {
    switch (method) {
      case BasicMethod.Publish m -> {
        if (m.immediate()) {
          throw notImplemented(m, "immediate=true");
        }
        content.begin(m);
      }
      case BasicMethod.Ack m -> onAck(m.deliveryTag(), m.multiple());
      case BasicMethod.Nack m ->
          submit(new Command.Settle(session, m.deliveryTag(), m.multiple(), refused(m.requeue())));
      case BasicMethod.Reject m ->
          submit(new Command.Settle(session, m.deliveryTag(), false, refused(m.requeue())));
      case BasicMethod.Get m -> submit(new Command.Get(session, queue(m, m.queue()), m.noAck()));
      case BasicMethod.Consume m -> consume(m);
      case BasicMethod.Cancel m -> {
        directReply.cancelled(m.consumerTag());
        submit(new Command.Cancel(session, m.consumerTag(), m.noWait()));
      }
      case BasicMethod.Qos m -> {
        if (m.prefetchSize() != 0) {
          throw notImplemented(m, "prefetch_size!=0 (" + m.prefetchSize() + ")");
        }
        submit(new Command.SetPrefetch(session, m.prefetchCount(), m.global()));
      }
      case BasicMethod.Recover m -> recover(m, m.requeue(), false);
      case BasicMethod.RecoverAsync m -> recover(m, m.requeue(), true);
      case BasicMethod.CancelOk m -> {
        // The peer agrees to a cancellation of ours: nothing is left to do.
      }
      case BasicMethod.QosOk m -> throw notFromClient(m);
      case BasicMethod.ConsumeOk m -> throw notFromClient(m);
      case BasicMethod.Return m -> throw notFromClient(m);
      case BasicMethod.Deliver m -> throw notFromClient(m);
      case BasicMethod.GetOk m -> throw notFromClient(m);
      case BasicMethod.GetEmpty m -> throw notFromClient(m);
      case BasicMethod.RecoverOk m -> throw notFromClient(m);
    }
  }

  private static Command.Outcome refused(boolean requeue) {
    return requeue ? Command.Outcome.RETURNED : Command.Outcome.REJECTED;
  }

  private void recover(BasicMethod method, boolean requeue, boolean quiet) {
    if (!requeue) {
      throw notImplemented(method, "requeue=false");
    }
    submit(new Command.Recover(session, quiet));
  }

  private void consume(BasicMethod.Consume m) {
    if (DirectReply.isMeant(queue(m, m.queue()))) {
      submit(directReply.consume(session, m));
      return;
    }
    String generated = m.consumerTag().isEmpty() ? Names.random("amq.ctag-") : "";
    submit(
        new Command.Consume(
            session,
            queue(m, m.queue()),
            m.consumerTag(),
            generated,
            m.noAck(),
            m.exclusive(),
            Tables.arguments(m.arguments()),
            m.noWait()));
  }

  private void onQueue(QueueMethod method) {
    switch (method) {
      case QueueMethod.Declare m -> declare(m);
      case QueueMethod.Bind m ->
          bind(
              false,
              queue(m, m.queue()),
              Names.clean(m.exchange()),
              m.queue().isEmpty() && m.routingKey().isEmpty() ? lastQueue : m.routingKey(),
              Tables.arguments(m.arguments()),
              m.noWait());
      case QueueMethod.Unbind m ->
          bind(
              true,
              queue(m, m.queue()),
              Names.clean(m.exchange()),
              m.routingKey(),
              Tables.arguments(m.arguments()),
              false);
      case QueueMethod.Purge m ->
          submit(new Command.PurgeQueue(session, queue(m, m.queue()), m.noWait()));
      case QueueMethod.Delete m ->
          submit(
              new Command.DeleteQueue(
                  session, queue(m, m.queue()), m.ifUnused(), m.ifEmpty(), m.noWait()));
      case QueueMethod.DeclareOk m -> throw notFromClient(m);
      case QueueMethod.BindOk m -> throw notFromClient(m);
      case QueueMethod.UnbindOk m -> throw notFromClient(m);
      case QueueMethod.PurgeOk m -> throw notFromClient(m);
      case QueueMethod.DeleteOk m -> throw notFromClient(m);
    }
  }

  private void declare(QueueMethod.Declare m) {
    String name = m.passive() ? queue(m, m.queue()) : Names.clean(m.queue());
    String generated = name.isEmpty() ? Names.random("amq.gen-") : "";
    lastQueue = name.isEmpty() ? generated : name;
    submit(
        new Command.DeclareQueue(
            session,
            name,
            generated,
            m.passive(),
            m.durable(),
            m.exclusive(),
            m.autoDelete(),
            Tables.arguments(m.arguments()),
            m.noWait()));
  }

  private void bind(
      boolean unbind,
      String queue,
      String exchange,
      String key,
      Arguments arguments,
      boolean quiet) {
    submit(new Command.Bind(session, unbind, true, exchange, queue, key, arguments, quiet));
  }

  /// The queue that is meant: an empty name is the last one declared on this channel.
  private String queue(Method method, String name) {
    if (!name.isEmpty()) {
      return Names.clean(name);
    }
    if (lastQueue.isEmpty()) {
      throw new ProtocolException(
          new ProtocolError(
              ReplyCode.NOT_FOUND,
              "no previously declared queue",
              method.classId(),
              method.methodId()));
    }
    return lastQueue;
  }

  private void onExchange(ExchangeMethod method) {
    switch (method) {
      case ExchangeMethod.Declare m ->
          submit(
              new Command.DeclareExchange(
                  session,
                  Names.clean(m.exchange()),
                  m.type(),
                  m.passive(),
                  m.durable(),
                  m.autoDelete(),
                  m.internal(),
                  Tables.arguments(m.arguments()),
                  m.noWait()));
      case ExchangeMethod.Delete m ->
          submit(
              new Command.DeleteExchange(
                  session, Names.clean(m.exchange()), m.ifUnused(), m.noWait()));
      case ExchangeMethod.Bind m ->
          submit(
              new Command.Bind(
                  session,
                  false,
                  false,
                  Names.clean(m.source()),
                  Names.clean(m.destination()),
                  m.routingKey(),
                  Tables.arguments(m.arguments()),
                  m.noWait()));
      case ExchangeMethod.Unbind m ->
          submit(
              new Command.Bind(
                  session,
                  true,
                  false,
                  Names.clean(m.source()),
                  Names.clean(m.destination()),
                  m.routingKey(),
                  Tables.arguments(m.arguments()),
                  m.noWait()));
      case ExchangeMethod.DeclareOk m -> throw notFromClient(m);
      case ExchangeMethod.DeleteOk m -> throw notFromClient(m);
      case ExchangeMethod.BindOk m -> throw notFromClient(m);
      case ExchangeMethod.UnbindOk m -> throw notFromClient(m);
    }
  }

  private void onConfirm(ConfirmMethod method) {
    switch (method) {
      case ConfirmMethod.Select m -> submit(new Command.SelectConfirms(session, m.noWait()));
      case ConfirmMethod.SelectOk m -> throw notFromClient(m);
    }
  }

  private void onTransaction(TxMethod method) {
    switch (method) {
      case TxMethod.Select m -> submit(new Command.SelectTransactions(session));
      case TxMethod.Commit m -> submit(new Command.Commit(session));
      case TxMethod.Rollback m -> submit(new Command.Rollback(session));
      case TxMethod.SelectOk m -> throw notFromClient(m);
      case TxMethod.CommitOk m -> throw notFromClient(m);
      case TxMethod.RollbackOk m -> throw notFromClient(m);
    }
  }

  private void onChannel(ChannelMethod method) {
    switch (method) {
      case ChannelMethod.Close m -> {
        content.drop();
        closedByPeer = true;
        submit(new Command.CloseSession(session));
      }
      case ChannelMethod.Flow m -> {
        if (!m.active()) {
          throw notImplemented(m, "active=false: use a prefetch limit to hold deliveries back");
        }
        connection.write(id, new ChannelMethod.FlowOk(true));
      }
      case ChannelMethod.FlowOk m -> {
        // Nothing of ours waits for it.
      }
      case ChannelMethod.Open m ->
          throw new ProtocolException(
              ReplyCode.CHANNEL_ERROR, "second 'channel.open' seen on channel " + id);
      case ChannelMethod.OpenOk m -> throw notFromClient(m);
      case ChannelMethod.CloseOk m -> throw notFromClient(m);
    }
  }

  // --- content ---

  void expectHeader() {
    if (isOpen()) {
      content.expectHeader();
    }
  }

  void onHeader(long bodyBytes, BasicProperties properties) {
    if (!isOpen()) {
      return;
    }
    int bytesMax = connection.settings().messageBytesMax();
    if (bodyBytes > bytesMax) {
      String text = "message size " + bodyBytes + " is larger than configured max size " + bytesMax;
      content.drop();
      throw publishError(ReplyCode.PRECONDITION_FAILED, text);
    }
    if (content.header(bodyBytes, properties)) {
      publish();
    }
  }

  void onBody(ByteBuf in, int index, int length) {
    if (isOpen() && content.body(in, index, length)) {
      publish();
    }
  }

  private void publish() {
    BasicMethod.Publish method = content.publish();
    BasicProperties received = content.properties();
    byte[][] large = content.isInPieces() ? content.takePieces() : null;
    byte[] body = content.takeBody();
    refuseUnsupported(received);
    List<String> copies = Copies.keys(received);
    BasicProperties properties = directReply.addressed(Copies.withoutBlind(received));
    boolean persistent = properties.persistent();
    long nowMs = SystemClock.nowMs();
    String exchange = method.exchange();
    String key = method.routingKey();
    PropertyFormat format = AmqpProtocol.PROPERTIES;
    Message message =
        large == null
            ? new Message(exchange, key, format, properties.raw(), body, persistent, nowMs)
            : new Message(exchange, key, format, properties.raw(), large, persistent, nowMs);
    connection.publish(new Command.Publish(session, message, method.mandatory(), copies));
  }

  /// What a later version will do must not be taken and ignored by this one.
  private void refuseUnsupported(BasicProperties properties) {
    String userId = properties.userId();
    if (userId != null && !userId.equals(connection.user())) {
      throw publishError(
          ReplyCode.PRECONDITION_FAILED,
          "user_id property set to '"
              + userId
              + "' but authenticated user was '"
              + connection.user()
              + "'");
    }
    String expiration = properties.expiration();
    if (expiration != null && AmqpPropertyFormat.expirationMs(expiration) < 0) {
      throw publishError(
          ReplyCode.PRECONDITION_FAILED,
          "invalid expiration '" + expiration + "': a number of milliseconds is expected");
    }
  }

  private static ProtocolException publishError(ReplyCode code, String text) {
    return new ProtocolException(
        new ProtocolError(code, text, BasicMethod.CLASS_ID, BasicMethod.Publish.ID));
  }

  // --- its end ---

  /// Closes it for an error: the peer is told, and everything it sends is ignored until it agrees.
  void close(ProtocolError error) {
    if (!isOpen()) {
      return;
    }
    closing = true;
    content.drop();
    connection.write(
        id,
        new ChannelMethod.Close(
            error.code().code(), error.replyText(), error.classId(), error.methodId()));
    submit(new Command.CloseSession(session));
  }

  /// Lets go of what it holds when its connection ends.
  void drop() {
    content.drop();
  }

  private void submit(Command command) {
    connection.submit(command);
  }

  private static ProtocolException notImplemented(Method method, String text) {
    return new ProtocolException(
        new ProtocolError(ReplyCode.NOT_IMPLEMENTED, text, method.classId(), method.methodId()));
  }

  private static ProtocolException notFromClient(Method method) {
    return new ProtocolException(
        new ProtocolError(
            ReplyCode.COMMAND_INVALID,
            "a client does not send this method",
            method.classId(),
            method.methodId()));
  }
}
