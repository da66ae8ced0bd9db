package holdfast.core;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A message's place in one queue, while it is in memory: on its way to disk, in the queue's
/// window, handed out or returned. What only stands in the log has none. Guarded by the gate.
final class Entry {
  /// Memory that one more place of a message takes, in bytes.
  static final int FOOTPRINT_BYTES = 72;

  /// Stands for [#sequence] where the entry is not in the journal.
  static final long NOT_LOGGED = -1;

  private static final long NEVER_OUT = -1;

  final Lane lane;

  /// Null while it is on disk only, which can be while the entry is unsettled or has been returned.
  @Nullable Message message;

  /// Place among the entries that were handed out, for ever: a returned one goes back to it.
  private long order = NEVER_OUT;

  /// Sequence in the queue's log.
  final long sequence;

  /// Of an entry that is not logged and waits behind such as are on disk: it stands before this
  /// sequence.
  long before;

  /// Whether it may be handed out with no dispatch mark: the journal says already that it may have
  /// been delivered, or it is not in the journal at all.
  final boolean offered;

  /// Whether it may have been delivered before.
  boolean redelivered;

  /// Bytes of its body, once somebody has seen it.
  int bodyBytes;

  /// How often it came back, where that is counted.
  int returns;

  /// Whether it has just become visible and somebody may take it at once: until then it does not
  /// grow old.
  boolean fresh;

  /// When it was handed out last, in seconds since the epoch.
  int outSinceSeconds;

  /// Who has it, if it was handed to a consumer.
  @Nullable Consumer consumer;

  Entry(Lane lane, @Nullable Message message, long sequence, boolean offered) {
    this.lane = lane;
    this.message = message;
    this.sequence = sequence;
    this.offered = offered;
  }

  Queue queue() {
    return lane.queue;
  }

  boolean isLogged() {
    return sequence != NOT_LOGGED;
  }

  boolean wasOut() {
    return order != NEVER_OUT;
  }

  long order() {
    assert wasOut() : "an entry that was never handed out has no order";
    return order;
  }

  /// Handed out for the first time.
  void isOut(long place) {
    order = place;
  }

  /// Headers that the broker adds to its delivery, or null.
  @Nullable Arguments added() {
    return returns == 0 ? null : Arguments.of(Map.of("x-delivery-count", (long) returns));
  }

  /// What it takes in memory while its message is there.
  long bytes() {
    Message held = message;
    return FOOTPRINT_BYTES + (held == null ? 0 : held.footprint());
  }
}
