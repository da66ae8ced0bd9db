package holdfast.core;

import holdfast.store.Batch;
import holdfast.store.FetchedEntry;
import holdfast.store.Log;
import holdfast.store.Store;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The broker's state and its rules: one journal's queues, and the commands that change them, one
/// after the other. Passive: it starts no thread, reads no clock, opens nothing, and waits for
/// nothing. Whoever owns it (the gate) calls [#accept] with commands and [#runOne] for work that is
/// left over, both only while [Store#hasRoom]; each does one bounded step.
///
/// The order of the gate is the order of the journal. An effect that must survive leaves here (as
/// an [Event]) only when the position of its record is durable.
public final class Shard {
  private final Store store;
  private final Limits limits;
  private final MemoryBudget memory;
  private final Hosts hosts = new Hosts();
  private final Set<Client> clients = new LinkedHashSet<>();

  /// What waits for a position, in the order of positions.
  private final ArrayDeque<Pending> pending = new ArrayDeque<>();

  private final DueQueues dueQueues = new DueQueues(this);

  private final News news = new News();

  /// Queues that were there before the start and have not been looked at.
  private final ArrayDeque<Queue> recovered = new ArrayDeque<>();

  private final Postponed postponed = new Postponed(this);
  private final Turns turns;
  private final Alarms alarms;
  private final Windows windows;
  private final Fetches fetches;
  private final Formats formats;
  private final Settling settling;
  private final Batch batch = new Batch();
  private final Publishing publishing;
  private final Declaring declaring;
  private final Consuming consuming;
  private final DeadLetters deadLetters;
  private final Transactions transactions;
  private final Policies policies;
  private final Administration administration;
  private final Admissions admissions;
  private final Clients reception;
  private final Inspecting inspecting;

  /// Position of the newest definition: an ok that rests on somebody's declare waits for it.
  private long lastDefinition;

  /// Whether more is in memory than should be, and can be let go of.
  private boolean windowsToCut;

  private int queueCount;
  private long nowMs;

  /// Recovers the state from a store that was just opened.
  public Shard(Store store, Limits limits, MemoryBudget memory, Formats formats) {
    this.store = store;
    this.limits = limits;
    this.memory = memory;
    this.formats = formats;
    this.turns = new Turns(store);
    this.alarms = new Alarms(memory, clients, postponed);
    this.windows = new Windows(memory);
    this.fetches = new Fetches(memory, limits.paging());
    this.settling = new Settling(store);
    this.publishing = new Publishing(this);
    this.declaring = new Declaring(this, publishing);
    this.consuming = new Consuming(this);
    this.deadLetters = new DeadLetters(this);
    this.transactions = new Transactions(this);
    this.policies = new Policies(this);
    this.administration = new Administration(this);
    this.admissions = new Admissions(administration);
    this.reception = new Clients(this, clients, recovered, Recovering.recover(this));
    this.inspecting = new Inspecting(this, clients);
  }

  // --- what the gate calls ---

  /// Tells the time, in ms since the epoch, of what is done from now on. It may jump either way.
  public void at(long ms) {
    nowMs = ms;
  }

  /// When the shard wants to be called again although nothing happens, in ms since the epoch;
  /// `Long.MAX_VALUE` for never.
  public long nextTimeMs() {
    return dueQueues.timers().nextMs();
  }

  /// Does the first step of a command, or puts it behind its session's unfinished one.
  public void accept(Command command) {
    Session session = command.session();
    if (!session.known()) {
      reception.opened(session);
    }
    if (session.isBusy()) {
      session.putBehind(command);
    } else {
      execute(command);
    }
    judgeMemory();
  }

  /// Does one step of the work that is left over; false if there is none.
  public boolean runOne() {
    boolean completed = completePending();
    if (completed) {
      news.say(); // ahead of the deliveries: a publisher waits for its confirm to go on
    }
    boolean worked = store.handOverFetched() | dueQueues.work(nowMs) | completed;
    worked |= workWithRoom();
    settling.finish(false);
    if (!worked) {
      news.say();
    }
    judgeMemory(); // what was let go of just now may be the last that happens for long
    return worked;
  }

  /// A round of steps is over: what was gathered for the sake of few words is said.
  public void endRound() {
    news.say();
  }

  /// Whether [#runOne] has something to do.
  public boolean hasWork() {
    Pending first = pending.peek();
    return dueQueues.hasWork(nowMs)
        || turns.hasWork()
        || !news.isEmpty()
        || deadLetters.hasWork()
        || windowsToCut
        || store.hasFetched()
        || first != null && first.position() <= store.durable();
  }

