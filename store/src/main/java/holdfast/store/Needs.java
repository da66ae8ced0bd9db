package holdfast.store;

import java.util.Set;

/// What a checkpoint rests on.
///
/// @param replayFrom the journal from this segment on
/// @param logSegments these log segments
/// @param checkpoints these checkpoint files, itself included
/// @param newest the largest of their numbers; 0 where there is none
record Needs(long replayFrom, Set<Long> logSegments, Set<Long> checkpoints, long newest) {
  static Needs of(Checkpoint.Outline checkpoint) {
    return new Needs(
        checkpoint.head().replayFrom(),
        checkpoint.segments(),
        checkpoint.files(),
        checkpoint.head().number());
  }
}
