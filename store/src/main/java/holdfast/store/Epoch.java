package holdfast.store;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// The right to write that an [Engine] grants to one owner at a time, until it grants the next.
///
/// The owner replays the journal, says [#recovered], and begins to append. When an append fails the
/// outcome is unknown and the epoch is over: every pending and later append fails, and the only way
/// on is another [Engine#acquire] and another replay.
public interface Epoch {
  /// Rises strictly from one owner to the next, over all starts.
  long number();

  /// Names the journal for its whole life.
  JournalId journalId();

  Journal journal();

  Segments segments();

  /// What is known of the space that is left.
  default Room room() {
    return Room.AMPLE;
  }

  /// The replay has found all whole: from here on what is there may be changed.
  default void recovered() throws IOException {}

  /// What a commit is expected to cost here; null where nobody can tell. May take seconds.
  default Calibration.@Nullable Found calibrate() throws IOException {
    return null;
  }
}
