package holdfast.core;

import java.util.ArrayDeque;

/// Queues with something to do: to hand out, or to shed; and those whose time has come. Each has a
/// bounded turn. Guarded by the gate.
final class DueQueues {
  private final Shard shard;
  private final Timers timers = new Timers();
  private final ArrayDeque<Queue> row = new ArrayDeque<>();

  DueQueues(Shard shard) {
    this.shard = shard;
  }

  Timers timers() {
    return timers;
  }

  void add(Queue queue) {
    queue.due = true;
    row.add(queue);
  }

  boolean hasWork(long nowMs) {
    return !row.isEmpty() || timers.isDue(nowMs);
  }

  /// One queue's turn; false if there was none to have one.
  boolean work(long nowMs) {
    Queue woken = timers.next(nowMs);
    if (woken != null && !woken.deleted() && !woken.due) {
      add(woken);
    }
    Queue queue = row.poll();
    if (queue == null) {
      return false;
    }
    queue.due = false;
    if (!queue.deleted() && queue.shedding().isOver()) {
      shard.declaring().delete(queue, queue.host().keeper(shard).control());
    } else if (!queue.deleted() && queue.dispatch() && !queue.due) {
      add(queue);
    }
    shard.settling().finish(false);
    return true;
  }
}
