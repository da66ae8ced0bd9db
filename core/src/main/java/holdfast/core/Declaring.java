package holdfast.core;

import holdfast.store.Batch;
import holdfast.store.Log;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Exchanges, queues and bindings: made, found, bound and deleted. What must outlive a restart is
/// journaled, and its ok waits until it is durable; so does an ok that rests on somebody else's
/// declare. Guarded by the gate.
final class Declaring {
  private static final String RESERVED = "amq.";

  private final Shard shard;
  private final DefinitionSizes sizes;

  Declaring(Shard shard) {
    this.shard = shard;
    this.sizes = new DefinitionSizes(shard.store().batchBytesMax());
  }

  // --- exchanges ---

  void exchange(Command.DeclareExchange c) {
    VirtualHost host = c.session().host();
    Exchange existing = host.exchange(c.name());
    CoreError error =
        existing != null
            ? c.passive() ? null : differs(c, existing)
            : c.passive() ? CoreError.notFound("exchange", c.name(), host) : invalid(c, host);
    if (error != null) {
      shard.fail(c, error);
      return;
    }
    if (existing == null) {
      create(c, host);
    }
    answer(c, c.quiet(), c.durable() || existing != null && existing.durable());
  }

  private @Nullable CoreError invalid(Command.DeclareExchange c, VirtualHost host) {
    if (c.name().isEmpty()) {
      return onDefaultExchange();
    }
    if (c.name().startsWith(RESERVED)) {
      return reserved("exchange", c.name());
    }
    CoreError error = sizes.check("the name of an exchange", c.name(), c.arguments());
    if (error != null) {
      return error;
    }
    for (String name : c.arguments().asMap().keySet()) {
      if (name.equals("alternate-exchange") || name.startsWith("x-")) {
        return CoreError.precondition(
            "invalid arg '"
                + name
                + "' for exchange '"
                + c.name()
                + "' in vhost '"
                + host.name()
                + "': not supported by this version");
      }
    }
    if (Exchange.create(host, declaration(c), 0) == null) {
      return new CoreError(
          CoreError.Kind.COMMAND_INVALID, "unknown exchange type '" + c.type() + "'");
    }
    return null;
  }

  private static Exchange.Declaration declaration(Command.DeclareExchange c) {
    return new Exchange.Declaration(
        c.name(), c.type(), c.durable(), c.autoDelete(), c.internal(), c.arguments());
  }

  private void create(Command.DeclareExchange c, VirtualHost host) {
    Exchange created = Exchange.create(host, declaration(c), shard.store().newId());
    if (created == null) {
      throw new AssertionError("type " + c.type() + " was checked before");
    }
    host.add(created);
    if (created.durable()) {
      shard.writeDefinition(
          shard.newBatch().put(Definitions.key(created), Definitions.value(created)));
    }
  }

  private static @Nullable CoreError differs(Command.DeclareExchange c, Exchange is) {
    if (c.name().isEmpty()) {
      return onDefaultExchange();
    }
    String where = "for exchange '" + is.name() + "' in vhost '" + is.host().name() + "'";
    CoreError error = QueueRules.differs("type", where, c.type(), is.type());
    if (error == null) {
      error = QueueRules.differs("durable", where, c.durable(), is.durable());
    }
    if (error == null) {
      error = QueueRules.differs("auto_delete", where, c.autoDelete(), is.autoDelete());
    }
    if (error == null) {
      error = QueueRules.differs("internal", where, c.internal(), is.internal());
    }
    return error != null ? error : QueueRules.differs(where, c.arguments(), is.arguments());
  }

  void deleteExchange(Command.DeleteExchange c) {
    VirtualHost host = c.session().host();
    Exchange exchange = host.exchange(c.name());
    CoreError error = null;
    if (c.name().isEmpty()) {
      error = onDefaultExchange();
    } else if (c.name().startsWith(RESERVED)) {
      error = reserved("exchange", c.name());
    } else if (exchange != null && c.ifUnused() && !exchange.bindings().isEmpty()) {
      error =
          CoreError.precondition(
              "exchange '" + c.name() + "' in vhost '" + host.name() + "' in use");
    }
    if (error != null) {
      shard.fail(c, error);
      return;
    }
    if (exchange != null) {
      delete(exchange, c.session().client());
    }
    answer(c, c.quiet(), exchange != null && exchange.durable());
  }

  private void delete(Exchange exchange, Client by) {
    exchange.host().remove(exchange);
    Removals removals = new Removals(shard);
    if (exchange.durable()) {
      removals.remove(Definitions.key(exchange));
    }
    for (Binding binding : List.copyOf(exchange.bindings())) {
      removals.unlink(binding);
    }
    for (Binding binding : List.copyOf(exchange.incoming())) {
      removals.unlink(binding);
    }
    removals.write(by);
  }

