package holdfast.core;

import holdfast.store.LargeBody;
import org.jspecify.annotations.Nullable;

/// A message's way in: route, journal, and, once it is durable, visible and confirmed. Guarded by
/// the gate.
final class Publishing {
  /// What a definition takes in the journal beside its value, with a key of usual length.
  private static final int DEFINITION_BYTES = 128;

  private final Shard shard;
  private final Routes routes = new Routes();
  private final Placing placing;

  /// Bytes of definitions that the current step has written besides.
  private long defined;

  Publishing(Shard shard) {
    this.shard = shard;
    this.placing = new Placing(shard);
  }

  /// A step begins that places messages.
  void beginStep() {
    defined = 0;
  }

  /// Whether this step may write a queue's definition anew besides, as the first message of its
  /// kind has it done: one message can be that for very many queues.
  boolean mayDefine(Queue queue) {
    boolean first = defined == 0;
    defined += Definitions.value(queue).length + DEFINITION_BYTES;
    return first || defined <= shard.store().batchBytesMax() / 2;
  }

  void publish(Command.Publish command) {
    beginStep();
    Session session = command.session();
    Message message = command.message();
    Client client = session.client();
    markPublisher(client);
    Exchange exchange = session.host().exchange(message.exchange());
    CoreError error = refused(command, exchange);
    if (error != null || exchange == null || session.closed()) {
      shard.memory().add(-message.footprint());
      if (error != null) {
        shard.fail(command, error);
      }
      return;
    }
    if (session.transaction() instanceof Transaction open) {
      open.add(command);
      return;
    }
    routes.find(exchange, message, command.copies());
    if (shard.alarms().memoryIsShort() && Postponed.isFor(message, routes)) {
      shard.postponed().add(command);
      return;
    }
    long tag = session.takeConfirmTag();
    CoreError tooMuch = routes.tooMuch(shard.limits().targetsMax());
    if (tooMuch != null) {
      shard.memory().add(-message.footprint());
      shard.fail(command, tooMuch);
      return;
    }
    boolean taken = passBy(message, routes);
    boolean refused = leaveOutFull(message);
    if (refused) {
      session.refuse(tag);
    }
    if (routes.count() > 0) {
      send(session, message, refused ? 0 : tag);
    } else {
      unrouted(command, refused ? 0 : tag, taken || refused);
    }
  }

  /// What happens to a message on its way beside being put into queues; true if it was a reply and
  /// somebody has it.
  boolean passBy(Message message, Routes found) {
    found.keep(message, shard.memory());
    return DirectReplies.deliver(message, found, shard.alarms().memoryIsShort());
  }

  /// Sends what an exchange has kept to where it was bound just now.
  void replay(Session session, Message kept, Destination to) {
    Message message = kept.again();
    shard.memory().add(message.footprint());
    switch (to) {
      case Queue queue -> {
        routes.clear();
        if (!queue.deleted()) {
          routes.add(queue);
        }
      }
      case Exchange exchange -> routes.find(exchange, message);
    }
    if (routes.count() == 0 || routes.tooMuch(shard.limits().targetsMax()) != null) {
      shard.memory().add(-message.footprint());
    } else {
      send(session, message, 0);
    }
  }

  /// Puts a message into the queues that [#routes] names, however large it is.
  private void send(Session session, Message message, long tag) {
    if (shard.store().isLarge(message.bodyBytes()) && anyLog(message)) {
      new LargePublish(session, message, tag, routes.toArray()).begin();
    } else {
      placing.place(message, routes, null);
      placing.finish(session, tag);
    }
  }

  /// Takes those queues out of the route that are full and refuse more; true if there were any.
  private boolean leaveOutFull(Message message) {
    boolean any = false;
    for (int i = 0; i < routes.count() && !any; i++) {
      any = routes.get(i).refusesMore();
    }
    if (any) {
      routes.removeIf(queue -> queue.refusesMore() && refuse(queue, message));
    }
    return any;
  }

