package holdfast.load;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// One event loop, with what its connections share: the tally, the time of the read in progress,
/// and the pace of its producers. Everything but [#ask] is called on the loop.
final class LoadLoop {
  /// Nobody is woken more often than this for messages that are due. Up to 20,000 a second are then
  /// sent each at its time.
  private static final long TICK_NS_MIN = 50_000;

  private final EventLoop executor;
  private final List<Producer> paced = new ArrayList<>();
  private Tally tally = new Tally();
  private boolean isMeasuring;
  private int blockedLinks;
  private long blockedSinceNs;

  /// The message that is due next, of all that these producers send, and whose turn it is.
  private long dueNext;

  /// When the octets in hand were read.
  private long nowNs;

  LoadLoop(EventLoop executor) {
    this.executor = executor;
  }

  EventLoop executor() {
    return executor;
  }

  /// Has the loop answer a question, from another thread.
  <T> CompletableFuture<T> ask(Supplier<T> question) {
    return CompletableFuture.supplyAsync(question, executor);
  }

  Tally tally() {
    return tally;
  }

  /// Latencies count while this is so.
  boolean isMeasuring() {
    return isMeasuring;
  }

  void isMeasuring(boolean isMeasuring) {
    this.isMeasuring = isMeasuring;
  }

  long nowNs() {
    return nowNs;
  }

  void woken() {
    nowNs = System.nanoTime();
  }

  Tally snapshot() {
    long now = System.nanoTime();
    if (blockedLinks > 0) {
      tally.blockedNs += now - blockedSinceNs;
      blockedSinceNs = now;
    }
    return tally.copy(now);
  }

  void blocked(boolean isBlocked) {
    snapshot();
    blockedLinks += isBlocked ? 1 : -1;
    blockedSinceNs = System.nanoTime();
  }

  /// Has these producers send when their messages are due. They take turns, so that of each round
  /// of messages the first is the first one's.
  void pace(List<Producer> producers) {
    paced.addAll(producers);
    dueNext = 0;
    if (!paced.isEmpty()) {
      tick();
    }
  }

  void unpace() {
    paced.clear();
  }

  private void tick() {
    int count = paced.size();
    if (count == 0) {
      return;
    }
    long now = System.nanoTime();
    int visited = 0;
    long due = paced.get((int) (dueNext % count)).dueNs(dueNext / count);
    while (due <= now) {
      if (visited++ < count) {
        paced.get((int) (dueNext % count)).pump(now);
      }
      dueNext++;
      due = paced.get((int) (dueNext % count)).dueNs(dueNext / count);
    }
    long waitNs = Math.max(TICK_NS_MIN, due - System.nanoTime());
    executor.schedule(this::tick, waitNs, TimeUnit.NANOSECONDS);
  }
}
