package holdfast.store;

import java.util.HashSet;
import java.util.Set;

/// Says what a round of [Upkeep] is to clear: segments of the journal, and log segments. Owned by
/// the owner of the fold.
final class Clearing {
  /// A segment of the journal with less than one live entry in so many is cleared at once.
  private static final int SPARSE = 8;

  /// So many log segments, each below this share of a full one, become one: without it a trickle of
  /// entries that stay would leave a file for each.
  private static final int SMALL_COUNT = 8;

  private final Fold fold;
  private final Journal files;
  private final Room room;
  private final StoreOptions options;

  Clearing(Fold fold, Journal files, Room room, StoreOptions options) {
    this.fold = fold;
    this.files = files;
    this.room = room;
    this.options = options;
  }

  /// Whether a round would, sooner or later, let files go.
  ///
  /// @param needs what the older checkpoint rests on
  /// @param moves whether entries may be moved now
  boolean couldFree(long current, Needs needs, boolean moves) {
    if (needs.replayFrom() < fold.oldestNeeded(current) || moves && moveUpTo(current) != 0) {
      return true;
    }
    for (long number : needs.logSegments()) {
      LogSegment segment = fold.segments().get(number);
      if (segment == null || segment.live() == 0) {
        return true;
      }
    }
    return moves && !halfDead().isEmpty();
  }

  /// The newest segment of the journal whose live entries should leave it; 0 if none. When space is
  /// short and no spare is left, the oldest must go, however much lives there: settlements need its
  /// file.
  long moveUpTo(long current) {
    boolean tight = room.isTight();
    long oldest = fold.oldestNeeded(current);
    long bytes = files.bytesFrom(oldest);
    long upTo = 0;
    long fits = Math.max(room.freeBytes() / 2, room.keptBytesInOne());
    for (long g = oldest; g < current; g++) {
      Fold.Generation generation = fold.generations().get(g);
      boolean sparse = generation == null || generation.live * SPARSE <= generation.appended;
      if (!sparse && bytes <= options.journalBytesMax() / 2 && !(tight && g == oldest)) {
        break;
      }
      bytes -= files.bytes(g);
      if (generation != null && generation.isNeeded()) {
        fits -= files.bytes(g);
        if (upTo != 0 && fits < 0) {
          break; // one wholly cleared is worth more than two in part
        }
        upTo = g;
      }
    }
    return upTo;
  }

  /// Log segments to be written anew: those that are half dead, and small ones once there are many.
  Set<Long> halfDead() {
    Set<Long> numbers = new HashSet<>();
    long bytes = 0;
    long bytesMax = options.segmentBytesMax();
    if (room.isShort()) {
      bytesMax = Math.min(bytesMax, Math.max(room.freeBytes(), room.keptBytesInOne()) / 2);
    }
    long small = fold.segments().values().stream().filter(this::isSmall).count();
    for (LogSegment segment : fold.segments().values()) {
      if (segment.live() > 0
          && (segment.isHalfDead() || small >= SMALL_COUNT && isSmall(segment))
          && bytes + segment.liveBytes() <= bytesMax) {
        numbers.add(segment.number);
        bytes += segment.liveBytes();
      }
    }
    return numbers;
  }

  private boolean isSmall(LogSegment segment) {
    return segment.live() > 0 && segment.fileBytes < options.segmentBytesMax() / SMALL_COUNT;
  }
}
