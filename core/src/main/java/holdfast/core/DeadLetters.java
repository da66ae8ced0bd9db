package holdfast.core;

import holdfast.store.FetchedEntry;
import holdfast.store.LargeBody;
import holdfast.store.Log;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Messages on their way from the queue they died in to where its dead letters go. A message leaves
/// its queue and enters the others in one batch: after a crash it is in the one or in the others,
/// never in both and never lost.
///
/// Of one queue they go one after the other, in the order in which they died; one whose message is
/// on disk only waits for a read, and those behind it with it. Guarded by the gate.
final class DeadLetters {
  /// Why a message died.
  enum Reason {
    REJECTED,
    EXPIRED,
    MAXLEN,
    DELIVERY_LIMIT;

    private final String text = name().toLowerCase(Locale.ROOT);

    String text() {
      return text;
    }
  }

  private record Dead(Entry entry, Reason reason) {}

  /// The dead of one queue.
  static final class Row {
    private final Queue queue;
    private final ArrayDeque<Dead> waiting = new ArrayDeque<>();

    /// A body that is too large for one step and goes ahead in parts, and its letter.
    private @Nullable LargeBody body;

    private @Nullable Message letter;
    private boolean isDue;
    private boolean reads;

    Row(Queue queue) {
      this.queue = queue;
    }

    boolean isEmpty() {
      return waiting.isEmpty();
    }
  }

  /// What a letter takes at least, so that a step ends that writes nothing else.
  private static final int SETTLED_BYTES = 64;

  private final Shard shard;
  private final Routes routes = new Routes();
  private final Placing placing;
  private final ArrayDeque<Row> due = new ArrayDeque<>();

  /// Rows whose first has a body that goes ahead in parts: they wait for room for one.
  private final ArrayDeque<Row> withParts = new ArrayDeque<>();

  /// Bytes that the current step has written.
  private int written;

  DeadLetters(Shard shard) {
    this.shard = shard;
    this.placing = new Placing(shard);
  }

  /// An entry that is neither ready nor unsettled any more.
  void add(Entry entry, Reason reason) {
    Row row = entry.queue().dead();
    row.waiting.add(new Dead(entry, reason));
    becomeDue(row);
  }

  /// A message that a queue did not take, because it is full, dies in it all the same.
  void addRefused(Queue queue, Message message) {
    Message own = message.again();
    own.hold();
    shard.memory().add(own.footprint() + Entry.FOOTPRINT_BYTES);
    add(new Entry(queue.usual(), own, Entry.NOT_LOGGED, true), Reason.MAXLEN);
  }

  private void becomeDue(Row row) {
    if (!row.isDue && !row.reads && !row.waiting.isEmpty()) {
      row.isDue = true;
      (row.body == null ? due : withParts).add(row);
    }
  }

  boolean hasWork() {
    return !due.isEmpty() || hasPart();
  }

  private boolean hasPart() {
    return !withParts.isEmpty() && shard.store().hasRoomForPart();
  }

  /// Does one step for one queue; false if there is none to do.
  boolean work() {
    Row row = (hasPart() ? withParts : due).poll();
    if (row == null) {
      return false;
    }
    row.isDue = false;
    // Letters of a few bytes in one go; how much one takes depends on where it goes, too.
    int bytesMax = shard.store().batchBytesMax() / 2;
    written = 0;
    shard.publishing().beginStep();
    while (written < bytesMax && !row.reads) {
      Dead first = row.waiting.peek();
      if (first == null) {
        return true;
      }
      Message message = first.entry.message;
      if (message == null) {
        read(row);
        return true;
      }
      if (written > 0 && written + message.bodyBytes() > bytesMax) {
        break;
      }
      if (!bury(row, first, message)) {
        break;
      }
    }
    becomeDue(row);
    return true;
  }

