package holdfast.core;

import holdfast.store.Batch;
import holdfast.store.Log;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Queues: made, found and deleted. What must outlive a restart is journaled, and its ok waits
/// until it is durable; so does an ok that rests on somebody else's declare. Guarded by the gate.
final class Declaring {
  static final String RESERVED = "amq.";

  private final Shard shard;
  private final DefinitionSizes sizes;
  private final DeclaringExchanges exchanges;

  Declaring(Shard shard, Publishing publishing) {
    this.shard = shard;
    this.sizes = new DefinitionSizes(shard.store().batchBytesMax());
    this.exchanges = new DeclaringExchanges(shard, sizes, publishing);
  }

  DeclaringExchanges exchanges() {
    return exchanges;
  }

  // --- queues ---

  void queue(Command.DeclareQueue c) {
    VirtualHost host = c.session().host();
    if (DirectReplies.isMeant(c.name())) {
      host.replies().declare(c, shard);
      return;
    }
    String name = c.name().isEmpty() && !c.passive() ? c.generatedName() : c.name();
    Queue existing = host.queue(name);
    Arguments arguments = host.withType(c, existing);
    Queue.Declaration asked =
        new Queue.Declaration(name, c.durable(), c.exclusive(), c.autoDelete(), arguments);
    CoreError error;
    if (existing == null) {
      error = c.passive() ? CoreError.notFound("queue", name, host) : refused(c, asked, host);
    } else {
      error = lockedFor(existing, c.session());
      if (error == null && !c.passive()) {
        error = QueueRules.invalid(asked, host);
      }
      if (error == null && !c.passive()) {
        error = QueueRules.differs(asked, existing);
      }
    }
    if (error != null) {
      shard.fail(c, error);
      return;
    }
    Queue queue = existing != null ? existing : create(asked, c.session());
    queue.shedding().used();
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
    if (c.name().isEmpty() && StreamRules.isStream(asked)) {
      return StreamRules.needsName();
    }
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
    CoreError error = shard.administration().queueLimit(host, asked.name());
    if (error == null) {
      error = sizes.check("the name of a queue", asked.name(), asked.arguments());
    }
    return error != null ? error : QueueRules.invalid(asked, host);
  }

  private Queue create(Queue.Declaration declaration, Session session) {
    VirtualHost host = session.host();
    Client owner = declaration.exclusive() ? session.client() : null;
    Log log = declaration.durable() && !declaration.exclusive() ? shard.store().newLog() : null;
    Queue queue = new Queue(shard, host, declaration, log, owner, false);
    host.add(queue);
    shard.policies().apply(queue);
    shard.countQueues(1);
    if (owner != null) {
      owner.exclusiveQueues().add(queue);
    }
    if (log != null) {
      Batch batch = shard.newBatch().createLog(log);
      shard.writeDefinition(batch.put(Definitions.key(queue), Definitions.value(queue)));
    }
    queue.shedding().begin();
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
    if (queue.hasDead()) {
      // What died in it is on its way to where dead letters go, and is still its own.
      shard.later(session, () -> deleteQueue(c));
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
    for (Consumer consumer : List.copyOf(queue.consumers().all())) {
      // Who has not been told that it consumes is told both, in this order, when its turn comes.
      boolean told = consumer.active;
      queue.remove(consumer);
      consumer.session.consumers().remove(consumer.tag);
      if (told) {
        consumer.session.emit(new Event.ConsumerCancelled(consumer.session, consumer.tag));
      }
    }
    Removals removals = new Removals(shard);
    if (queue.durable()) {
      removals.remove(Definitions.key(queue));
    }
    for (Lane lane : queue.lanes()) {
      Log log = lane.log();
      if (log != null) {
        removals.delete(log);
      }
    }
    Stream stream = queue.stream();
    if (stream != null) {
      stream.deleteNotes(removals);
    }
    for (Binding binding : List.copyOf(queue.bindings())) {
      removals.unlink(binding);
    }
    removals.write(by.client());
    empty(queue, new Session(by.client(), 0));
  }

  private void empty(Queue queue, Session broom) {
    int left = Limits.SLICE;
    for (Lane lane : queue.lanes()) {
      for (Entry entry = lane.remains(); entry != null; entry = lane.remains()) {
        if (left-- == 0) {
          shard.later(broom, () -> empty(queue, broom));
          return;
        }
        lane.removeRemains();
        shard.release(entry);
      }
    }
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
    return locked(queue);
  }

  static CoreError locked(Queue queue) {
    return new CoreError(
        CoreError.Kind.RESOURCE_LOCKED,
        "cannot obtain exclusive access to locked queue '"
            + queue.name()
            + "' in vhost '"
            + queue.host().name()
            + "'. It could be originally declared on another connection or the exclusive property"
            + " value does not match that of the original declaration.");
  }

  static CoreError reserved(String what, String name) {
    return CoreError.refused(
        what + " name '" + name + "' contains reserved prefix '" + RESERVED + "*'");
  }
}
