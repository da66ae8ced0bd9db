package holdfast.testkit.broker;

import holdfast.testkit.broker.BrokerTopology.QueueM;

/// A consumer as its client sees it.
final class Taker {
  final QueueM queue;
  final boolean autoSettle;
  final int prefetch;
  int held;

  Taker(QueueM queue, boolean autoSettle, int prefetch) {
    this.queue = queue;
    this.autoSettle = autoSettle;
    this.prefetch = prefetch;
  }
}
