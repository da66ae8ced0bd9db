package holdfast.core;

import org.jspecify.annotations.Nullable;

/// A message's place in one queue. Guarded by the gate.
final class Entry {
  /// Memory that one more place of a message takes, in bytes.
  static final int FOOTPRINT_BYTES = 64;

  /// Stands for [#sequence] where the entry is not in the journal.
  static final long NOT_LOGGED = -1;

  final Queue queue;
  final Message message;

  /// Place in the queue, for ever: a returned entry goes back to it.
  final long order;

  /// Sequence in the queue's log.
  final long sequence;

  /// Whether it may be handed out with no dispatch mark: the journal says already that it may have
  /// been delivered, or it is not in the journal at all.
  final boolean offered;

  /// Whether it may have been delivered before.
  boolean redelivered;

  /// Who has it, if it was handed to a consumer.
  @Nullable Consumer consumer;

  Entry(Queue queue, Message message, long order, long sequence, boolean offered) {
    this.queue = queue;
    this.message = message;
    this.order = order;
    this.sequence = sequence;
    this.offered = offered;
  }

  boolean isLogged() {
    return sequence != NOT_LOGGED;
  }
}
