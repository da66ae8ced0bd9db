package holdfast.core;

import java.util.ArrayDeque;
import java.util.Arrays;

/// The queues that one message is routed to, each once, in the order they were met. Reused for
/// message after message by the gate.
///
/// Exchanges that lead to exchanges are visited one after the other, not one inside the other: a
/// chain of them can be as long as clients like.
final class Routes {
  private Queue[] queues = new Queue[16];
  private int count;

  /// Exchanges that were met and not asked yet.
  private final ArrayDeque<Exchange> exchanges = new ArrayDeque<>();

  /// Marks queues and exchanges as met by the current message.
  private long stamp;

  void clear() {
    Arrays.fill(queues, 0, count, null);
    count = 0;
    stamp++;
  }

  /// Finds the queues that a message reaches from an exchange.
  void find(Exchange from, Message message) {
    clear();
    add(from);
    for (Exchange next = exchanges.poll(); next != null; next = exchanges.poll()) {
      next.route(message.routingKey(), message, this);
    }
  }

  /// Has an exchange asked, the first time a message comes by it: what ends a cycle of exchanges.
  void add(Exchange exchange) {
    if (exchange.routeStamp != stamp) {
      exchange.routeStamp = stamp;
      exchanges.add(exchange);
    }
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