  private void execute(Command command) {
    command.session().client().took(command);
    CoreError refused = Authorization.refused(command);
    if (refused != null) {
      fail(command, refused);
      return;
    }
    switch (command) {
      case Command.Publish c -> publishing.publish(c);
      case Command.Settle c -> consuming.settle(c);
      case Command.SettleRow c -> consuming.settle(c, c.firstTag());
      case Command.Get c -> consuming.get(c);
      case Command.Resume c -> reception.resume(c);
      case Command.Consume c -> consuming.consume(c);
      case Command.TakeReplies c -> c.session().host().replies().take(c, this);
      case Command.Cancel c -> consuming.cancel(c);
      case Command.Recover c -> consuming.recover(c);
      case Command.SetPrefetch c -> {
        c.session().setPrefetch(c.count(), c.wholeSession());
        c.session().emit(new Event.Done(c.session(), c));
      }
      case Command.SelectConfirms c -> {
        if (c.session().transaction() != null) {
          fail(c, CoreError.precondition("cannot switch from tx to confirm mode"));
          return;
        }
        c.session().selectConfirms();
        done(c.session(), c, c.quiet());
      }
      case Command.SelectTransactions c -> transactions.select(c);
      case Command.Commit c -> transactions.commit(c);
      case Command.Rollback c -> transactions.rollback(c);
      case Command.DeclareExchange c -> declaring.exchanges().declare(c);
      case Command.DeleteExchange c -> declaring.exchanges().delete(c);
      case Command.Bind c -> declaring.exchanges().bind(c);
      case Command.DeclareQueue c -> declaring.queue(c);
      case Command.DeleteQueue c -> declaring.deleteQueue(c);
      case Command.PurgeQueue c -> consuming.purge(c);
      case Command.CloseSession c -> consuming.close(c);
      case Command.CloseClient c -> reception.close(c);
      case Command.SetAlarm c -> alarms.set(c.source(), c.reason());
      case Command.Look c -> new Overdue(this).look(c);
      case Command.Administer c -> administration.administer(c);
      case Command.Inspect c -> inspecting.inspect(c);
    }
  }

  private boolean completePending() {
    long durable = store.durable();
    for (int i = 0; i < Limits.SLICE; i++) {
      Pending first = pending.peek();
      if (first == null || first.position() > durable) {
        return i > 0;
      }
      pending.remove();
      switch (first) {
        case Arrival arrival -> publishing.arrived(arrival);
        case Session.Wait wait -> {
          wait.session().stopWaiting();
          makeRunnable(wait.session());
        }
        case Lane.MarkWait mark -> mark.lane().marked(mark.upTo());
      }
    }
    return true;
  }

  /// A letter and a session's step may each write as much as there is room for at the least.
  private boolean workWithRoom() {
    boolean buried = deadLetters.hasWork() && store.hasRoom() && deadLetters.work();
    return (!buried || store.hasRoom()) && runSession() || buried;
  }

  private boolean runSession() {
    Session session = turns.next();
    if (session == null) {
      return false;
    }
    Session.Step step = session.takeStep();
    if (step != null) {
      step.run();
    } else {
      Command command = session.takeCommand();
      if (command != null) {
        execute(command);
      }
    }
    turns.add(session);
    return true;
  }

  // --- going on later ---

  /// Goes on with a step once a position is durable and everything that waited for it before has
  /// happened; at once if that is so.
  void await(Session session, long position, Session.Step next) {
    Pending first = pending.peek();
    if (position <= store.durable() && (first == null || first.position() > position)) {
      next.run();
      return;
    }
    session.goOn(next, true);
    addPending(new Session.Wait(orderly(position), session));
  }

  /// Goes on with a step after others had a turn.
  void later(Session session, Session.Step next) {
    session.goOn(next, false);
    makeRunnable(session);
  }

  void makeRunnable(Session session) {
    turns.add(session);
  }

  /// A position that may stand behind those that wait already.
  private long orderly(long position) {
    Pending last = pending.peekLast();
    return last == null ? position : Math.max(position, last.position());
  }

  void addPending(Pending waiting) {
    assert pending.isEmpty() || pending.getLast().position() <= waiting.position()
        : "positions wait out of order";
    pending.add(waiting);
  }

  /// A place in the row for something that needs only what stands there already.
  long lastPending() {
    return orderly(0);
  }

  // --- writing ---

  /// The reused batch, empty.
  Batch newBatch() {
    return batch.clear();
  }

