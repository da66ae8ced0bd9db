package holdfast.load;

/// What was counted of one kind of message: the small ones, the large ones, or those of the slow
/// queue. Each loop has its own, and nobody else touches it; others are given copies.
final class Lane {
  long published;

  /// Arrivals that `published` should lead to, in all queues together.
  long expected;

  long confirmed;
  long nacked;
  long received;

  /// Of `received`, those that were seen for the first time.
  long distinct;

  /// Came again without being flagged as redelivered.
  long duplicates;

  long disordered;
  LatencyHistogram confirms = new LatencyHistogram();
  LatencyHistogram deliveries = new LatencyHistogram();

  Lane copy() {
    Lane copy = new Lane();
    copy.add(this);
    return copy;
  }

  void add(Lane other) {
    published += other.published;
    expected += other.expected;
    confirmed += other.confirmed;
    nacked += other.nacked;
    received += other.received;
    distinct += other.distinct;
    duplicates += other.duplicates;
    disordered += other.disordered;
    confirms.add(other.confirms);
    deliveries.add(other.deliveries);
  }
}
