package holdfast.server.torture;

import java.util.concurrent.atomic.LongAdder;

/// What a round did, counted by the clients.
final class Counts {
  final LongAdder published = new LongAdder();
  final LongAdder confirmed = new LongAdder();
  final LongAdder refused = new LongAdder();
  final LongAdder delivered = new LongAdder();
  final LongAdder acked = new LongAdder();
  final LongAdder definitions = new LongAdder();

  @Override
  public String toString() {
    return "published %,d confirmed %,d returned or rolled back %,d delivered %,d acked %,d definitions %,d"
        .formatted(
            published.sum(),
            confirmed.sum(),
            refused.sum(),
            delivered.sum(),
            acked.sum(),
            definitions.sum());
  }
}
