package holdfast.core;

import holdfast.store.FetchedEntry;
import holdfast.store.Log;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What leaves one queue although nobody took it: messages that have waited too long or are too
/// many; and the queue itself, once it was out of use for long enough. Guarded by the gate.
///
/// Only the head of a lane grows too old: what stands behind it goes when its turn comes, as with
/// the brokers whose clients we serve. A head that is on disk only is read first.
final class Shedding {
  /// Until a start has come to this queue: far off, so that it does not end meanwhile.
  private static final long NOT_KNOWN = Long.MAX_VALUE / 2;

  private final Queue queue;
  private final Shard shard;
  private Timers.@Nullable Timer timer;

  /// Whether messages came that say themselves how long they may wait.
  private boolean messagesAge;

  private boolean isNoted = true;

  /// Whether a head was asked for that has to be read.
  private boolean waitsForHead;

  /// Lanes whose entries from before the start have to be measured, for a limit in bytes.
  private final ArrayDeque<Lane> unsized = new ArrayDeque<>(0);

  private boolean sizing;
  private long lastUseMs = NOT_KNOWN;

  Shedding(Queue queue, Shard shard, boolean messagesAge) {
    this.queue = queue;
    this.shard = shard;
    this.messagesAge = messagesAge;
  }

  private QueueSettings settings() {
    return queue.settings();
  }

  /// Whether messages can leave this way.
  boolean isOn() {
    return messagesAge || settings().ttlMs() != QueueSettings.NONE || settings().hasLimit();
  }

  boolean messagesAge() {
    return messagesAge;
  }

  void messagesBeginToAge() {
    messagesAge = true;
    isNoted = !queue.durable();
    if (!isNoted && shard.publishing().mayDefine(queue)) {
      noteThatMessagesAge();
    }
  }

  /// Says so in the journal, so that a start knows which queues have to be looked at; in the
  /// queue's own turn where one message has come to very many.
  void noteThatMessagesAge() {
    if (!isNoted) {
      isNoted = true;
      shard.writeDefinition(shard.newBatch().put(Definitions.key(queue), Definitions.value(queue)));
    }
  }

  /// Whether it has to see heads that nobody asked for.
  boolean waitsForHead() {
    return waitsForHead;
  }

  /// Whether nothing may be taken until what is there has been measured.
  boolean isSizing() {
    return sizing;
  }

  /// Looks again from the beginning: at the start, and when the settings have changed.
  void begin() {
    if (settings().maxLengthBytes() != QueueSettings.NONE) {
      sizeAll();
    }
    if (isOn() || settings().expiresMs() != QueueSettings.NONE) {
      lookAt(shard.nowMs());
    }
  }

  /// Policies say something else now.
  void settingsChanged() {
    if (lastUseMs != NOT_KNOWN) {
      used();
      begin();
    }
  }

  private void lookAt(long atMs) {
    Timers.Timer known = timer;
    if (known == null) {
      known = shard.timers().newTimer(queue);
      timer = known;
    }
    shard.timers().wake(known, atMs);
  }

  void stop() {
    Timers.Timer known = timer;
    if (known != null) {
      shard.timers().stop(known);
    }
  }

  // --- too old ---

  /// When a message has waited long enough, in ms since the epoch.
  private long endOf(Message message) {
    long ttlMs = Math.min(settings().ttlMs(), message.expirationMs());
    return ttlMs == QueueSettings.NONE ? Timers.NEVER : message.acceptedAtMs() + ttlMs;
  }

  boolean isTooOld(Message message) {
    return endOf(message) <= shard.nowMs();
  }

  /// Lets go of a slice of what is too old; true if there is more.
  boolean dropOld() {
    waitsForHead = false;
    int left = Limits.SLICE;
    for (Lane lane : queue.lanes()) {
      while (lane.backlog().count() > 0) {
        Entry head = lane.backlog().head();
        Message message = head == null ? null : head.message;
        if (head == null || message == null) {
          waitForHead(lane);
          break;
        }
        if (!isTooOld(message) || head.fresh && !queue.consumers().noneWaits()) {
          lookAt(endOf(message));
          break;
        }
        if (left-- == 0) {
          return true;
        }
        queue.shedHead(lane, DeadLetters.Reason.EXPIRED);
      }
    }
    return false;
  }

  private void waitForHead(Lane lane) {
    waitsForHead = true;
    lane.readAhead();
  }

  // --- too many ---

  /// Lets go of a slice of what is too much; true if there is more.
  boolean dropExcess() {
    QueueSettings settings = settings();
    if (settings.overflow() != QueueSettings.Overflow.DROP_HEAD || sizing) {
      return false;
    }
    boolean unread =
        settings.deadLetterExchange() == null && settings.maxLengthBytes() == QueueSettings.NONE;
    for (int i = 0; i < Limits.SLICE; i++) {
      long excess = queue.readyCount() - settings.maxLength();
      Lane lane = queue.top();
      if (lane == null || !settings.isOver(queue.readyCount(), queue.bytes().ready())) {
        return false;
      }
      Entry head = lane.backlog().head();
      if (head == null && unread) {
        if (lane.backlog().settleStored(shard.settling(), Math.min(excess, Limits.PURGE_SLICE))
            > 0) {
          continue;
        }
        head = lane.backlog().head();
      }
      if (head == null || head.message == null) {
        waitForHead(lane);
        return false;
      }
      queue.shedHead(lane, DeadLetters.Reason.MAXLEN);
    }
    return true;
  }

  // --- measuring what was there before the start ---

  private void sizeAll() {
    for (Lane lane : queue.lanes()) {
      if (lane.isUnsized() && !unsized.contains(lane)) {
        unsized.add(lane);
      }
    }
    if (!sizing) {
      sizeNext();
    }
  }

  private void sizeNext() {
    Lane lane = unsized.poll();
    Log log = lane == null ? null : lane.log();
    sizing = lane != null && log != null;
    if (lane != null && log != null) {
      lane.sized();
      size(log, log.low(), log.next());
    } else {
      queue.goOn();
    }
  }

  /// Nobody takes anything meanwhile, so what is read is what is ready.
  private void size(Log log, long from, long end) {
    long first = log.nextLive(from);
    if (first >= end) {
      sizeNext();
      return;
    }
    Limits.Paging paging = shard.limits().paging();
    shard
        .store()
        .fetch(
            log,
            first,
            end,
            paging.fetchBytesMax(),
            paging.fetchEntriesMax(),
            found -> {
              if (!queue.deleted()) {
                queue.bytes().measured(bytes(found));
                size(log, found.isEmpty() ? end : found.getLast().sequence() + 1, end);
              }
            });
  }

  private static long bytes(List<FetchedEntry> found) {
    long bytes = 0;
    for (FetchedEntry entry : found) {
      bytes += entry.body().length;
    }
    return bytes;
  }

  // --- out of use ---

  /// Somebody used the queue: it does not end for a while.
  void used() {
    lastUseMs = shard.nowMs();
    if (settings().expiresMs() != QueueSettings.NONE) {
      lookAt(lastUseMs + settings().expiresMs());
    }
  }

  /// Whether it was out of use for so long that it ends; if not yet, looks again in time.
  boolean isOver() {
    long expiresMs = settings().expiresMs();
    if (expiresMs == QueueSettings.NONE || !queue.consumers().isEmpty()) {
      return false;
    }
    if (shard.nowMs() >= lastUseMs + expiresMs) {
      return true;
    }
    lookAt(lastUseMs + expiresMs);
    return false;
  }
}
