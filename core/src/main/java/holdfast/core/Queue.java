package holdfast.core;

import holdfast.store.Log;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Messages waiting in order, and the consumers that wait for them. Guarded by the gate.
///
/// An entry *arrives* (it is on its way to disk), is *ready* (visible), is *unsettled* (handed
/// out), and is gone. It becomes visible in the order of its arrival. Returned, it goes back to its
/// place.
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

  private final ArrayDeque<Entry> ready = new ArrayDeque<>();

  /// Entries that were handed out and came back, by order: every one of them lies before the first
  /// of `ready`.
  private final TreeMap<Long, Entry> returned = new TreeMap<>();

  private final Set<Consumer> consumers = new LinkedHashSet<>();

  /// Consumers that may be served, in turn.
  private final ArrayDeque<Consumer> row = new ArrayDeque<>();

  private final Set<Binding> bindings = new LinkedHashSet<>();

  /// Order of the next entry.
  private long nextOrder;

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
    Entry entry = new Entry(this, message, nextOrder++, sequence, !logged || !consumers.isEmpty());
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
    ready.add(entry);
    becomeDue();
  }

  /// An entry that was there before the last start.
  void recovered(Message message, long sequence, boolean mayHaveBeenDelivered) {
    Entry entry = new Entry(this, message, nextOrder++, sequence, mayHaveBeenDelivered);
    entry.redelivered = mayHaveBeenDelivered;
    message.hold();
    shard.memory().add(Entry.FOOTPRINT_BYTES);
    ready.add(entry);
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
    returned.put(entry.order, entry);
    becomeDue();
  }

  // --- entries go ---

  /// The next visible entry, without taking it.
  @Nullable Entry head() {
    return returned.isEmpty() ? ready.peek() : returned.firstEntry().getValue();
  }

  /// Takes the head for somebody who will settle it.
  Entry take() {
    Entry entry = removeHead();
    unsettled++;
    return entry;
  }

  private Entry removeHead() {
    if (!returned.isEmpty()) {
      return returned.pollFirstEntry().getValue();
    }
    return ready.remove();
  }

  /// Takes the head for good, without handing it out.
  Entry drop() {
    return removeHead();
  }

  /// An entry that was taken is settled.
  void settled(Entry entry) {
    unsettled--;
    entry.consumer = null;
    shard.release(entry);
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
      Entry head = head();
      if (head == null || row.isEmpty() || askToHandOut(head) != 0) {
        return false;
      }
      Consumer consumer = nextInRow();
      if (consumer == null) {
        return false;
      }
      Entry entry = take();
      consumer.session.deliver(consumer, entry);
      if (consumer.autoSettle) {
        settling.add(entry);
        settled(entry);
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
    if (!due && !row.isEmpty() && head() != null) {
      shard.due(this);
    }
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
    return (long) ready.size() + returned.size();
  }

  long unsettledCount() {
    return unsettled;
  }

  void delete() {
    deleted = true;
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
