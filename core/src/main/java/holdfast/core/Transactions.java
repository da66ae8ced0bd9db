package holdfast.core;

import holdfast.store.LargeBody;
import holdfast.store.Log;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Commits and rollbacks. A commit is one batch of the journal: after a crash all of its publishes
/// and settlements are there, or none; nothing of it is seen before it is durable, and the answer
/// says that it is. Bodies that would make the batch too large go ahead of it in parts. Guarded by
/// the gate.
final class Transactions {
  /// Bytes that a message takes in the batch beside its texts, and for each queue it goes to.
  private static final int MESSAGE_BYTES = 48;

  private static final int TARGET_BYTES = 24;
  private static final int SETTLEMENT_BYTES = 32;

  private final Shard shard;
  private final Routes routes = new Routes();
  private final Placing placing;

  Transactions(Shard shard) {
    this.shard = shard;
    this.placing = new Placing(shard);
  }

  void select(Command.SelectTransactions c) {
    Session session = c.session();
    if (session.hasConfirms()) {
      shard.fail(c, CoreError.precondition("cannot switch from confirm to tx mode"));
      return;
    }
    if (session.transaction() == null) {
      session.begin(new Transaction());
    }
    shard.done(session, c, false);
  }

  void commit(Command.Commit c) {
    Transaction transaction = takeTransaction(c);
    if (transaction != null) {
      new Work(c, transaction).load(0);
    }
  }

  void rollback(Command.Rollback c) {
    Transaction transaction = takeTransaction(c);
    if (transaction != null) {
      undo(c.session(), transaction);
      shard.done(c.session(), c, false);
    }
  }

  private @Nullable Transaction takeTransaction(Command c) {
    Transaction transaction = c.session().transaction();
    if (transaction == null) {
      shard.fail(c, CoreError.precondition("channel is not transactional"));
      return null;
    }
    c.session().begin(new Transaction());
    return transaction;
  }

  /// As if it had never been asked for: the deliveries are unsettled as before.
  void undo(Session session, Transaction transaction) {
    for (Command.Publish publish : transaction.publishes()) {
      shard.memory().add(-publish.message().footprint());
    }
    for (Transaction.Settlement settlement : transaction.settlements()) {
      session.unsettled().restore(settlement.tag(), settlement.entry());
    }
  }

  /// What a commit may take in its batch, with room beside it for a step's usual records.
  private int bytesMax() {
    return shard.store().largeBatchBytesMax() - shard.store().batchBytesMax();
  }

  /// A message that a commit places: published, or what becomes of one that is refused.
  ///
  /// @param from the queue it died in; null if it was published
  /// @param copies routing keys beside the message's own
  private record Outgoing(
      Message message, List<String> copies, boolean mandatory, @Nullable Queue from) {}

  /// One commit on its way.
  private final class Work {
    private final Command.Commit command;
    private final Session session;
    private final Transaction transaction;
    private final List<Outgoing> outgoing = new ArrayList<>();

    /// Bodies that went ahead, by the index of their message; null where they did not.
    private final List<@Nullable LargeBody> bodies = new ArrayList<>();

    Work(Command.Commit command, Transaction transaction) {
      this.command = command;
      this.session = command.session();
      this.transaction = transaction;
    }

    /// Makes letters of what dies, reading first what is on disk only.
    void load(int from) {
      List<Transaction.Settlement> settlements = transaction.settlements();
      for (int i = from; i < settlements.size(); i++) {
        Entry entry = settlements.get(i).entry();
        Log log = entry.lane.log();
        if (dies(settlements.get(i)) && entry.message == null && log != null) {
          read(log, entry, i);
          return;
        }
        letter(settlements.get(i));
      }
      for (Command.Publish publish : transaction.publishes()) {
        outgoing.add(new Outgoing(publish.message(), publish.copies(), publish.mandatory(), null));
      }
      check();
    }

    private void read(Log log, Entry entry, int index) {
      session.goOn(
          () -> {
            letter(transaction.settlements().get(index));
            load(index + 1);
          },
          true);
      shard
          .store()
          .fetch(
              log,
              entry.sequence,
              entry.sequence + 1,
              1,
              1,
              found -> {
                if (!found.isEmpty()) {
                  entry.message = shard.fetchedMessage(found.getFirst());
                }
                session.stopWaiting();
                shard.makeRunnable(session);
              });
    }

    private boolean dies(Transaction.Settlement settlement) {
      Queue queue = settlement.entry().queue();
      return settlement.outcome() == Command.Outcome.REJECTED
          && !queue.deleted()
          && queue.settings().deadLetterExchange() != null;
    }

    private void letter(Transaction.Settlement settlement) {
      Message message = settlement.entry().message;
      if (dies(settlement) && message != null) {
        Queue queue = settlement.entry().queue();
        Message letter = shard.deadLetters().letter(queue, DeadLetters.Reason.REJECTED, message);
        shard.memory().add(letter.footprint());
        outgoing.add(new Outgoing(letter, List.of(), false, queue));
      }
    }

    /// Nothing may go wrong any more once the first part is written.
    private void check() {
      long bytes = (long) SETTLEMENT_BYTES * transaction.settlements().size();
      long bodyBytes = 0;
      CoreError error = null;
      for (Outgoing one : outgoing) {
        error = error == null ? route(one) : error;
        bytes += bytes(one.message);
        bodyBytes += one.message.bodyBytes();
      }
      if (error == null && bytes > bytesMax()) {
        error = tooLarge(bytes);
      }
      if (error != null) {
        giveUp(error);
        return;
      }
      boolean ahead = bytes + bodyBytes > shard.store().batchBytesMax();
      sendAhead(0, ahead, (int) (ahead ? bytes : bytes + bodyBytes));
    }

