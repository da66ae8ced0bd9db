package holdfast.core;

import holdfast.store.Batch;
import holdfast.store.ByteWriter;
import holdfast.store.LargeBody;
import holdfast.store.Log;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Puts messages into queues, and takes entries out of theirs, all in one batch of the journal.
/// What stands in a durable queue becomes visible, and is confirmed, when the batch is durable;
/// other places become visible at once, unless they are behind something that waits. Reused for
/// batch after batch. Guarded by the gate.
final class Placing {
  private final Shard shard;
  private final Batch batch = new Batch();
  private final ByteWriter header = new ByteWriter(512);
  private Log[] logs = new Log[16];
  private boolean[] offered = new boolean[16];

  /// Entries that wait until the batch is durable.
  private final ArrayList<Entry> waiting = new ArrayList<>();

  /// Entries that wait for nothing.
  private final ArrayList<Entry> immediate = new ArrayList<>();

  private boolean logged;
  private boolean together;
  private boolean early;

  Placing(Shard shard) {
    this.shard = shard;
  }

  /// Nothing of this batch becomes visible before all of it does.
  Placing together() {
    together = true;
    return this;
  }

  /// Bytes of the batch so far.
  int length() {
    return batch.length();
  }

  /// Takes an entry out of its queue for good. The queue counts it as it likes.
  void settle(Entry entry) {
    Log log = entry.lane.log();
    if (log != null && entry.isLogged() && !entry.queue().deleted()) {
      batch.settle(log, entry.sequence, 1);
    }
  }

  /// Puts a message into the queues of a route, journaled once for all that are durable. The memory
  /// budget counts the message already; with no queue to go to it no longer does.
  ///
  /// @param body the message's body, if that went ahead in parts
  void place(Message message, Routes routes, @Nullable LargeBody body) {
    if (routes.count() == 0) {
      shard.memory().add(-message.footprint());
      return;
    }
    int logCount = gatherLogs(message, routes);
    for (int i = 0; i < routes.count(); i++) {
      Queue queue = routes.get(i);
      boolean inJournal = queue.logs(message);
      boolean waits = together || inJournal || queue.visibleAt() != 0;
      Entry entry = queue.arrive(message, inJournal);
      (waits ? waiting : immediate).add(entry);
    }
    if (logCount == 0) {
      return;
    }
    logged = true;
    early |= message.durability() == Durability.EARLY;
    message.putHeader(header.clear());
    if (body != null) {
      batch.append(logs, offered, logCount, header, body);
    } else {
      batch.append(logs, offered, logCount, header, message.body());
    }
    Arrays.fill(logs, 0, logCount, null);
  }

  private int gatherLogs(Message message, Routes routes) {
    int count = 0;
    for (int i = 0; i < routes.count(); i++) {
      Queue queue = routes.get(i);
      Log log = queue.logs(message) ? queue.laneOf(message).log() : null;
      if (log == null) {
        continue;
      }
      if (count == logs.length) {
        logs = Arrays.copyOf(logs, count * 2);
        offered = Arrays.copyOf(offered, count * 2);
      }
      logs[count] = log;
      offered[count++] = !queue.consumers().isEmpty();
    }
    return count;
  }

  /// Writes the batch. Returns its position, 0 if nothing had to be written.
  ///
  /// @param session the publisher
  /// @param confirmTag what is to be confirmed then; 0 for nothing
  long finish(Session session, long confirmTag) {
    boolean written = !batch.isEmpty();
    long position = written ? shard.write(batch) : shard.lastPending();
    if (logged) {
      session.publishedAt(position);
    }
    for (int i = 0; i < waiting.size(); i++) {
      Entry entry = waiting.get(i);
      entry.lane.placedAreWritten();
      entry.queue().arrivesAt(position);
    }
    boolean confirmLater = logged && !early;
    if (!waiting.isEmpty()) {
      shard.addPending(arrival(position, session, confirmLater ? confirmTag : 0));
    }
    visible(immediate);
    if (!confirmLater && confirmTag != 0) {
      session.confirm(confirmTag);
      shard.news().add(session);
    }
    clear();
    return written ? position : 0;
  }

  private Arrival arrival(long position, Session session, long confirmTag) {
    int count = waiting.size();
    Entry[] further = count == 1 ? null : waiting.subList(1, count).toArray(new Entry[count - 1]);
    return new Arrival(position, session, confirmTag, waiting.getFirst(), further);
  }

  private static void visible(List<Entry> entries) {
    for (int i = 0; i < entries.size(); i++) {
      entries.get(i).queue().arrived(entries.get(i));
    }
  }

  private void clear() {
    batch.clear();
    waiting.clear();
    immediate.clear();
    logged = false;
    together = false;
    early = false;
  }
}
