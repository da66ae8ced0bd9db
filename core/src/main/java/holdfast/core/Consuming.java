package holdfast.core;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A message's way out: consumers, gets, settlements, purges and the end of sessions. Guarded by
/// the gate.
final class Consuming {
  private final Shard shard;

  Consuming(Shard shard) {
    this.shard = shard;
  }

  void consume(Command.Consume c) {
    Session session = c.session();
    String tag = c.tag().isEmpty() ? c.generatedTag() : c.tag();
    Queue queue = session.host().queue(c.queue());
    CoreError error = consumeError(c, session, queue, tag);
    if (error != null || queue == null) {
      if (error != null) {
        shard.fail(c, error);
      }
      return;
    }
    Consumer consumer =
        new Consumer(
            session,
            queue,
            tag,
            c.autoSettle(),
            c.exclusive(),
            session.prefetchOfConsumers(),
            ConsumerRules.priority(c.arguments()),
            ConsumerRules.timeoutMs(c.arguments()));
    session.consumers().put(tag, consumer);
    queue.add(consumer);
    Stream stream = queue.stream();
    if (stream != null) {
      stream.add(consumer, c.arguments());
    }
    shard.await(
        session,
        queue.durable() ? shard.lastDefinition() : 0,
        () -> {
          if (!c.quiet()) {
            session.emit(new Event.Consuming(session, tag));
          }
          if (queue.deleted()) {
            session.emit(new Event.ConsumerCancelled(session, tag));
            return;
          }
          consumer.active = true;
          queue.offerRow(consumer);
        });
  }

  private @Nullable CoreError consumeError(
      Command.Consume c, Session session, @Nullable Queue queue, String tag) {
    if (queue == null) {
      return CoreError.notFound("queue", c.queue(), session.host());
    }
    CoreError locked = Declaring.lockedFor(queue, session);
    if (locked != null) {
      return locked;
    }
    if (session.consumers().containsKey(tag) || session.host().replies().isTag(session, tag)) {
      return new CoreError(
          CoreError.Kind.NOT_ALLOWED, "attempt to reuse consumer tag '" + tag + "'");
    }
    if (session.consumers().size() >= shard.limits().consumersMax()) {
      return new CoreError(
          CoreError.Kind.RESOURCE_ERROR,
          "more than " + shard.limits().consumersMax() + " consumers on one channel");
    }
    Stream stream = queue.stream();
    CoreError wrong = stream == null ? null : StreamRules.cannotConsume(c, session, stream);
    if (wrong == null) {
      wrong = ConsumerRules.invalid(c.arguments(), queue);
    }
    if (wrong != null) {
      return wrong;
    }
    boolean taken =
        queue.consumers().isExclusive()
            || c.exclusive() && (queue.settings().single() || !queue.consumers().isEmpty());
    return taken
        ? CoreError.refused(
            "queue '" + c.queue() + "' in vhost '" + session.host().name() + "' in exclusive use")
        : null;
  }

  void cancel(Command.Cancel c) {
    Session session = c.session();
    Consumer consumer = session.consumers().remove(c.consumerTag());
    if (consumer != null) {
      remove(consumer);
    }
    session.host().replies().cancel(session, c.consumerTag());
    shard.done(session, c, c.quiet());
  }

  private void remove(Consumer consumer) {
    consumer.queue.remove(consumer);
    shard.declaring().deleteIfDone(consumer.queue, consumer.session);
  }

