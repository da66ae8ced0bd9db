package holdfast.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Where one message goes: the queues, each once, in the order they were met, and who waits for it
/// as a reply. Reused for message after message by the gate.
///
/// Exchanges that lead to exchanges are visited one after the other, not one inside the other: a
/// chain of them can be as long as clients like.
final class Routes {
  private Queue[] queues = new Queue[16];
  private int count;

  /// Exchanges that were met and not asked yet.
  private final ArrayDeque<Exchange> exchanges = new ArrayDeque<>();

  private static final AtomicLong MADE = new AtomicLong();
  private static final int STAMP_BITS = 40;

  /// Marks queues and exchanges as met by the current message; no two of these ever use the same.
  private long stamp = MADE.incrementAndGet() << STAMP_BITS;

  /// Who waits for it as a reply, each once.
  private final List<DirectReplies.Taker> takers = new ArrayList<>();

  /// Exchanges on the way that keep what comes by.
  private final List<RecentHistoryExchange> keepers = new ArrayList<>();

  /// Steps through topic patterns that are left to the current message; below 0 it took too many.
  private long stepsLeft;

  /// Whether the exchange that is asked has led anywhere, be it to where others led before.
  private boolean led;

  void clear() {
    Arrays.fill(queues, 0, count, null);
    count = 0;
    takers.clear();
    keepers.clear();
    stepsLeft = Limits.TOPIC_STEPS_MAX;
    stamp++;
  }

  void find(Exchange from, Message message) {
    find(from, message, List.of());
  }

  /// Finds what a message reaches from an exchange. An exchange that leads nowhere hands it to its
  /// alternate.
  ///
  /// @param copies routing keys beside the message's own
  void find(Exchange from, Message message, List<String> copies) {
    clear();
    add(from);
    for (Exchange next = exchanges.poll(); next != null; next = exchanges.poll()) {
      led = false;
      next.route(message.routingKey(), message, this);
      if (next.asksForKey()) {
        for (String key : copies) {
          next.route(key, message, this);
        }
      }
      Exchange alternate = led ? null : next.alternate();
      if (alternate != null) {
        add(alternate);
      }
    }
  }

  /// Has an exchange asked, the first time a message comes by it: what ends a cycle of exchanges.
  void add(Exchange exchange) {
    led = true;
    if (exchange.routeStamp != stamp) {
      exchange.routeStamp = stamp;
      exchanges.add(exchange);
    }
  }

  void add(Queue queue) {
    led = true;
    if (queue.routeStamp == stamp) {
      return;
    }
    queue.routeStamp = stamp;
    if (count == queues.length) {
      queues = Arrays.copyOf(queues, count * 2);
    }
    queues[count++] = queue;
  }

  /// These queues and no others.
  void set(Queue[] only) {
    clear();
    for (Queue queue : only) {
      add(queue);
    }
  }

  /// Leaves out the queues of which this is true.
  void removeIf(Predicate<Queue> unwanted) {
    int kept = 0;
    for (int i = 0; i < count; i++) {
      if (!unwanted.test(queues[i])) {
        queues[kept++] = queues[i];
      }
    }
    Arrays.fill(queues, kept, count, null);
    count = kept;
  }

  void add(DirectReplies.Taker taker) {
    led = true;
    if (!takers.contains(taker)) {
      takers.add(taker);
    }
  }

  long stepsLeft() {
    return stepsLeft;
  }

  void took(long steps) {
    stepsLeft -= steps;
  }

  /// Why the message may not go where it was found to go, or null.
  @Nullable CoreError tooMuch(int targetsMax) {
    if (stepsLeft < 0) {
      return new CoreError(
          CoreError.Kind.RESOURCE_ERROR,
          "a message whose keys take more than "
              + Limits.TOPIC_STEPS_MAX
              + " steps through the bindings of topic exchanges: bind fewer patterns with #");
    }
    return count <= targetsMax
        ? null
        : new CoreError(
            CoreError.Kind.RESOURCE_ERROR,
            "a message for " + count + " queues; the limit is " + targetsMax);
  }

  void keptBy(RecentHistoryExchange keeper) {
    keepers.add(keeper);
  }

  /// Lets the exchanges on the way keep a message that has come by.
  void keep(Message message, MemoryBudget memory) {
    for (RecentHistoryExchange keeper : keepers) {
      keeper.keep(message, memory);
    }
  }

  List<DirectReplies.Taker> takers() {
    return takers;
  }

  int count() {
    return count;
  }

  Queue get(int index) {
    return queues[index];
  }

  /// The queues in an array of their own.
  Queue[] toArray() {
    return Arrays.copyOf(queues, count);
  }
}