  /// Does what one step may; false if that was a part of a large body and not the whole.
  private boolean bury(Row row, Dead dead, Message message) {
    Message letter = row.letter;
    LargeBody body = row.body;
    if (letter == null) {
      letter = letter(row.queue, dead, message);
      shard.memory().add(letter.footprint());
    }
    route(row.queue, letter, dead.reason, routes);
    if (body == null && isLogged(letter) && shard.store().isLarge(letter.bodyBytes())) {
      row.letter = letter;
      row.body = shard.store().beginLarge(letter.content());
      return false;
    }
    if (body != null && !shard.store().writePart(body)) {
      return false;
    }
    row.waiting.remove();
    row.letter = null;
    row.body = null;
    placing.settle(dead.entry);
    placing.place(letter, routes, isLogged(letter) ? body : null);
    written += placing.length() + SETTLED_BYTES;
    placing.finish(row.queue.host().keeper(shard).control(), 0);
    if (body != null) {
      shard.store().endLarge(body);
    }
    shard.release(dead.entry);
    return true;
  }

  private boolean isLogged(Message letter) {
    for (int i = 0; i < routes.count(); i++) {
      if (routes.get(i).logs(letter)) {
        return true;
      }
    }
    return false;
  }

  private Message letter(Queue queue, Dead dead, Message message) {
    return letter(queue, dead.reason, message);
  }

  /// What becomes of a message that dies in a queue.
  Message letter(Queue queue, Reason reason, Message message) {
    QueueSettings settings = queue.settings();
    String exchange = settings.deadLetterExchange();
    return Deaths.letter(
        message,
        queue,
        reason,
        exchange == null ? "" : exchange,
        settings.deadLetterKey(),
        shard.nowMs());
  }

  /// Where a letter goes: nowhere if there is no such exchange, or if it would go round for ever.
  void route(Queue queue, Message letter, Reason reason, Routes found) {
    found.clear();
    Exchange exchange = queue.host().exchange(letter.exchange());
    if (exchange == null || queue.settings().deadLetterExchange() == null) {
      return;
    }
    found.find(exchange, letter, Deaths.copies(letter));
    if (found.tooMuch(shard.limits().targetsMax()) != null) {
      found.clear(); // no publish could go there either
      return;
    }
    if (reason != Reason.REJECTED) {
      found.removeIf(target -> Deaths.isCycle(letter, target));
    }
  }

  // --- what is on disk only ---

  private void read(Row row) {
    List<Entry> missing = missing(row);
    Entry first = missing.getFirst();
    Log log = first.lane.log();
    if (log == null || row.queue.deleted()) {
      row.waiting.remove(); // nothing is left of it
      shard.release(first);
      becomeDue(row);
      return;
    }
    row.reads = true;
    Limits.Paging paging = shard.limits().paging();
    shard
        .store()
        .fetch(
            log,
            first.sequence,
            missing.getLast().sequence + 1,
            paging.fetchBytesMin(),
            paging.fetchEntriesMax(),
            found -> {
              row.reads = false;
              if (!row.queue.deleted()) {
                found(missing, found);
              }
              becomeDue(row);
            });
  }

  /// The first ones without messages, as far as they lie close together in one log.
  private List<Entry> missing(Row row) {
    List<Entry> missing = new ArrayList<>();
    for (Dead dead : row.waiting) {
      Entry entry = dead.entry;
      Entry last = missing.isEmpty() ? entry : missing.getLast();
      long gap = entry.sequence - last.sequence;
      if (entry.message != null
          || entry.lane != last.lane
          || gap < 0
          || gap > Limits.FETCH_GAP_MAX
          || missing.size() == shard.limits().paging().fetchEntriesMax()) {
        break;
      }
      missing.add(entry);
    }
    return missing;
  }

  private void found(List<Entry> missing, List<FetchedEntry> found) {
    int at = 0;
    for (FetchedEntry one : found) {
      while (at < missing.size() && missing.get(at).sequence < one.sequence()) {
        at++;
      }
      if (at == missing.size()) {
        return;
      }
      Entry entry = missing.get(at);
      if (entry.sequence == one.sequence() && entry.message == null) {
        entry.message = shard.fetchedMessage(one);
      }
    }
    if (missing.getFirst().message == null) {
      throw new IllegalStateException(
          "queue '" + missing.getFirst().queue().name() + "' has lost a message that died in it");
    }
  }
}
