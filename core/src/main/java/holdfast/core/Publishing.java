package holdfast.core;

import holdfast.store.Batch;
import holdfast.store.ByteWriter;
import holdfast.store.LargeBody;
import holdfast.store.Log;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A message's way in: route, journal, and, once it is durable, visible and confirmed. Guarded by
/// the gate.
final class Publishing {
  private static final Entry[] NO_ENTRIES = {};

  private final Shard shard;
  private final Routes routes = new Routes();
  private final ByteWriter header = new ByteWriter(512);
  private Log[] logs = new Log[16];
  private boolean[] offered = new boolean[16];

  Publishing(Shard shard) {
    this.shard = shard;
  }

  void publish(Command.Publish command) {
    Session session = command.session();
    Message message = command.message();
    Client client = session.client();
    markPublisher(client);
    Exchange exchange = session.host().exchange(message.exchange());
    CoreError error = null;
    if (exchange == null) {
      error = CoreError.notFound("exchange", message.exchange(), session.host());
    } else if (exchange.internal()) {
      error =
          CoreError.refused(
              "cannot publish to internal exchange '"
                  + message.exchange()
                  + "' in vhost '"
                  + session.host().name()
                  + "'");
    }
    if (error == null) {
      error = headerError(message);
    }
    if (error != null || exchange == null || session.closed()) {
      shard.memory().add(-message.footprint());
      if (error != null) {
        shard.fail(command, error);
      }
      return;
    }
    long tag = session.takeConfirmTag();
    routes.find(exchange, message);
    if (routes.count() == 0) {
      unrouted(command, tag);
      return;
    }
    if (routes.count() > shard.limits().targetsMax()) {
      shard.memory().add(-message.footprint());
      shard.fail(
          command,
          new CoreError(
              CoreError.Kind.RESOURCE_ERROR,
              "a message for "
                  + routes.count()
                  + " queues; the limit is "
                  + shard.limits().targetsMax()));
      return;
    }
    if (message.persistent() && shard.store().isLarge(message.body().length) && anyLog()) {
      new LargePublish(session, message, tag, routes.toArray()).begin();
    } else {
      enqueue(session, message, tag, null);
    }
  }

  /// The header must fit into a record with the body, or with the places of its message in queues.
  private @Nullable CoreError headerError(Message message) {
    int bytes = message.properties().length;
    int bytesMax = shard.store().batchBytesMax() / 2;
    return bytes <= bytesMax
        ? null
        : CoreError.precondition(
            "message properties of " + bytes + " bytes; the limit is " + bytesMax + " bytes");
  }

  private void markPublisher(Client client) {
    if (!client.publisher()) {
      client.markPublisher();
    }
    String blocked = shard.blockedReason();
    if (blocked != null) {
      client.tellBlocked(blocked);
    }
  }

  private void unrouted(Command.Publish command, long tag) {
    Session session = command.session();
    if (command.mandatory()) {
      session.emit(new Event.Returned(session, command.message()));
    }
    shard.memory().add(-command.message().footprint());
    confirm(session, tag);
  }

  private boolean anyLog() {
    for (int i = 0; i < routes.count(); i++) {
      if (routes.get(i).log() != null) {
        return true;
      }
    }
    return false;
  }

  /// Puts a message into the queues that [#routes] names, journaled once for all that are durable.
  private void enqueue(Session session, Message message, long tag, @Nullable LargeBody large) {
    int logged = message.persistent() ? gatherLogs() : 0;
    boolean waits = false;
    for (int i = 0; i < routes.count(); i++) {
      waits |= logged > 0 || routes.get(i).visibleAt() != 0;
    }
    // Sequences are taken from the logs before the batch counts its entries, and in its order.
    Entry[] entries = waits ? new Entry[routes.count()] : NO_ENTRIES;
    int waiting = 0;
    for (int i = 0; i < routes.count(); i++) {
      Queue queue = routes.get(i);
      boolean inJournal = logged > 0 && queue.log() != null;
      boolean queueWaits = inJournal || queue.visibleAt() != 0;
      Entry entry = queue.arrive(message, inJournal);
      if (queueWaits) {
        entries[waiting++] = entry;
      } else {
        queue.arrived(entry);
      }
    }
    long position = logged > 0 ? journal(message, logged, large) : shard.lastPending();
    if (logged > 0) {
      session.publishedAt(position);
    }
    boolean early = message.durability() == Durability.EARLY;
    if (waiting > 0) {
      for (int i = 0; i < waiting; i++) {
        entries[i].queue.arrivesAt(position);
      }
      Entry[] waitingEntries =
          waiting == entries.length ? entries : Arrays.copyOf(entries, waiting);
      shard.addPending(
          new Arrival(position, session, logged > 0 && !early ? tag : 0, waitingEntries));
    }
    if (logged == 0 || early) {
      confirm(session, tag);
    }
    Arrays.fill(logs, 0, logged, null);
  }

  private int gatherLogs() {
    int count = 0;
    for (int i = 0; i < routes.count(); i++) {
      Log log = routes.get(i).log();
      if (log == null) {
        continue;
      }
      if (count == logs.length) {
        logs = Arrays.copyOf(logs, count * 2);
        offered = Arrays.copyOf(offered, count * 2);
      }
      logs[count] = log;
      offered[count++] = !routes.get(i).consumers().isEmpty();
    }
    return count;
  }

  private long journal(Message message, int logged, @Nullable LargeBody large) {
    message.putHeader(header.clear());
    Batch batch = shard.newBatch();
    if (large != null) {
      batch.append(logs, offered, logged, header, large);
    } else {
      batch.append(logs, offered, logged, header, message.body());
    }
    return shard.write(batch);
  }

  /// The message is durable: visible to consumers, and confirmed.
  void arrived(Arrival arrival) {
    for (Entry entry : arrival.entries()) {
      entry.queue.arrived(entry);
    }
    confirm(arrival.session(), arrival.confirmTag());
  }

  private void confirm(Session session, long tag) {
    if (tag != 0) {
      session.confirm(tag);
      shard.hasNews(session);
    }
  }

  /// A message whose body is too large for one step: its parts go first, one a turn, and the
  /// message takes its place in the order when the last is in.
  private final class LargePublish {
    private final Session session;
    private final Message message;
    private final long tag;
    private final Queue[] targets;

    LargePublish(Session session, Message message, long tag, Queue[] targets) {
      this.session = session;
      this.message = message;
      this.tag = tag;
      this.targets = targets;
    }

    void begin() {
      part(shard.store().beginLarge(message.body()));
    }

    private void part(LargeBody body) {
      if (!shard.store().writePart(body)) {
        shard.later(session, () -> part(body));
        return;
      }
      routes.clear();
      for (Queue queue : targets) {
        if (!queue.deleted()) {
          routes.add(queue);
        }
      }
      if (routes.count() == 0) {
        shard.memory().add(-message.footprint());
        confirm(session, tag);
      } else {
        enqueue(session, message, tag, anyLog() ? body : null);
      }
      shard.store().endLarge(body);
    }
  }
}
