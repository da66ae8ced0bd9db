package holdfast.core;

import holdfast.store.Batch;
import holdfast.store.FetchedEntry;
import holdfast.store.Log;
import holdfast.store.Store;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
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
  private final Map<String, VirtualHost> hosts = new ConcurrentHashMap<>();
  private final Set<Client> clients = new LinkedHashSet<>();

  /// What waits for a position, in the order of positions.
  private final ArrayDeque<Pending> pending = new ArrayDeque<>();

  /// Sessions that can go on with a step or a command they had to put off.
  private final ArrayDeque<Session> runnable = new ArrayDeque<>();

  /// Queues that may have something to hand out.
  private final ArrayDeque<Queue> dueQueues = new ArrayDeque<>();

  /// Sessions with confirms that are not said yet.
  private final ArrayDeque<Session> news = new ArrayDeque<>();

  /// Keys of definitions to be swept once there is a client to do it for.
  private final ArrayDeque<String> stale;

  private final Alarms alarms;
  private final Windows windows;
  private final Fetches fetches;
  private final Formats formats;
  private final Settling settling;
  private final Batch batch = new Batch();
  private final Publishing publishing;
  private final Declaring declaring;
  private final Consuming consuming;

  /// Position of the newest definition: an ok that rests on somebody's declare waits for it.
  private long lastDefinition;

  /// Whether more is in memory than should be, and can be let go of.
  private boolean windowsToCut;

  private int queueCount;

  /// Recovers the state from a store that was just opened.
  public Shard(Store store, Limits limits, MemoryBudget memory, Formats formats) {
    this.store = store;
    this.limits = limits;
    this.memory = memory;
    this.formats = formats;
    this.alarms = new Alarms(memory, clients);
    this.windows = new Windows(memory);
    this.fetches = new Fetches(memory, limits.paging());
    this.settling = new Settling(store);
    this.publishing = new Publishing(this);
    this.declaring = new Declaring(this);
    this.consuming = new Consuming(this);
    stale = Recovering.recover(this);
  }

  // --- what the gate calls ---

  /// Does the first step of a command, or puts it behind its session's unfinished one.
  public void accept(Command command) {
    Session session = command.session();
    if (!session.known()) {
      opened(session);
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
    boolean worked = completePending() | store.handOverFetched() | dispatchDue() | runSession();
    sayNews();
    judgeMemory(); // what was let go of just now may be the last that happens for long
    return worked;
  }

  /// Whether [#runOne] has something to do.
  public boolean hasWork() {
    Pending first = pending.peek();
    return !dueQueues.isEmpty()
        || !runnable.isEmpty()
        || !news.isEmpty()
        || windowsToCut
        || store.hasFetched()
        || first != null && first.position() <= store.durable();
  }

  private void execute(Command command) {
    command.session().client().took(command);
    switch (command) {
      case Command.Publish c -> publishing.publish(c);
      case Command.Settle c -> consuming.settle(c);
      case Command.Get c -> consuming.get(c);
      case Command.Resume c -> resume(c);
      case Command.Consume c -> consuming.consume(c);
      case Command.Cancel c -> consuming.cancel(c);
      case Command.Recover c -> consuming.recover(c);
      case Command.SetPrefetch c -> {
        c.session().setPrefetch(c.count(), c.wholeSession());
        c.session().emit(new Event.Done(c.session(), c));
      }
      case Command.SelectConfirms c -> {
        c.session().selectConfirms();
        done(c.session(), c, c.quiet());
      }
      case Command.DeclareExchange c -> declaring.exchange(c);
      case Command.DeleteExchange c -> declaring.deleteExchange(c);
      case Command.Bind c -> declaring.bind(c);
      case Command.DeclareQueue c -> declaring.queue(c);
      case Command.DeleteQueue c -> declaring.deleteQueue(c);
      case Command.PurgeQueue c -> consuming.purge(c);
      case Command.CloseSession c -> consuming.close(c);
      case Command.CloseClient c -> closeClient(c);
      case Command.SetAlarm c -> alarms.set(c.source(), c.reason());
      case Command.Inspect c -> inspect(c);
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
        case Queue.MarkWait mark -> mark.queue().marked(mark.upTo());
      }
    }
    return true;
  }

  private boolean dispatchDue() {
    Queue queue = dueQueues.poll();
    if (queue == null) {
      return false;
    }
    queue.due = false;
    if (!queue.deleted() && queue.dispatch(settling) && !queue.due) {
      due(queue);
    }
    settling.finish(false);
    return true;
  }

  private boolean runSession() {
    Session session = runnable.poll();
    if (session == null) {
      return false;
    }
    session.runnable = false;
    Session.Step step = session.takeStep();
    if (step != null) {
      step.run();
    } else {
      Command command = session.takeCommand();
      if (command != null) {
        execute(command);
      }
    }
    if (session.isBusy() && !session.waiting()) {
      makeRunnable(session);
    }
    return true;
  }

  private void sayNews() {
    for (Session session = news.poll(); session != null; session = news.poll()) {
      session.hasNews = false;
      session.sayConfirms();
    }
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
    if (!session.runnable && session.isBusy() && !session.waiting()) {
      session.runnable = true;
      runnable.add(session);
    }
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
  long markDispatched(Queue queue, Log log, long upTo) {
    long position = write(newBatch().dispatched(log, upTo));
    queue.markWritten(position);
    addPending(new Queue.MarkWait(orderly(position), queue, upTo));
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

  Settling settling() {
    return settling;
  }

  Declaring declaring() {
    return declaring;
  }

  Alarms alarms() {
    return alarms;
  }

  Windows windows() {
    return windows;
  }

  Fetches fetches() {
    return fetches;
  }

  void due(Queue queue) {
    queue.due = true;
    dueQueues.add(queue);
  }

  void hasNews(Session session) {
    if (!session.hasNews) {
      session.hasNews = true;
      news.add(session);
    }
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

  /// The virtual host of this name, or null. Any thread.
  public @Nullable VirtualHost host(String name) {
    return hosts.get(name);
  }

  /// Makes sure that a virtual host exists; called before the first client comes. Returns the
  /// position to wait for.
  public long ensureHost(String name) {
    if (hosts.containsKey(name)) {
      return lastDefinition;
    }
    VirtualHost host = new VirtualHost(name);
    hosts.put(name, host);
    return writeDefinition(newBatch().put(Definitions.key(host), Definitions.hostValue()));
  }

  void addRecovered(VirtualHost host) {
    hosts.put(host.name(), host);
  }

  /// A client of this shard, for its front end; it counts from its first command on. Any thread.
  public Client newClient(String name, VirtualHost host, Outbox outbox) {
    return new Client(name, host, outbox);
  }

  private void resume(Command.Resume command) {
    Client client = command.session().client();
    Removals.sweep(this, stale, client);
    for (Session session : client.sessions()) {
      session.offerAll();
    }
  }

  private void opened(Session session) {
    session.markKnown();
    Client client = session.client();
    clients.add(client);
    if (session != client.control()) {
      client.sessions().add(session);
    }
  }

  private void closeClient(Command.CloseClient command) {
    Client client = command.session().client();
    client.close();
    finishIfClosed(client);
  }

  /// Ends a client once its last session is gone.
  void finishIfClosed(Client client) {
    if (!client.closed() || !client.sessions().isEmpty()) {
      return;
    }
    for (Queue queue : List.copyOf(client.exclusiveQueues())) {
      declaring.delete(queue, client.control());
    }
    clients.remove(client);
    client.outbox().add(new Event.ClientClosed(client));
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

  // --- looking ---

  private void inspect(Command.Inspect command) {
    List<Event.QueueInfo> queues = new ArrayList<>();
    for (VirtualHost host : hosts.values()) {
      for (Queue queue : host.queues()) {
        queues.add(
            new Event.QueueInfo(
                host.name(),
                queue.name(),
                queue.declaration().durable(),
                queue.declaration().autoDelete(),
                queue.declaration().exclusive(),
                queue.type(),
                queue.readyCount(),
                queue.unsettledCount(),
                queue.consumers().size()));
      }
    }
    List<Event.ClientInfo> infos = new ArrayList<>();
    for (Client client : clients) {
      if (client == command.session().client()) {
        continue; // the one who looks is not what there is to see
      }
      int consumers = 0;
      long unsettled = 0;
      for (Session session : client.sessions()) {
        consumers += session.consumers().size();
        unsettled += session.unsettled().count();
      }
      infos.add(
          new Event.ClientInfo(
              client.name(),
              client.host().name(),
              client.sessions().size(),
              consumers,
              unsettled,
              client.toldBlocked()));
    }
    command.answer().accept(new Event.Inspection(queues, infos));
  }
}
