package holdfast.core;

import holdfast.store.Log;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Messages waiting in order, and the consumers that wait for them. Guarded by the gate.
///
/// An entry *arrives* (it is on its way to disk), is *ready* (visible), is *unsettled* (handed
/// out), and is gone. It becomes visible in the order of its arrival. Returned, it goes back to its
/// place. What is visible stands in its [Backlog], in memory or on disk.
///
/// A durable queue has a [Log]; its persistent messages stand there. A queue that ends with its
/// client, or was not declared durable, has none and touches no disk.
final class Queue implements Destination {
  /// What a queue is declared with.
  record Declaration(
      String name, boolean durable, boolean exclusive, boolean autoDelete, Arguments arguments) {}

  /// A dispatch mark on its way to disk: entries below `upTo` may be handed out then.
  record MarkWait(long position, Queue queue, long upTo) implements Pending {}

  private final Shard shard;
  private final VirtualHost host;
  private final Declaration declaration;
  private final @Nullable Log log;

  /// The client this queue ends with.
  private final @Nullable Client owner;

  /// What is visible.
  private final Backlog backlog;

  private final Set<Consumer> consumers = new LinkedHashSet<>();

  /// Consumers that may be served, in turn.
  private final ArrayDeque<Consumer> row = new ArrayDeque<>();

  private final Set<Binding> bindings = new LinkedHashSet<>();

  /// Sessions with a get that waits for a read.
  private final ArrayDeque<Session> gets = new ArrayDeque<>();

  /// Gets that wait for a read, or were told of it and have not had their turn.
  private int getsUnderWay;

  /// Whether a read was asked for, or is under way.
  private boolean fetching;

  /// Whether it stands in the row of queues that keep in memory what is on disk.
  private boolean inWindows;

  /// Whether something was taken since its last turn to let go of memory.
  private boolean taken;

  private long arriving;
  private long lastArrival;
  private long unsettled;

  /// Entries of the log below this may be handed out.
  private long mark;

  private long markAsked;
  private boolean deleted;
  private boolean hadConsumer;

  /// Whether it stands in the shard's row of queues with something to hand out.
  boolean due;

  long routeStamp = -1;

  Queue(
      Shard shard,
      VirtualHost host,
      Declaration declaration,
      @Nullable Log log,
      @Nullable Client owner) {
    this.shard = shard;
    this.host = host;
    this.declaration = declaration;
    this.log = log;
    this.owner = owner;
    backlog = new Backlog(this, shard, log);
    if (log != null) {
      mark = log.dispatchMark();
      markAsked = mark;
    }
  }

  // --- entries come ---

  /// A new entry, not visible yet. Its sequence is the log's next one if it is to be logged.
  Entry arrive(Message message, boolean logged) {
    Log target = log;
    long sequence = logged && target != null ? target.next() : Entry.NOT_LOGGED;
    Entry entry = new Entry(this, message, sequence, !logged || !consumers.isEmpty());
    message.hold();
    shard.memory().add(Entry.FOOTPRINT_BYTES);
    arriving++;
    return entry;
  }

  /// Tells where the newest arriving entry waits.
  void arrivesAt(long position) {
    lastArrival = position;
  }

  /// Makes an arrived entry visible.
  void arrived(Entry entry) {
    arriving--;
    if (deleted) {
      shard.release(entry);
      return;
    }
    backlog.arrived(entry, !consumers.isEmpty());
    becomeDue();
  }

  /// Puts an unsettled entry back to its place.
  void giveBack(Entry entry) {
    unsettled--;
    entry.redelivered = true;
    entry.consumer = null;
    if (deleted) {
      shard.release(entry);
      return;
    }
    backlog.giveBack(entry);
    becomeDue();
  }

  // --- entries go ---

  /// The next visible entry, without taking it; null if there is none in memory. Without a message
  /// it has to be read first.
  @Nullable Entry head() {
    return backlog.head();
  }

  /// Takes the head for somebody who will settle it.
  Entry take() {
    unsettled++;
    taken = true;
    return backlog.take();
  }

  /// Takes the head for good, without handing it out.
  Entry drop() {
    return backlog.remove();
  }

  /// Settles neighbours that are next and on disk only; see [Backlog#settleStored].
  long settleStored(Settling settling, long countMax) {
    return backlog.settleStored(settling, countMax);
  }

  /// An entry that was taken is settled.
  void settled(Entry entry) {
    unsettled--;
    entry.consumer = null;
    shard.release(entry);
  }

  /// Whether so many deliveries of a session are unsettled that it gets no more for now.
  boolean holdsBack(Session session) {
    return session.unsettled().count() >= Limits.UNSETTLED_WHILE_SHORT_MAX
        && shard.alarms().memoryIsShort();
  }

  /// Whether the head may be handed out, as far as the journal knows. If not, what allows it has
  /// been asked for, and the position it will stand at is returned; 0 if it may.
  long askToHandOut(Entry head) {
    Log target = log;
    if (target == null || head.offered || !head.isLogged() || head.sequence < mark) {
      return 0;
    }
    if (head.sequence >= markAsked) {
      markAsked = head.sequence + Limits.DISPATCH_AHEAD;
      return shard.markDispatched(this, target, markAsked);
    }
    return lastMarkPosition;
  }

  private long lastMarkPosition;

  void markWritten(long position) {
    lastMarkPosition = position;
  }

  void marked(long upTo) {
    mark = Math.max(mark, upTo);
    becomeDue();
  }