  void get(Command.Get c) {
    Session session = c.session();
    Queue queue = session.host().queue(c.queue());
    CoreError error =
        queue == null
            ? CoreError.notFound("queue", c.queue(), session.host())
            : Declaring.lockedFor(queue, session);
    if (error != null || queue == null) {
      if (error != null) {
        shard.fail(c, error);
      }
      return;
    }
    Stream stream = queue.stream();
    if (stream != null) {
      shard.fail(c, StreamRules.noGet(stream));
      return;
    }
    queue.shedding().used();
    if (!c.autoSettle() && queue.holdsBack(session)) {
      shard.fail(
          c,
          CoreError.precondition(
              session.unsettled().count()
                  + " deliveries are unsettled, and memory is short: settle some first"));
      return;
    }
    if (queue.due && !queue.consumers().noneWaits() && queue.readyCount() > 0) {
      shard.later(session, () -> get(c)); // who waited before is served before
      return;
    }
    if (queue.readyCount() == 0) {
      // What arrived before may become visible yet.
      if (queue.visibleAt() != 0) {
        shard.await(session, queue.visibleAt(), () -> get(c));
      } else {
        session.emit(new Event.GotNothing(session));
      }
      return;
    }
    Lane lane = queue.top();
    Entry head = lane == null ? null : lane.backlog().head();
    Message message = head == null ? null : head.message;
    if (lane == null || head == null || message == null || queue.shedding().isSizing()) {
      queue.awaitHead(session, () -> get(c));
      return;
    }
    if (queue.shedding().isTooOld(message)) {
      queue.shedHead(lane, DeadLetters.Reason.EXPIRED);
      shard.settling().finish(false);
      shard.later(session, () -> get(c));
      return;
    }
    long allowedAt = lane.askToHandOut(head);
    if (allowedAt != 0) {
      shard.await(session, allowedAt, () -> get(c));
      return;
    }
    got(c, queue, lane, message);
  }

  private void got(Command.Get c, Queue queue, Lane lane, Message message) {
    Session session = c.session();
    Entry entry = queue.take(lane);
    long tag = session.hand(entry, c.autoSettle());
    session.emit(
        new Event.Got(session, tag, entry.redelivered, message, queue.readyCount(), entry.added()));
    if (c.autoSettle()) {
      shard.settling().add(entry);
      queue.settled(entry);
      shard.settling().finish(false);
    } else {
      shard.keepIfRoom(entry);
    }
    lane.readAhead();
    queue.lookAfterTaking();
  }

  // --- settling ---

  void settle(Command.Settle c) {
    Session session = c.session();
    Unsettled unsettled = session.unsettled();
    if (!c.multiple()) {
      Entry entry = unsettled.remove(c.deliveryTag());
      if (entry == null) {
        unknownTag(c, c.deliveryTag());
        return;
      }
      settle(session, session.transaction(), c.deliveryTag(), entry, c.outcome());
      shard.settling().finish(false);
      return;
    }
    long last = c.deliveryTag() == 0 ? unsettled.next() - 1 : c.deliveryTag();
    if (c.deliveryTag() != 0 && !unsettled.contains(c.deliveryTag())) {
      unknownTag(c, c.deliveryTag());
      return;
    }
    settleUpTo(session, session.transaction(), last, c.outcome(), () -> {});
  }

  /// Goes on with a row of tags, a slice a turn.
  void settle(Command.SettleRow c, long from) {
    Session session = c.session();
    long end = Math.min(c.lastTag() + 1, from + Limits.SLICE);
    long tag = from;
    for (; tag < end; tag++) {
      Entry entry = session.unsettled().remove(tag);
      if (entry == null) {
        break;
      }
      settle(session, session.transaction(), tag, entry, Command.Outcome.ACCEPTED);
    }
    shard.settling().finish(false);
    long next = tag;
    if (next < end) {
      unknownTag(c, next);
    } else if (next <= c.lastTag()) {
      shard.later(session, () -> settle(c, next));
    }
  }

  private void unknownTag(Command command, long tag) {
    shard.fail(command, CoreError.precondition("unknown delivery tag " + tag));
  }

  /// Settles everything up to a tag, a slice a turn, and then goes on.
  ///
  /// @param open the transaction that it is part of, or null
  private void settleUpTo(
      Session session,
      @Nullable Transaction open,
      long last,
      Command.Outcome outcome,
      Session.Step afterwards) {
    Unsettled unsettled = session.unsettled();
    for (int i = 0; i < Limits.SLICE && unsettled.first() <= last; i++) {
      long tag = unsettled.first();
      Entry entry = unsettled.remove(tag);
      if (entry == null) {
        break;
      }
      settle(session, open, tag, entry, outcome);
    }
    shard.settling().finish(false);
    if (unsettled.count() > 0 && unsettled.first() <= last) {
      shard.later(session, () -> settleUpTo(session, open, last, outcome, afterwards));
    } else {
      afterwards.run();
    }
  }

