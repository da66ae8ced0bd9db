package holdfast.amqp091;

import static org.assertj.core.api.Assertions.assertThat;

import holdfast.amqp091.codec.BasicMethod;
import java.util.BitSet;

/// A plain model of confirms: each tag at most once, and `multiple` over everything below it.
final class ConfirmedTags {
  private final BitSet confirmed = new BitSet();

  void on(BasicMethod.Ack ack) {
    int tag = (int) ack.deliveryTag();
    if (ack.multiple()) {
      int from = confirmed.nextClearBit(1);
      assertThat(tag).as("%s says something new", ack).isGreaterThanOrEqualTo(from);
      confirmed.set(from, tag + 1);
    } else {
      assertThat(confirmed.get(tag)).as("tag %s was confirmed before", tag).isFalse();
      confirmed.set(tag);
    }
  }

  boolean has(long tag) {
    return confirmed.get((int) tag);
  }

  int count() {
    return confirmed.cardinality();
  }

  /// Whether every tag up to this one is confirmed.
  boolean upTo(long tag) {
    return confirmed.nextClearBit(1) > tag;
  }
}