  long write(Batch written) {
    return store.write(written, true);
  }

  long writeDefinition(Batch written) {
    lastDefinition = write(written);
    return lastDefinition;
  }

  /// Journals that a log's entries below `upTo` may be handed out; returns where.
  long markDispatched(Lane lane, Log log, long upTo) {
    long position = write(newBatch().dispatched(log, upTo));
    addPending(new Lane.MarkWait(orderly(position), lane, upTo));
    return position;
  }

  long lastDefinition() {
    return lastDefinition;
  }

  // --- parts ---

  Store store() {
    return store;
  }

  Limits limits() {
    return limits;
  }

  MemoryBudget memory() {
    return memory;
  }

  long nowMs() {
    return nowMs;
  }

  Timers timers() {
    return dueQueues.timers();
  }

  DeadLetters deadLetters() {
    return deadLetters;
  }

  Transactions transactions() {
    return transactions;
  }

  Publishing publishing() {
    return publishing;
  }

  Turns turns() {
    return turns;
  }

  Settling settling() {
    return settling;
  }

  Declaring declaring() {
    return declaring;
  }

  Hosts hosts() {
    return hosts;
  }

  Policies policies() {
    return policies;
  }

  /// Users, permissions, policies, and what else administrators set.
  public Administration administration() {
    return administration;
  }

  Admissions admissions() {
    return admissions;
  }

  Clients reception() {
    return reception;
  }

  Set<Client> clients() {
    return clients;
  }

  Alarms alarms() {
    return alarms;
  }

  Postponed postponed() {
    return postponed;
  }

  Windows windows() {
    return windows;
  }

  Fetches fetches() {
    return fetches;
  }

  void due(Queue queue) {
    dueQueues.add(queue);
  }

  News news() {
    return news;
  }

  /// An entry is gone, or on disk only; so is its message if no other queue holds it.
  void release(Entry entry) {
    memory.add(-Entry.FOOTPRINT_BYTES);
    letGo(entry);
  }

  /// Lets go of an entry's message, unless that has been done.
  void letGo(Entry entry) {
    Message message = entry.message;
    if (message != null) {
      entry.message = null;
      if (message.letGo()) {
        memory.add(-message.footprint());
      }
    }
  }

  /// Of an entry that was handed out: its message stays in memory if there is no other place for
  /// it, or room.
  void keepIfRoom(Entry entry) {
    if (entry.isLogged() && !memory.hasCacheRoom()) {
      letGo(entry);
    }
  }

  /// A message that was on disk only, held by one queue.
  Message fetchedMessage(FetchedEntry entry) {
    Message message = Message.recovered(entry.header(), entry.body(), formats);
    message.hold();
    memory.add(message.footprint());
    return message;
  }

  void done(Session session, Command command, boolean quiet) {
    if (!quiet) {
      session.emit(new Event.Done(session, command));
    }
  }

  void fail(Command command, CoreError error) {
    command.session().emit(new Event.Failed(command.session(), command, error));
  }

  int queueCount() {
    return queueCount;
  }

  void countQueues(int change) {
    queueCount += change;
  }

  // --- hosts and clients ---

  /// The virtual host of this name, or null; not one that is being deleted. Any thread.
  public @Nullable VirtualHost host(String name) {
    return hosts.find(name);
  }

  /// Makes sure that a virtual host exists; called before the first client comes. Returns the
  /// position to wait for.
  public long ensureHost(String name) {
    return administration.ensureHost(name);
  }

  void addRecovered(Queue queue) {
    queue.host().add(queue);
    recovered.add(queue);
    queueCount++;
  }

  /// A client that is part of the broker, or of the program around it: it may do everything. It
  /// counts from its first command on. Any thread.
  public Client newClient(String name, VirtualHost host, Outbox outbox) {
    Access access = Access.toEverything(host, administration);
    return new Client(name, host, outbox, access, admissions);
  }

  /// The client of a user. Any thread.
  public Client newClient(String name, Admission.Granted admission, Outbox outbox) {
    VirtualHost host = admission.host();
    Access access = Access.of(admission.user(), host, administration);
    return new Client(name, host, outbox, access, admissions);
  }

  // --- blocking publishers ---

  /// Why publishers are blocked now, or null. Any thread.
  public @Nullable String blockedReason() {
    return alarms.blockedReason();
  }

  /// What is on disk as well goes first: only what cannot be let go of raises the alarm.
  private void judgeMemory() {
    windowsToCut = windows.cutBack();
    alarms.judgeMemory();
  }
}