  /// Hands entries to consumers in turn, a slice at most; true if there may be more to hand out.
  boolean dispatch(Settling settling) {
    for (int i = 0; i < Limits.SLICE; i++) {
      if (row.isEmpty()) {
        return false;
      }
      readAhead();
      Entry head = head();
      Message message = head == null ? null : head.message;
      if (head == null || message == null || askToHandOut(head) != 0) {
        return false;
      }
      Consumer consumer = nextInRow();
      if (consumer == null) {
        return false;
      }
      Entry entry = take();
      consumer.session.deliver(consumer, entry, message);
      if (consumer.autoSettle) {
        settling.add(entry);
        settled(entry);
      } else {
        shard.keepIfRoom(entry);
      }
      offerRow(consumer);
    }
    return true;
  }

  private @Nullable Consumer nextInRow() {
    for (Consumer next = row.poll(); next != null; next = row.poll()) {
      next.inRow = false;
      if (next.hasCredit()) {
        return next;
      }
    }
    return null;
  }

  /// Puts a consumer into the row if it may be served and does not stand there.
  void offerRow(Consumer consumer) {
    if (!consumer.inRow && consumer.hasCredit()) {
      consumer.inRow = true;
      row.add(consumer);
      becomeDue();
    }
  }

  private void becomeDue() {
    if (!due && !row.isEmpty() && readyCount() > 0 && (!fetching || backlog.headIsHere())) {
      shard.due(this);
    }
  }

  // --- what is on disk ---

  /// Reads what comes next from the disk, if little is left in memory. Called when somebody takes.
  void readAhead() {
    if (!fetching && !deleted && backlog.wantsFetch()) {
      fetching = true;
      shard.fetches().ask(this);
    }
  }

  /// Its turn to read; false if it has no use for it any more.
  boolean beginFetch(int bytesMax) {
    if (!deleted && backlog.beginFetch(bytesMax)) {
      return true;
    }
    fetchOver();
    return false;
  }

  boolean isFetching() {
    return fetching;
  }

  /// What was read is in its place.
  void fetched(int bytesMax) {
    fetchOver();
    shard.fetches().done(bytesMax);
  }

  private void fetchOver() {
    fetching = false;
    taken = true; // what was just read is not the first to go
    wakeGets();
    becomeDue();
  }

  /// Has a session go on when the head was read.
  void awaitHead(Session session, Session.Step next) {
    getsUnderWay++;
    gets.add(session);
    session.goOn(
        () -> {
          getsUnderWay--;
          next.run();
        },
        true);
    readAhead();
  }

  private void wakeGets() {
    for (Session session = gets.poll(); session != null; session = gets.poll()) {
      session.stopWaiting();
      shard.makeRunnable(session);
    }
  }

  /// Takes part in giving back memory.
  void joinWindows() {
    if (!inWindows && !deleted) {
      inWindows = true;
      shard.windows().add(this);
    }
  }

  void leftWindows() {
    inWindows = false;
  }

  /// Whether something was taken since it was asked this before.
  boolean takeSecondChance() {
    boolean chance = taken;
    taken = false;
    return chance;
  }

  boolean keepsWhatIsOnDisk() {
    return backlog.keepsWhatIsOnDisk();
  }

  /// Lets go of messages that are on disk; returns how many entries were looked at.
  int cutBack(int countMax) {
    return backlog.cutBack(countMax, getsUnderWay > 0 || !row.isEmpty());
  }

  // --- consumers ---

  void add(Consumer consumer) {
    consumers.add(consumer);
    hadConsumer = true;
  }

  void remove(Consumer consumer) {
    consumers.remove(consumer);
    row.remove(consumer);
    consumer.inRow = false;
    consumer.active = false;
  }

  /// Whether it was to end with its last consumer, and has seen it go.
  boolean isDone() {
    return declaration.autoDelete && hadConsumer && consumers.isEmpty();
  }

  Set<Consumer> consumers() {
    return consumers;
  }

  boolean isExclusivelyConsumed() {
    return consumers.stream().anyMatch(consumer -> consumer.exclusive);
  }

  // --- what it is ---

  /// Journaled position behind which everything that arrived so far is visible; 0 if it is now.
  long visibleAt() {
    return arriving == 0 ? 0 : lastArrival;
  }

  long readyCount() {
    return backlog.count();
  }

  long unsettledCount() {
    return unsettled;
  }

  void delete() {
    deleted = true;
    backlog.forgetStored();
    if (inWindows) {
      inWindows = false;
      shard.windows().remove(this);
    }
    wakeGets();
  }

  boolean deleted() {
    return deleted;
  }

  @Nullable Log log() {
    return log;
  }

  @Nullable Client owner() {
    return owner;
  }

  VirtualHost host() {
    return host;
  }

  Declaration declaration() {
    return declaration;
  }

  Set<Binding> bindings() {
    return bindings;
  }

  @Override
  public String name() {
    return declaration.name;
  }

  @Override
  public long id() {
    Log target = log;
    return target == null ? Entry.NOT_LOGGED : target.id();
  }

  /// Whether it, and its bindings, outlive a restart.
  @Override
  public boolean durable() {
    return log != null;
  }

  /// What kind of queue it was asked to be; all kinds are one queue here.
  String type() {
    return declaration.arguments.get(QueueRules.TYPE) instanceof String type ? type : "classic";
  }

  @Override
  public void collect(Message message, String routingKey, Routes routes) {
    routes.add(this);
  }
}
