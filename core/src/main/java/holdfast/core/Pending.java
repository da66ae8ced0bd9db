package holdfast.core;

/// Something that goes on once a position is durable. They stand in one row, in the order of their
/// positions.
sealed interface Pending permits Arrival, Session.Wait, Lane.MarkWait {
  long position();
}
