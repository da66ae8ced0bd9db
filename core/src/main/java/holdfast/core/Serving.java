package holdfast.core;

/// Hands what is ready in a queue to its consumers, in turn. Guarded by the gate.
final class Serving {
  private Serving() {}

  /// A slice at most; true if there may be more to hand out.
  static boolean serve(Queue queue, Shard shard) {
    Consumers consumers = queue.consumers();
    Shedding shedding = queue.shedding();
    for (int i = 0; i < Limits.SLICE; i++) {
      Lane lane = consumers.noneWaits() ? null : queue.top();
      if (lane == null) {
        return false;
      }
      lane.readAhead();
      Entry head = lane.backlog().head();
      Message message = head == null ? null : head.message;
      if (head == null || message == null) {
        return false;
      }
      if (!head.fresh && shedding.isTooOld(message)) {
        queue.shedHead(lane, DeadLetters.Reason.EXPIRED);
        continue;
      }
      if (lane.askToHandOut(head) != 0) {
        return false;
      }
      Consumer consumer = consumers.next();
      if (consumer == null) {
        head.fresh = false;
        return false;
      }
      Entry entry = queue.take(lane);
      consumer.session.deliver(consumer, entry, message);
      if (consumer.autoSettle) {
        shard.settling().add(entry);
        queue.settled(entry);
      } else {
        shard.keepIfRoom(entry);
      }
      queue.offerRow(consumer);
    }
    return true;
  }
}
