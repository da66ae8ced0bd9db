package holdfast.store;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// What an engine knows of the space that is left, and what it keeps of it for the worst. An engine
/// whose space is somebody else's care says [#AMPLE]. Any thread.
public interface Room {
  /// Room without end.
  Room AMPLE = new Room() {};

  /// Has somebody called when a shortage begins or ends.
  default void onChange(Runnable listener) {}

  /// Looks anew, and tells of a change. Not to be called under a lock.
  default void look() {}

  /// Why publishers must wait, in words for a person; null if they need not.
  default @Nullable String shortage() {
    return null;
  }

  default boolean isShort() {
    return shortage() != null;
  }

  /// Bytes that are free.
  default long freeBytes() {
    return Long.MAX_VALUE / 4;
  }

  /// Bytes that are kept for the worst, in one piece at most.
  default long keptBytesInOne() {
    return 0;
  }

  /// Bytes that are kept for the worst.
  default long keptBytes() {
    return 0;
  }

  /// Whether the oldest segment of the journal must be cleared for there to be a next one.
  default boolean isTight() {
    return false;
  }

  /// Whether a failure to write so many new bytes means that there is no room for them.
  default boolean isFull(IOException e, long bytes) {
    return false;
  }

  /// Whether [#prepare] has something to do.
  default boolean wantsPreparing() {
    return false;
  }

  /// Whether somebody waits for the background, so that what it makes ready is to be ready soon.
  default void hurry(boolean waited) {}

  /// Makes ready what is needed next. In the background.
  default void prepare() throws IOException {}
}
