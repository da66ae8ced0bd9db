package holdfast.core;

import java.util.Arrays;

/// The queues that one message is routed to, each once, in the order they were met. Reused for
/// message after message by the gate.
final class Routes {
  private Queue[] queues = new Queue[16];
  private int count;

  /// Marks queues and exchanges as met by the current message.
  private long stamp;

  void clear() {
    Arrays.fill(queues, 0, count, null);
    count = 0;
    stamp++;
  }

  /// True the first time a message comes by here: what ends a cycle of exchanges.
  boolean firstVisit(Exchange exchange) {
    boolean first = exchange.routeStamp != stamp;
    exchange.routeStamp = stamp;
    return first;
  }

  void add(Queue queue) {
    if (queue.routeStamp == stamp) {
      return;
    }
    queue.routeStamp = stamp;
    if (count == queues.length) {
      queues = Arrays.copyOf(queues, count * 2);
    }
    queues[count++] = queue;
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
