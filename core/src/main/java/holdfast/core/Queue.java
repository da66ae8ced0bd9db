package holdfast.core;

import holdfast.store.Log;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Messages waiting in order, and the consumers that wait for them. Guarded by the gate.
///
/// An entry *arrives* (it is on its way to disk), is *ready* (visible), is *unsettled* (handed
/// out), and is gone. It becomes visible in the order of its arrival. Returned, it goes back to its
/// place. What is visible stands in its [Lane], one for each priority, in memory or on disk. What
/// is refused, too old or too many is *shed*: to where dead letters go, or away.
///
/// A durable queue has a [Log]; its persistent messages stand there. A queue that ends with its
/// client, or was not declared durable, has none and touches no disk.
final class Queue implements Destination {
  /// What a queue is declared with.
  record Declaration(
      String name, boolean durable, boolean exclusive, boolean autoDelete, Arguments arguments) {}

  private final Shard shard;
  private final VirtualHost host;
  private final Declaration declaration;

  private final Lanes lanes;

  /// The client this queue ends with.
  private final @Nullable Client owner;

  private final Consumers consumers = new Consumers();
  private final Set<Binding> bindings = new LinkedHashSet<>();
  private final Shedding shedding;
  private QueueSettings settings;

  /// What died here and has not left yet; null if nothing ever did.
  private DeadLetters.@Nullable Row dead;

  private final Gets gets;
  private final ReadyBytes bytes = new ReadyBytes();

  private long arriving;
  private long lastArrival;
  private long unsettled;

  private boolean deleted;

  /// What policies say of it.
  private Policies.Effective effectivePolicy = Policies.Effective.NONE;

  /// Whether it stands in the shard's row of queues with something to do.
  boolean due;

  long routeStamp = -1;

  /// @param messagesAge whether it has held messages that say how long they may wait
  Queue(
      Shard shard,
      VirtualHost host,
      Declaration declaration,
      @Nullable Log log,
      @Nullable Client owner,
      boolean messagesAge) {
    this.shard = shard;
    this.host = host;
    this.declaration = declaration;
    this.owner = owner;
    settings = QueueSettings.of(declaration, Arguments.NONE, Arguments.NONE);
    lanes = new Lanes(this, shard, settings.lane(-1), log);
    consumers.serveOne(settings.single());
    shedding = new Shedding(this, shard, messagesAge);
    gets = new Gets(shard);
  }

  // --- lanes ---

  /// Highest priority first.
  Lane[] lanes() {
    return lanes.all();
  }

  /// Where a message has its place.
  Lane laneOf(Message message) {
    return lanes.of(message);
  }

  Lane addLane(int priority, Log log) {
    return lanes.add(priority, log);
  }

  Lane usual() {
    return lanes.usual();
  }

  /// The first lane with something ready, or null.
  @Nullable Lane top() {
    return lanes.top();
  }

  // --- entries come ---

  /// A new entry, not visible yet. Its sequence is the log's next one if it is to be logged.
  Entry arrive(Message message, boolean logged) {
    if (message.expirationMs() != Message.NEVER && !shedding.messagesAge()) {
      shedding.messagesBeginToAge();
    }
    Lane lane = laneOf(message);
    long sequence = logged ? lane.place() : Entry.NOT_LOGGED;
    Entry entry = new Entry(lane, message, sequence, !logged || !consumers.isEmpty());
    entry.bodyBytes = message.bodyBytes();
    message.hold();
    shard.memory().add(Entry.FOOTPRINT_BYTES);
    arriving++;
    bytes.arrives(entry);
    return entry;
  }

  /// Tells where the newest arriving entry waits.
  void arrivesAt(long position) {
    lastArrival = position;
  }

  /// Makes an arrived entry visible.
  void arrived(Entry entry) {
    arriving--;
    bytes.hasCome(entry);
    if (deleted) {
      shard.release(entry);
      return;
    }
    Stream stream = stream();
    if (stream != null) {
      stream.arrived(entry);
      return;
    }
    entry.fresh = !consumers.noneWaits();
    bytes.enters(entry);
    entry.lane.backlog().arrived(entry, !consumers.isEmpty());
    becomeDueAnyway();
  }