  // --- bindings ---

  void bind(Command.Bind c) {
    VirtualHost host = c.session().host();
    Exchange source = host.exchange(c.source());
    Destination destination =
        c.toQueue() ? host.queue(c.destination()) : host.exchange(c.destination());
    CoreError error = bindError(c, host, source, destination);
    if (error != null || source == null || destination == null) {
      if (error != null) {
        shard.fail(c, error);
      } else {
        answer(c, c.quiet(), false);
      }
      return;
    }
    Binding binding = new Binding(source, destination, c.key(), c.arguments());
    if (c.unbind()) {
      Removals removals = new Removals(shard);
      Binding there = source.bindingLike(binding);
      if (there != null) {
        removals.unbind(there);
      }
      removals.write(c.session().client());
    } else if (link(binding) && binding.durable()) {
      shard.writeDefinition(
          shard.newBatch().put(Definitions.key(binding), Definitions.value(binding)));
    }
    answer(c, c.quiet(), binding.durable());
  }

  private @Nullable CoreError bindError(
      Command.Bind c,
      VirtualHost host,
      @Nullable Exchange source,
      @Nullable Destination destination) {
    if (c.source().isEmpty() || !c.toQueue() && c.destination().isEmpty()) {
      return onDefaultExchange();
    }
    if (c.unbind() && (source == null || destination == null)) {
      return null; // what is not there is not bound
    }
    if (destination == null) {
      return CoreError.notFound(c.toQueue() ? "queue" : "exchange", c.destination(), host);
    }
    if (source == null) {
      return CoreError.notFound("exchange", c.source(), host);
    }
    if (destination instanceof Queue queue) {
      CoreError locked = lockedFor(queue, c.session());
      if (locked != null) {
        return locked;
      }
    }
    if (source instanceof HeadersExchange && !c.unbind()) {
      String wrong = HeadersExchange.invalid(c.arguments());
      if (wrong != null) {
        return CoreError.precondition(wrong);
      }
    }
    return sizes.check("the key of a binding", c.key(), c.arguments());
  }

  /// Makes a binding count; false if it did already.
  boolean link(Binding binding) {
    if (!binding.source().bind(binding)) {
      return false;
    }
    switch (binding.destination()) {
      case Queue queue -> queue.bindings().add(binding);
      case Exchange exchange -> exchange.incoming().add(binding);
    }
    return true;
  }

  // --- queues ---

  void queue(Command.DeclareQueue c) {
    VirtualHost host = c.session().host();
    String name = c.name().isEmpty() && !c.passive() ? c.generatedName() : c.name();
    Queue.Declaration asked =
        new Queue.Declaration(name, c.durable(), c.exclusive(), c.autoDelete(), c.arguments());
    Queue existing = host.queue(name);
    CoreError error;
    if (existing == null) {
      error = c.passive() ? CoreError.notFound("queue", name, host) : refused(c, asked, host);
    } else {
      error = lockedFor(existing, c.session());
      if (error == null && !c.passive()) {
        error = QueueRules.differs(asked, existing);
      }
    }
    if (error != null) {
      shard.fail(c, error);
      return;
    }
    Queue queue = existing != null ? existing : create(asked, c.session());
    answerCounts(c, queue);
  }

  /// Counts are told once everything that arrived before is visible.
  private void answerCounts(Command.DeclareQueue c, Queue queue) {
    if (c.quiet()) {
      return;
    }
    Session session = c.session();
    long position = Math.max(queue.visibleAt(), queue.durable() ? shard.lastDefinition() : 0);
    shard.await(
        session,
        position,
        () ->
            session.emit(
                new Event.QueueDeclared(
                    session, queue.name(), queue.readyCount(), queue.consumers().size())));
  }

  private @Nullable CoreError refused(
      Command.DeclareQueue c, Queue.Declaration asked, VirtualHost host) {
    if (!c.name().isEmpty() && c.name().startsWith(RESERVED)) {
      return reserved("queue", c.name());
    }
    if (shard.queueCount() >= shard.limits().queuesMax()) {
      return new CoreError(
          CoreError.Kind.PRECONDITION_FAILED,
          "cannot declare queue '"
              + asked.name()
              + "': the limit of "
              + shard.limits().queuesMax()
              + " queues is reached");
    }
    CoreError error = sizes.check("the name of a queue", asked.name(), asked.arguments());
    return error != null ? error : QueueRules.invalid(asked, host);
  }

