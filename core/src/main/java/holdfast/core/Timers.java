package holdfast.core;

import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// When queues want to be looked at although nothing happens to them. Each has one time at most,
/// the earliest of its wishes: it is looked at too early rather than too late, and then says when
/// it wants the next look. Guarded by the gate.
final class Timers {
  /// Stands for no time at all.
  static final long NEVER = Long.MAX_VALUE;

  /// A queue's place in the row.
  static final class Timer {
    final Queue queue;
    private final long number;
    private long atMs = NEVER;

    private Timer(Queue queue, long number) {
      this.queue = queue;
      this.number = number;
    }
  }

  private final TreeSet<Timer> row =
      new TreeSet<>((one, other) ->
          one.atMs != other.atMs
              ? Long.compare(one.atMs, other.atMs)
              : Long.compare(one.number, other.number));

  private long made;

  Timer newTimer(Queue queue) {
    return new Timer(queue, ++made);
  }

  /// Has a queue looked at no later than this.
  void wake(Timer timer, long atMs) {
    if (atMs < timer.atMs) {
      stop(timer);
      timer.atMs = atMs;
      row.add(timer);
    }
  }

  void stop(Timer timer) {
    if (timer.atMs != NEVER) {
      row.remove(timer);
      timer.atMs = NEVER;
    }
  }

  /// The next queue whose time has come, out of the row; or null.
  @Nullable Queue next(long nowMs) {
    if (!isDue(nowMs)) {
      return null;
    }
    Timer first = row.first();
    stop(first);
    return first.queue;
  }

  boolean isDue(long nowMs) {
    return !row.isEmpty() && row.first().atMs <= nowMs;
  }

  /// When the next look is wanted, in ms since the epoch.
  long nextMs() {
    return row.isEmpty() ? NEVER : row.first().atMs;
  }
}