  /// Somebody may be served, or something shed.
  private void becomeDueAnyway() {
    becomeDue();
    if (shedding.isOn() && !due) {
      shard.due(this);
    }
  }

  /// Puts an unsettled entry back to its place, unless it has come back too often.
  void giveBack(Entry entry) {
    if (stream() != null) {
      settled(entry);
      return;
    }
    unsettled--;
    entry.redelivered = true;
    entry.consumer = null;
    if (deleted) {
      shard.release(entry);
      return;
    }
    if (countsReturns() && ++entry.returns > settings.deliveryLimit()) {
      shed(entry, DeadLetters.Reason.DELIVERY_LIMIT);
      return;
    }
    if (countsReturns()) {
      shard.settling().note(entry);
    }
    bytes.enters(entry);
    entry.lane.backlog().giveBack(entry);
    becomeDueAnyway();
  }

  // --- entries go ---

  /// Takes the head of a lane for somebody who will settle it.
  Entry take(Lane lane) {
    Entry entry = lane.take();
    unsettled++;
    leaves(entry);
    return entry;
  }

  private void leaves(Entry entry) {
    bytes.leaves(entry);
    entry.outSinceSeconds = (int) ((shard.nowMs() + 999) / 1000); // not too early
    purged();
  }

  /// Takes the head of a lane for good, without handing it out.
  Entry drop(Lane lane) {
    Entry entry = lane.backlog().remove();
    leaves(entry);
    return entry;
  }

  void shedHead(Lane lane, DeadLetters.Reason reason) {
    shed(drop(lane), reason);
  }

  /// An entry that is neither ready nor unsettled goes to where dead letters go, or away.
  void shed(Entry entry, DeadLetters.Reason reason) {
    if (settings.deadLetterExchange() == null || deleted) {
      shard.settling().add(entry);
      shard.release(entry);
    } else {
      shard.deadLetters().add(entry, reason);
    }
  }

  /// A stream has handed out an entry that it keeps.
  void handedOut() {
    unsettled++;
  }

  /// An entry that was taken is settled.
  void settled(Entry entry) {
    Stream stream = stream();
    if (stream != null) {
      stream.settled(entry);
    }
    unsettled--;
    entry.consumer = null;
    shard.release(entry);
  }

  /// An entry that was taken is refused.
  void refused(Entry entry) {
    if (stream() != null) {
      settled(entry);
      return;
    }
    unsettled--;
    entry.consumer = null;
    shed(entry, DeadLetters.Reason.REJECTED);
  }

  /// Whether so many deliveries of a session are unsettled that it gets no more for now.
  boolean holdsBack(Session session) {
    return session.unsettled().count() >= Limits.UNSETTLED_WHILE_SHORT_MAX
        && shard.alarms().memoryIsShort();
  }

  /// Whether a message more would be one too many, where such are refused.
  boolean refusesMore() {
    return settings.refusesWhenFull() && settings.isFull(readyCount() + arriving, bytes.coming());
  }

  /// Somebody took the head by itself: the next one may be too old, or grow so.
  void lookAfterTaking() {
    if (shedding.isOn() && !due && !deleted) {
      shard.due(this);
    }
  }

  /// Hands entries to consumers in turn and sheds what has to go, a slice at most; true if there
  /// may be more to do.
  boolean dispatch() {
    Stream stream = stream();
    if (stream != null) {
      return stream.dispatch();
    }
    if (shedding.isSizing()) {
      return false;
    }
    shedding.noteThatMessagesAge();
    boolean more = Serving.serve(this, shard);
    if (shedding.isOn()) {
      more |= shedding.dropOld();
      more |= shedding.dropExcess();
    }
    return more;
  }

  /// Puts a consumer into the row if it may be served and does not stand there.
  void offerRow(Consumer consumer) {
    Stream stream = stream();
    if (stream != null) {
      stream.offer(consumer);
    } else if (consumers.offer(consumer)) {
      becomeDue();
    }
  }