    private CoreError tooLarge(long bytes) {
      return new CoreError(
          CoreError.Kind.RESOURCE_ERROR,
          "a transaction of "
              + bytes
              + " bytes beside its message bodies; the limit is "
              + bytesMax()
              + ": commit more often");
    }

    private void giveUp(CoreError error) {
      for (Outgoing one : outgoing) {
        shard.memory().add(one.from == null ? 0 : -one.message.footprint());
      }
      undo(session, transaction);
      shard.fail(command, error);
    }

    private long bytes(Message message) {
      return MESSAGE_BYTES
          + (long) TARGET_BYTES * Math.max(1, routes.count())
          + message.properties().length
          + 3L * (message.exchange().length() + message.routingKey().length());
    }

    private @Nullable CoreError route(Outgoing one) {
      routes.clear();
      if (one.from != null) {
        shard.deadLetters().route(one.from, one.message, DeadLetters.Reason.REJECTED, routes);
        return null;
      }
      Exchange exchange = session.host().exchange(one.message.exchange());
      if (exchange == null) {
        return CoreError.notFound("exchange", one.message.exchange(), session.host());
      }
      routes.find(exchange, one.message, one.copies);
      CoreError error = routes.tooMuch(shard.limits().targetsMax());
      for (int i = 0; i < routes.count() && error == null; i++) {
        if (routes.get(i).refusesMore()) {
          error =
              CoreError.precondition(
                  "transaction not committed: queue '" + routes.get(i).name() + "' is full");
        }
      }
      return error;
    }

    /// Has bodies written ahead of the batch, a part a turn.
    private void sendAhead(int index, boolean all, int bytes) {
      for (int i = index; i < outgoing.size(); i++) {
        Message message = outgoing.get(i).message;
        boolean goes = all || shard.store().isLarge(message.bodyBytes());
        if (goes && message.bodyBytes() > 0) {
          LargeBody body = shard.store().beginLarge(message.content());
          int next = i + 1;
          shard.turns().withPart(session, () -> part(body, next, all, bytes));
          return;
        }
        bodies.add(null);
      }
      recheck(bytes);
    }

    private void part(LargeBody body, int next, boolean all, int bytes) {
      if (shard.store().writePart(body)) {
        bodies.add(body);
        shard.later(session, () -> sendAhead(next, all, bytes));
      } else {
        shard.turns().addWithPart(session, () -> part(body, next, all, bytes));
      }
    }

    /// What was bound while bodies went ahead counts too: there may be less room than was asked
    /// for.
    private void recheck(int bytes) {
      long now = (long) SETTLEMENT_BYTES * transaction.settlements().size();
      for (Outgoing one : outgoing) {
        route(one);
        now += bytes(one.message);
      }
      if (now > bytesMax()) {
        endBodies();
        giveUp(tooLarge(now));
      } else {
        finish((int) Math.max(bytes, now));
      }
    }

    private void endBodies() {
      for (LargeBody body : bodies) {
        if (body != null) {
          shard.store().endLarge(body);
        }
      }
    }

    private void finish(int bytes) {
      if (!shard.store().hasRoom(bytes + shard.store().batchBytesMax())) {
        shard.later(session, () -> finish(bytes));
        return;
      }
      shard.publishing().beginStep();
      placing.together();
      settle();
      for (int i = 0; i < outgoing.size(); i++) {
        place(outgoing.get(i), bodies.get(i));
      }
      long position = placing.finish(session, 0);
      endBodies();
      settled();
      // Behind what it published, which becomes visible first.
      shard.await(
          session,
          Math.max(position, shard.lastPending()),
          () -> shard.done(session, command, false));
    }

    private void place(Outgoing one, @Nullable LargeBody body) {
      // What has become full since takes it all the same: it was not when this was decided.
      route(one);
      boolean taken = shard.publishing().passBy(one.message, routes);
      if (routes.count() == 0 && one.mandatory && !taken) {
        session.emit(new Event.Returned(session, one.message));
      }
      // It begins to wait now, not when it was published.
      Message message = one.message.acceptedAt(shard.nowMs());
      placing.place(message, routes, isLogged(message) ? body : null);
    }

    private boolean isLogged(Message message) {
      for (int i = 0; i < routes.count(); i++) {
        if (routes.get(i).logs(message)) {
          return true;
        }
      }
      return false;
    }

    /// In the order in which they stand in their logs.
    private void settle() {
      List<Entry> entries = new ArrayList<>();
      for (Transaction.Settlement settlement : transaction.settlements()) {
        if (settlement.outcome() != Command.Outcome.RETURNED) {
          entries.add(settlement.entry());
        }
      }
      entries.sort(
          Comparator.<Entry>comparingLong(entry -> entry.lane.id())
              .thenComparingLong(entry -> entry.sequence));
      entries.forEach(placing::settle);
    }

    private void settled() {
      for (Transaction.Settlement settlement : transaction.settlements()) {
        Entry entry = settlement.entry();
        session.creditReturned(entry);
        if (settlement.outcome() == Command.Outcome.RETURNED) {
          entry.queue().giveBack(entry);
        } else {
          entry.queue().settled(entry);
        }
      }
      shard.settling().finish(false);
    }
  }
}