  private Queue create(Queue.Declaration declaration, Session session) {
    VirtualHost host = session.host();
    Client owner = declaration.exclusive() ? session.client() : null;
    Log log = declaration.durable() && !declaration.exclusive() ? shard.store().newLog() : null;
    Queue queue = new Queue(shard, host, declaration, log, owner);
    host.add(queue);
    shard.countQueues(1);
    if (owner != null) {
      owner.exclusiveQueues().add(queue);
    }
    if (log != null) {
      Batch batch = shard.newBatch().createLog(log);
      shard.writeDefinition(batch.put(Definitions.key(queue), Definitions.value(queue, log.id())));
    }
    return queue;
  }

  void deleteQueue(Command.DeleteQueue c) {
    Session session = c.session();
    VirtualHost host = session.host();
    Queue queue = host.queue(c.name());
    if (queue == null) {
      if (!c.quiet()) {
        session.emit(new Event.Removed(session, c, 0));
      }
      return;
    }
    if (c.ifEmpty() && queue.visibleAt() != 0) {
      shard.await(session, queue.visibleAt(), () -> deleteQueue(c));
      return;
    }
    CoreError error = lockedFor(queue, session);
    String where = "queue '" + c.name() + "' in vhost '" + host.name() + "'";
    if (error == null && c.ifUnused() && !queue.consumers().isEmpty()) {
      error = CoreError.precondition(where + " in use");
    }
    if (error == null && c.ifEmpty() && queue.readyCount() > 0) {
      error = CoreError.precondition(where + " is not empty");
    }
    if (error != null) {
      shard.fail(c, error);
      return;
    }
    long messages = queue.readyCount();
    boolean durable = queue.durable();
    delete(queue, session);
    if (!c.quiet()) {
      shard.await(
          session,
          durable ? shard.lastDefinition() : 0,
          () -> session.emit(new Event.Removed(session, c, messages)));
    }
  }

  /// Takes a queue away with everything that leads to it. Its entries are let go of in slices, by a
  /// session that ends with them.
  void delete(Queue queue, Session by) {
    queue.delete();
    queue.host().remove(queue);
    shard.countQueues(-1);
    Client owner = queue.owner();
    if (owner != null) {
      owner.exclusiveQueues().remove(queue);
    }
    for (Consumer consumer : List.copyOf(queue.consumers())) {
      // Who has not been told that it consumes is told both, in this order, when its turn comes.
      boolean told = consumer.active;
      queue.remove(consumer);
      consumer.session.consumers().remove(consumer.tag);
      if (told) {
        consumer.session.emit(new Event.ConsumerCancelled(consumer.session, consumer.tag));
      }
    }
    Removals removals = new Removals(shard);
    Log log = queue.log();
    if (log != null) {
      removals.remove(Definitions.key(queue));
      removals.delete(log);
    }
    for (Binding binding : List.copyOf(queue.bindings())) {
      removals.unlink(binding);
    }
    removals.write(by.client());
    empty(queue, new Session(by.client(), 0));
  }

  private void empty(Queue queue, Session broom) {
    for (int i = 0; i < Limits.SLICE; i++) {
      if (queue.head() == null) {
        return;
      }
      shard.release(queue.drop());
    }
    shard.later(broom, () -> empty(queue, broom));
  }

  /// Deletes a queue that was to end with its last consumer, once that is gone.
  void deleteIfDone(Queue queue, Session by) {
    if (!queue.deleted() && queue.isDone()) {
      delete(queue, by);
    }
  }

  // --- rules ---

  /// What keeps a session off a queue that belongs to another client, or null.
  static @Nullable CoreError lockedFor(Queue queue, Session session) {
    Client owner = queue.owner();
    if (owner == null || owner == session.client()) {
      return null;
    }
    return new CoreError(
        CoreError.Kind.RESOURCE_LOCKED,
        "cannot obtain exclusive access to locked queue '"
            + queue.name()
            + "' in vhost '"
            + queue.host().name()
            + "'. It could be originally declared on another connection or the exclusive property"
            + " value does not match that of the original declaration.");
  }

  private static CoreError onDefaultExchange() {
    return CoreError.refused("operation not permitted on the default exchange");
  }

  private static CoreError reserved(String what, String name) {
    return CoreError.refused(
        what + " name '" + name + "' contains reserved prefix '" + RESERVED + "*'");
  }

  private void answer(Command c, boolean quiet, boolean durable) {
    if (!quiet) {
      shard.await(
          c.session(),
          durable ? shard.lastDefinition() : 0,
          () -> shard.done(c.session(), c, false));
    }
  }
}