  void becomeDue() {
    if (due || deleted || consumers.noneWaits()) {
      return;
    }
    Lane lane = top();
    if (lane != null && (!lane.isFetching() || lane.backlog().headIsHere())) {
      shard.due(this);
    }
  }

  /// Goes on, whatever it waited for.
  void goOn() {
    gets.wake();
    if (!due && !deleted) {
      shard.due(this);
    }
  }

  // --- what is on disk ---

  /// A read of one of its lanes has ended.
  void fetchOver() {
    gets.wake();
    becomeDue();
    if (shedding.waitsForHead() && !due && !deleted) {
      shard.due(this);
    }
  }

  /// Has a session go on when the head was read.
  void awaitHead(Session session, Session.Step next) {
    gets.await(session, next);
    Lane lane = top();
    if (lane != null) {
      lane.readAhead();
    }
  }

  /// Whether somebody is about to look at the head, so that a little stays in memory.
  boolean needsHead() {
    return gets.isUnderWay() || !consumers.noneWaits() || shedding.waitsForHead();
  }

  // --- consumers ---

  void add(Consumer consumer) {
    consumers.add(consumer);
  }

  void remove(Consumer consumer) {
    consumers.remove(consumer);
    Stream stream = stream();
    if (stream != null) {
      stream.remove(consumer);
    }
    if (!deleted) {
      shedding.used();
      becomeDue(); // another may be served now
    }
  }

  /// Whether it was to end with its last consumer, and has seen it go.
  boolean isDone() {
    return declaration.autoDelete && consumers.haveGone();
  }

  Consumers consumers() {
    return consumers;
  }

  // --- what it is ---

  /// What is visible, if this is a queue that is read and not emptied; else null.
  @Nullable Stream stream() {
    return usual().stream();
  }

  /// Whether a message is to be journaled here.
  boolean logs(Message message) {
    return durable() && (message.persistent() || stream() != null);
  }

  QueueSettings settings() {
    return settings;
  }

  Shedding shedding() {
    return shedding;
  }

  DeadLetters.Row dead() {
    DeadLetters.Row row = dead;
    if (row == null) {
      row = new DeadLetters.Row(this);
      dead = row;
    }
    return row;
  }

  /// Whether some that died here have not left yet.
  boolean hasDead() {
    DeadLetters.Row row = dead;
    return row != null && !row.isEmpty();
  }

  /// Whether consumers are told how often a message came back.
  boolean countsReturns() {
    return type().equals("quorum");
  }

  /// Another policy applies to it, or one has changed.
  void policyChanged(Policies.Effective effective) {
    effectivePolicy = effective;
    settings =
        QueueSettings.of(declaration, effective.definition(), effective.operatorDefinition());
    Stream stream = stream();
    if (stream != null) {
      stream.retention(StreamRetention.of(declaration.arguments(), effective));
      return;
    }
    shedding.settingsChanged();
    becomeDueAnyway();
  }

  Policies.Effective effectivePolicy() {
    return effectivePolicy;
  }

  /// Journaled position behind which everything that arrived so far is visible; 0 if it is now.
  long visibleAt() {
    return arriving == 0 ? 0 : lastArrival;
  }

  long readyCount() {
    return lanes.readyCount();
  }

  ReadyBytes bytes() {
    return bytes;
  }

  /// Some ready entries went without being looked at.
  void purged() {
    if (readyCount() == 0) {
      bytes.none();
    }
  }

  long unsettledCount() {
    return unsettled;
  }

  void delete() {
    deleted = true;
    for (Lane lane : lanes.all()) {
      lane.delete();
    }
    shedding.stop();
    gets.wake();
  }

  boolean deleted() {
    return deleted;
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
    Log target = usual().log();
    return target == null ? Entry.NOT_LOGGED : target.id();
  }

  /// Whether it, and its bindings, outlive a restart.
  @Override
  public boolean durable() {
    return usual().log() != null;
  }

  /// What kind of queue it was asked to be; all kinds but streams are one queue here.
  String type() {
    return declaration.arguments.get(QueueRules.TYPE) instanceof String type ? type : "classic";
  }

  @Override
  public void collect(Message message, String routingKey, Routes routes) {
    routes.add(this);
  }
}