  private void settle(
      Session session, @Nullable Transaction open, long tag, Entry entry, Command.Outcome outcome) {
    if (open != null) {
      open.add(new Transaction.Settlement(tag, entry, outcome));
      return;
    }
    session.creditReturned(entry);
    switch (outcome) {
      case ACCEPTED -> {
        shard.settling().add(entry);
        entry.queue().settled(entry);
      }
      case REJECTED -> entry.queue().refused(entry);
      case RETURNED -> entry.queue().giveBack(entry);
    }
  }

  void recover(Command.Recover c) {
    Session session = c.session();
    settleUpTo(
        session,
        null,
        session.unsettled().next() - 1,
        Command.Outcome.RETURNED,
        () -> shard.done(session, c, c.quiet()));
  }

  // --- purging ---

  void purge(Command.PurgeQueue c) {
    Session session = c.session();
    Queue queue = session.host().queue(c.name());
    CoreError error =
        queue == null
            ? CoreError.notFound("queue", c.name(), session.host())
            : Declaring.lockedFor(queue, session);
    if (error != null || queue == null) {
      if (error != null) {
        shard.fail(c, error);
      }
      return;
    }
    Stream stream = queue.stream();
    if (stream != null) {
      shard.fail(c, StreamRules.noPurge(stream));
      return;
    }
    if (queue.visibleAt() != 0) {
      shard.await(session, queue.visibleAt(), () -> purge(c));
      return;
    }
    purge(c, queue, queue.readyCount(), 0, 0);
  }

  /// Removes so many entries, a slice a turn; the answer waits until their end is durable.
  private void purge(Command.PurgeQueue c, Queue queue, long left, long removed, long position) {
    long done = 0;
    for (int i = 0; i < Limits.SLICE && done < Math.min(left, Limits.PURGE_SLICE); i++) {
      Lane lane = queue.deleted() ? null : queue.top();
      if (lane == null) {
        break;
      }
      if (lane.backlog().head() == null) {
        long most = Math.min(left, Limits.PURGE_SLICE) - done;
        done += lane.backlog().settleStored(shard.settling(), most);
        continue;
      }
      Entry entry = queue.drop(lane);
      shard.settling().add(entry);
      shard.release(entry);
      done++;
    }
    queue.purged();
    long last = Math.max(position, shard.settling().finish(true));
    long total = removed + done;
    long rest = left - done;
    if (done > 0 && left > done) {
      shard.later(c.session(), () -> purge(c, queue, rest, total, last));
    } else if (!c.quiet()) {
      shard.await(
          c.session(), last, () -> c.session().emit(new Event.Removed(c.session(), c, total)));
    }
  }

  // --- the end of a session ---

  void close(Command.CloseSession c) {
    Session session = c.session();
    if (session.closed()) {
      return;
    }
    session.sayConfirms();
    session.close();
    if (session.transaction() instanceof Transaction open) {
      session.begin(null);
      shard.transactions().undo(session, open);
    }
    for (Consumer consumer : List.copyOf(session.consumers().values())) {
      remove(consumer);
    }
    session.consumers().clear();
    session.host().replies().end(session);
    settleUpTo(
        session,
        null,
        session.unsettled().next() - 1,
        Command.Outcome.RETURNED,
        () ->
            shard.await(
                session,
                Math.max(session.lastPublish(), shard.lastDefinition()),
                () -> gone(session)));
  }

  /// Told only once everything the session published or declared is durable: who closes in order
  /// and asked for no answers may rely on it as well.
  private void gone(Session session) {
    session.emit(new Event.SessionClosed(session));
    shard.reception().gone(session);
  }
}
