package holdfast.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One line of conversation with a client: its commands are done in order, its deliveries are
/// numbered, its publishes confirmed. An AMQP channel is one; so will be an MQTT session.
///
/// Made by the front end; everything else is guarded by the gate.
public final class Session {
  /// Work of a session that goes on later: after a position is durable, or when others had a turn.
  interface Step {
    void run();
  }

  /// A step that waits for a position.
  record Wait(long position, Session session) implements Pending {}

  private final Client client;
  private final int id;
  private final Unsettled unsettled = new Unsettled();
  private final Map<String, Consumer> consumers = new LinkedHashMap<>();

  /// Commands behind one that is not finished.
  private final ArrayDeque<Command> backlog = new ArrayDeque<>();

  private @Nullable Step step;
  private boolean waiting;

  /// A publish that waits until there is memory; null if none does.
  private Command.@Nullable Publish postponed;

  /// Null until the session asks for confirms.
  private @Nullable Confirms confirms;

  /// Null until the session asks for transactions.
  private @Nullable Transaction transaction;

  /// Deliveries to its consumers that are not settled for good; gets do not count.
  private int held;

  private int prefetchOfConsumers;
  private int prefetchOfSession;
  private long lastPublish;
  private boolean known;
  private boolean closed;

  /// Whether it stands in the shard's row of sessions with confirms to say.
  boolean hasNews;

  /// Whether it stands in the shard's row of sessions that can go on.
  boolean runnable;

  Session(Client client, int id) {
    this.client = client;
    this.id = id;
  }

  public Client client() {
    return client;
  }

  /// What the front end calls it.
  public int id() {
    return id;
  }

  VirtualHost host() {
    return client.host();
  }

  // --- deliveries ---

  void deliver(Consumer consumer, Entry entry, Message message) {
    deliver(consumer, entry, message, entry.added());
  }

  /// @param extra headers that come with this delivery, or null
  void deliver(Consumer consumer, Entry entry, Message message, @Nullable Arguments extra) {
    long tag;
    if (consumer.autoSettle) {
      tag = unsettled.skip();
    } else {
      tag = unsettled.add(entry);
      entry.consumer = consumer;
      consumer.unsettled++;
      held++;
    }
    if (prefetchOfSession > 0) {
      // What the session may hold is shared in turn: who was served now is asked last.
      consumers.remove(consumer.tag);
      consumers.put(consumer.tag, consumer);
    }
    client
        .outbox()
        .add(new Event.Delivered(this, consumer.tag, tag, entry.redelivered, message, extra));
  }

  /// A delivery that no consumer asked for; returns its tag.
  long hand(Entry entry, boolean autoSettle) {
    return autoSettle ? unsettled.skip() : unsettled.add(entry);
  }

  Unsettled unsettled() {
    return unsettled;
  }

  boolean hasCredit() {
    return !closed && (prefetchOfSession == 0 || held < prefetchOfSession);
  }

  /// A consumer's delivery is settled: it may be served again, and so may its neighbours if it is a
  /// limit of the session that held them.
  void creditReturned(Entry entry) {
    Consumer consumer = entry.consumer;
    if (consumer != null) {
      consumer.unsettled--;
      held--;
      consumer.queue.consumers().settledOne(consumer);
      if (prefetchOfSession == 0) {
        consumer.queue.offerRow(consumer);
      }
    }
    if (prefetchOfSession > 0 || unsettled.count() == Limits.UNSETTLED_WHILE_SHORT_MAX - 1) {
      offerAll();
    }
  }

  /// Lets every consumer stand where it may be served.
  void offerAll() {
    for (Consumer consumer : consumers.values()) {
      consumer.queue.offerRow(consumer);
    }
  }

  Map<String, Consumer> consumers() {
    return consumers;
  }

  void setPrefetch(int count, boolean wholeSession) {
    if (wholeSession) {
      prefetchOfSession = count;
      offerAll();
    } else {
      prefetchOfConsumers = count;
    }
  }

  int prefetchOfSession() {
    return prefetchOfSession;
  }

  int prefetchOfConsumers() {
    return prefetchOfConsumers;
  }

  // --- confirms ---

  void selectConfirms() {
    if (confirms == null) {
      confirms = new Confirms();
    }
  }

  boolean hasConfirms() {
    return confirms != null;
  }

  // --- transactions ---

  /// What is not committed yet; null if the session does not ask for transactions.
  @Nullable Transaction transaction() {
    return transaction;
  }

  void begin(@Nullable Transaction next) {
    transaction = next;
  }

  /// Publishes that are to be confirmed and are not.
  long unconfirmedCount() {
    Confirms asked = confirms;
    return asked == null ? 0 : asked.unconfirmedCount();
  }

  void publishedAt(long position) {
    lastPublish = position;
  }

  /// Position of the newest message it published; 0 if none is in the journal.
  long lastPublish() {
    return lastPublish;
  }

  /// The tag of a publish that is to be confirmed, or 0.
  long takeConfirmTag() {
    Confirms asked = confirms;
    return asked == null ? 0 : asked.take();
  }

  void confirm(long tag) {
    Confirms asked = confirms;
    if (tag != 0 && asked != null) {
      asked.confirm(tag);
    }
  }

  /// Tells that a publish was not taken.
  void refuse(long tag) {
    Confirms asked = confirms;
    if (tag != 0 && asked != null && !closed) {
      sayConfirms(); // of what came before
      asked.refuse(tag);
      emit(new Event.Refused(this, tag));
    }
  }

  void sayConfirms() {
    Confirms asked = confirms;
    if (asked != null && asked.hasNews() && !closed) {
      asked.say((tag, multiple) -> emit(new Event.Confirmed(this, tag, multiple)));
    }
  }

  // --- the order of its commands ---

  boolean isBusy() {
    return step != null || !backlog.isEmpty();
  }

  void putBehind(Command command) {
    backlog.add(command);
  }

  /// Goes on with a step in its next turn.
  void goOn(Step next, boolean wait) {
    step = next;
    waiting = wait;
  }

  /// Puts a publish off; its step is the session's next one.
  void postpone(Command.Publish publish, Step retry) {
    postponed = publish;
    goOn(retry, true);
  }

  Command.@Nullable Publish postponed() {
    return postponed;
  }

  /// Gives up the publish that was put off, and returns those behind it, which are taken out too.
  List<Command.Publish> forgetPublishes() {
    postponed = null;
    step = null;
    waiting = false;
    List<Command.Publish> forgotten = new ArrayList<>();
    backlog.removeIf(
        command -> command instanceof Command.Publish publish && forgotten.add(publish));
    return forgotten;
  }

  boolean waiting() {
    return waiting;
  }

  void stopWaiting() {
    waiting = false;
  }

  @Nullable Step takeStep() {
    Step next = step;
    step = null;
    postponed = null;
    return next;
  }

  @Nullable Command takeCommand() {
    return backlog.poll();
  }

  void emit(Event event) {
    client.outbox().add(event);
  }

  /// Whether the shard has met it.
  boolean known() {
    return known;
  }

  void markKnown() {
    known = true;
  }

  boolean closed() {
    return closed;
  }

  void close() {
    closed = true;
  }
}
