package holdfast.store;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Opens what a store left behind, however it ended: the newest checkpoint, then the journal from
/// where that one says on. Bodies are not read, only counted and remembered by address: the time
/// this takes depends on the journal that is live, not on the backlog. Reads only.
final class Recovery {
  private final Journal journal;
  private final Segments segments;
  private final Checkpoints files;
  private final List<String> warnings = new ArrayList<>();
  private Fold fold = new Fold();
  private long checkpointNumber;
  private Needs needs = new Needs(1, Set.of(), Set.of(), 0);
  private Needs fallbackNeeds = needs;
  private @Nullable Replay replay;
  private long nextLogSegment = 1;

  Recovery(Epoch epoch) {
    journal = epoch.journal();
    segments = epoch.segments();
    files = new Checkpoints(segments);
  }

  void run() throws IOException {
    Checkpoint checkpoint = newestUsable();
    if (checkpoint != null) {
      checkpointNumber = checkpoint.head().number();
      fold = checkpoint.fold();
      needs = Needs.of(checkpoint.outline());
      fallbackNeeds = needs;
      keepFallback(checkpoint);
    }
    for (long number : segments.numbers(Segments.Kind.LOG)) {
      nextLogSegment = Math.max(nextLogSegment, number + 1);
    }
    Replay records = new Replay(fold, checkpoint);
    replay = records;
    journal.replay(needs.replayFrom(), records);
    records.finish();
    fold.allLogs().forEach(Log::opened);
  }

  Fold fold() {
    return fold;
  }

  long checkpointNumber() {
    return checkpointNumber;
  }

  /// A number that no log segment of this directory has.
  long nextLogSegment() {
    return nextLogSegment;
  }

  /// What the checkpoint that this recovery started from rests on.
  Needs needs() {
    return needs;
  }

  /// What the checkpoint before that one rests on: it stays a fallback until a newer one is
  /// written.
  Needs fallbackNeeds() {
    return fallbackNeeds;
  }

  List<String> warnings() {
    return warnings;
  }

  long replayedRecords() {
    return replay == null ? 0 : replay.records();
  }

  /// The newest checkpoint whose bytes are whole and whose segments are all there; null when there
  /// has never been one. A checkpoint that lacks a segment is never fallen back to.
  private @Nullable Checkpoint newestUsable() throws IOException {
    CorruptionException newestIs = null;
    for (long number : files.numbers()) {
      try {
        Checkpoint checkpoint = files.read(number);
        requireSegments(checkpoint.outline());
        if (newestIs != null) {
          warnings.add(newestIs.getMessage() + "; recovered from " + Checkpoints.name(number));
        }
        return checkpoint;
      } catch (CorruptionException e) {
        newestIs = newestIs == null ? e : newestIs;
      }
    }
    if (newestIs != null) {
      throw newestIs;
    }
    return null;
  }

  private void keepFallback(Checkpoint used) throws IOException {
    for (long number : files.numbers()) {
      if (number < used.head().number()) {
        try {
          Checkpoint.Outline older = files.outline(number);
          requireSegments(older);
          fallbackNeeds = Needs.of(older);
        } catch (CorruptionException e) {
          warnings.add(e.getMessage() + "; there is no older checkpoint to fall back to");
        }
        return;
      }
    }
  }

  private void requireSegments(Checkpoint.Outline checkpoint) throws IOException {
    CheckpointHead head = checkpoint.head();
    if (!journal.has(head.replayFrom(), head.journalId())) {
      throw missing(SegmentFiles.name(head.replayFrom()), head.number());
    }
    Set<Long> there = new HashSet<>(segments.numbers(Segments.Kind.LOG));
    for (long number : checkpoint.segments()) {
      if (!there.contains(number)) {
        throw missing(LogSegmentFiles.name(number), head.number());
      }
      LogSegmentReader.requireHead(segments, number, head.journalId());
    }
  }

  private CorruptionException missing(String segment, long checkpoint) {
    return new CorruptionException(
        "segment "
            + segment
            + ", which "
            + Checkpoints.name(checkpoint)
            + " in "
            + segments.description()
            + " needs, is missing or belongs to another journal");
  }

  /// The segments that a start needs to keep: those of the checkpoint and of its fallback.
  Set<Long> keptLogSegments() {
    Set<Long> kept = new HashSet<>(needs.logSegments());
    kept.addAll(fallbackNeeds.logSegments());
    return kept;
  }
}