  private boolean refuse(Queue queue, Message message) {
    QueueSettings settings = queue.settings();
    if (settings.overflow() == QueueSettings.Overflow.REJECT_PUBLISH_DLX
        && settings.deadLetterExchange() != null) {
      shard.deadLetters().addRefused(queue, message);
    }
    return true;
  }

  /// Why a message may not be published, or null.
  private @Nullable CoreError refused(Command.Publish command, @Nullable Exchange exchange) {
    Session session = command.session();
    Message message = command.message();
    Access access = session.client().access();
    CoreError error = access.publish(message, exchange);
    if (error != null) {
      return error; // whether the exchange is there is not for this client to know
    }
    if (exchange == null) {
      return CoreError.notFound("exchange", message.exchange(), session.host());
    }
    if (exchange.internal()) {
      return CoreError.refused(
          "cannot publish to internal exchange '"
              + message.exchange()
              + "' in vhost '"
              + session.host().name()
              + "'");
    }
    int copies = command.copies().size();
    if (copies > Limits.COPIES_MAX) {
      return CoreError.precondition(
          "a message with " + copies + " keys in CC and BCC; the limit is " + Limits.COPIES_MAX);
    }
    error = copies == 0 ? null : access.publishCopies(command.copies(), exchange);
    return error != null ? error : headerError(message);
  }

  /// The header must fit into a record with the body, or with the places of its message in queues.
  private @Nullable CoreError headerError(Message message) {
    int bytes = message.properties().length;
    int bytesMax = shard.store().batchBytesMax() / 2;
    return bytes <= bytesMax
        ? null
        : CoreError.precondition(
            "message properties of " + bytes + " bytes; the limit is " + bytesMax + " bytes");
  }

  private void markPublisher(Client client) {
    if (!client.publisher()) {
      client.markPublisher();
    }
    String blocked = shard.blockedReason();
    if (blocked != null) {
      client.tellBlocked(blocked);
    }
  }

  /// @param taken whether it was a reply and somebody has it
  private void unrouted(Command.Publish command, long tag, boolean taken) {
    Session session = command.session();
    if (command.mandatory() && !taken) {
      session.emit(new Event.Returned(session, command.message()));
    }
    shard.memory().add(-command.message().footprint());
    confirm(session, tag);
  }

  private boolean anyLog(Message message) {
    for (int i = 0; i < routes.count(); i++) {
      if (routes.get(i).logs(message)) {
        return true;
      }
    }
    return false;
  }

  /// The message is durable: visible to consumers, and confirmed.
  void arrived(Arrival arrival) {
    arrival.entry().queue().arrived(arrival.entry());
    Entry[] further = arrival.further();
    if (further != null) {
      for (Entry entry : further) {
        entry.queue().arrived(entry);
      }
    }
    confirm(arrival.session(), arrival.confirmTag());
  }

  private void confirm(Session session, long tag) {
    if (tag != 0) {
      session.confirm(tag);
      shard.news().add(session);
    }
  }

  /// A message whose body is too large for one step: its parts go first, one a turn, and the
  /// message takes its place in the order when the last is in.
  private final class LargePublish {
    private final Session session;
    private final Message message;
    private final long tag;
    private final Queue[] targets;

    LargePublish(Session session, Message message, long tag, Queue[] targets) {
      this.session = session;
      this.message = message;
      this.tag = tag;
      this.targets = targets;
    }

    void begin() {
      LargeBody body = shard.store().beginLarge(message.content());
      shard.turns().withPart(session, () -> part(body));
    }

    private void part(LargeBody body) {
      if (!shard.store().writePart(body)) {
        shard.turns().addWithPart(session, () -> part(body));
        return;
      }
      routes.set(targets);
      routes.removeIf(Queue::deleted);
      if (routes.count() == 0) {
        shard.memory().add(-message.footprint());
        confirm(session, tag);
      } else {
        placing.place(message, routes, anyLog(message) ? body : null);
        placing.finish(session, tag);
      }
      shard.store().endLarge(body);
    }
  }
}
