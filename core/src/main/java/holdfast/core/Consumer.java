package holdfast.core;

/// A session's wish for a queue's messages, and how many it may hold unsettled. Guarded by the
/// gate.
final class Consumer {
  final Session session;
  final Queue queue;
  final String tag;

  /// Whether a delivery is settled by being made.
  final boolean autoSettle;

  final boolean exclusive;

  /// Unsettled deliveries this consumer may hold; 0 for any number.
  final int prefetch;

  /// Those of a higher one are served first.
  final int priority;

  /// How long a delivery to it may be unsettled, as it asked itself.
  final long timeoutMs;

  int unsettled;

  /// Not before its consume-ok has left, and not after it was cancelled.
  boolean active;

  /// Whether it stands in its queue's row of consumers that may be served.
  boolean inRow;

  Consumer(
      Session session,
      Queue queue,
      String tag,
      boolean autoSettle,
      boolean exclusive,
      int prefetch,
      int priority,
      long timeoutMs) {
    this.session = session;
    this.queue = queue;
    this.tag = tag;
    this.autoSettle = autoSettle;
    this.exclusive = exclusive;
    this.prefetch = prefetch;
    this.priority = priority;
    this.timeoutMs = timeoutMs;
  }

  boolean hasCredit() {
    return active
        && (autoSettle || prefetch == 0 || unsettled < prefetch)
        && session.hasCredit()
        && (autoSettle || !queue.holdsBack(session))
        && session.client().outbox().hasRoom();
  }
}
