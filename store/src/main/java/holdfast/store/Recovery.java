package holdfast.store;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Opens what a store left behind, however it ended: the newest checkpoint, then the journal from
/// where that one says on, and the judgement of the end. Bodies are not read, only counted and
/// remembered by address: the time this takes depends on the journal that is live, not on the
/// backlog.
///
/// The first write N that is missing or damaged ends the journal. If anything later on disk calls N
/// durable, N had been confirmed: that is corruption, and the store refuses to open. Otherwise N
/// was never confirmed: a torn tail, cut before N. Reads only; nothing is changed until the journal
/// starts its next segment, so a crash during recovery leaves the same to recover.
final class Recovery {
  private final Disk disk;
  private final List<String> warnings = new ArrayList<>();
  private Fold fold = new Fold();
  private long checkpointNumber;
  private Store.Needs needs = new Store.Needs(1, Set.of(), Set.of(), 0);
  private Store.Needs fallbackNeeds = needs;
  private @Nullable Replay replay;
  private long nextLogSegment = 1;

  Recovery(Disk disk) {
    this.disk = disk;
  }

  /// Where the newest segment's valid writes end, when that is before the file's end.
  record Cut(String segment, long generation, long bytes) {}

  private @Nullable Cut cut;

  Journal.Start run() throws IOException {
    TreeMap<Long, SegmentLayout.Header> segments = headers();
    Checkpoint checkpoint = newestUsable(segments);
    if (checkpoint == null && segments.isEmpty()) {
      return new Journal.Start(JournalId.random(), 1, 1, 1, 0);
    }
    if (checkpoint != null) {
      checkpointNumber = checkpoint.head().number();
      fold = checkpoint.fold();
      needs = Store.Needs.of(checkpoint);
      fallbackNeeds = needs;
      keepFallback(checkpoint, segments);
    }
    for (long number : LogSegmentFiles.numbers(disk)) {
      nextLogSegment = Math.max(nextLogSegment, number + 1);
    }
    requireContiguous(segments, needs.replayFrom());
    Replay records = new Replay(fold, checkpoint);
    replay = records;
    Journal.Start start = replay(segments.tailMap(needs.replayFrom()), records);
    records.finish();
    fold.allLogs().forEach(Log::opened);
    return start;
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
  Store.Needs needs() {
    return needs;
  }

  /// What the checkpoint before that one rests on: it stays a fallback until a newer one is
  /// written.
  Store.Needs fallbackNeeds() {
    return fallbackNeeds;
  }

  List<String> warnings() {
    return warnings;
  }

  @Nullable Cut cut() {
    return cut;
  }

  long replayedRecords() {
    return replay == null ? 0 : replay.records();
  }

  private TreeMap<Long, SegmentLayout.Header> headers() throws IOException {
    TreeMap<Long, SegmentLayout.Header> headers = new TreeMap<>();
    for (String name : disk.names()) {
      if (SegmentFiles.isSegment(name)) {
        long generation = SegmentFiles.generation(name);
        try (SegmentReader reader = new SegmentReader(disk, generation)) {
          headers.put(generation, reader.header());
        }
      }
    }
    return headers;
  }

  /// The newest checkpoint whose bytes are whole and whose segments are all there; null when there
  /// has never been one. A checkpoint that lacks a segment is never fallen back to.
  private @Nullable Checkpoint newestUsable(TreeMap<Long, SegmentLayout.Header> segments)
      throws IOException {
    Checkpoints files = new Checkpoints(disk);
    CorruptionException newestIs = null;
    for (long number : files.numbers()) {
      try {
        Checkpoint checkpoint = files.read(number);
        requireSegments(checkpoint, segments);
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

  private void keepFallback(Checkpoint used, TreeMap<Long, SegmentLayout.Header> segments)
      throws IOException {
    Checkpoints files = new Checkpoints(disk);
    for (long number : files.numbers()) {
      if (number < used.head().number()) {
        try {
          Checkpoint older = files.read(number);
          requireSegments(older, segments);
          fallbackNeeds = Store.Needs.of(older);
        } catch (CorruptionException e) {
          warnings.add(e.getMessage() + "; there is no older checkpoint to fall back to");
        }
        return;
      }
    }
  }

  private void requireSegments(Checkpoint checkpoint, TreeMap<Long, SegmentLayout.Header> segments)
      throws IOException {
    CheckpointHead head = checkpoint.head();
    SegmentLayout.Header first = segments.get(head.replayFrom());
    if (first == null || !first.journalId().equals(head.journalId())) {
      throw missing(SegmentFiles.name(head.replayFrom()), head.number());
    }
    Set<Long> there = LogSegmentFiles.numbers(disk);
    for (long number : checkpoint.segments()) {
      if (!there.contains(number)) {
        throw missing(LogSegmentFiles.name(number), head.number());
      }
      LogSegmentReader.requireHead(disk, number, head.journalId());
    }
  }

  private CorruptionException missing(String segment, long checkpoint) {
    return new CorruptionException(
        "segment "
            + segment
            + ", which "
            + Checkpoints.name(checkpoint)
            + " in "
            + disk.description()
            + " needs, is missing or belongs to another journal");
  }

  private void requireContiguous(TreeMap<Long, SegmentLayout.Header> segments, long from)
      throws CorruptionException {
    long expected = from;
    for (long generation : segments.tailMap(from).keySet()) {
      if (generation != expected) {
        break;
      }
      expected++;
    }
    if (segments.isEmpty() || expected != segments.lastKey() + 1) {
      throw new CorruptionException(
          "segment "
              + SegmentFiles.name(expected)
              + " is missing from "
              + disk.description()
              + " although later ones are there: confirmed messages would be lost");
    }
  }

  private void requireNext(SegmentReader reader, long write, int previousCrc) throws IOException {
    if (!reader.next(write, previousCrc)) {
      throw new CorruptionException(
          "segment "
              + reader.name()
              + " in "
              + disk.description()
              + " is damaged at offset "
              + reader.offset()
              + ": write "
              + write
              + ", which was confirmed, is not whole there");
    }
  }

  private Journal.Start replay(SortedMap<Long, SegmentLayout.Header> segments, Replay records)
      throws IOException {
    long epoch = 0;
    long write = 0;
    int previousCrc = 0;
    long newest = segments.lastKey();
    JournalId journalId = null;
    for (long generation = segments.firstKey(); generation <= newest; generation++) {
      SegmentLayout.Header next = segments.get(generation + 1);
      try (SegmentReader reader = new SegmentReader(disk, generation)) {
        SegmentLayout.Header header = reader.header();
        if (write != 0 && (header.firstWrite() != write || header.previousCrc() != previousCrc)) {
          throw new CorruptionException(
              "segment " + reader.name() + " does not follow the one before: its chain is broken");
        }
        if (epoch != 0 && header.epoch() != epoch) {
          records.newEpoch();
        }
        epoch = header.epoch();
        journalId = header.journalId();
        write = header.firstWrite();
        previousCrc = header.previousCrc();
        while (next == null || write < next.firstWrite()) {
          if (next == null && !reader.next(write, previousCrc)) {
            judgeEnd(reader, write, records);
            break;
          } else if (next != null) {
            requireNext(reader, write, previousCrc);
          }
          previousCrc = reader.write().crc();
          records.write(generation, write);
          reader.records(records);
          write++;
        }
      }
    }
    return new Journal.Start(
        Objects.requireNonNull(journalId), epoch + 1, newest + 1, write, previousCrc);
  }

  private void judgeEnd(SegmentReader reader, long write, Replay records) throws IOException {
    WriteLayout.Header witness = reader.witness(write);
    if (witness != null || records.isCounted(write)) {
      throw new CorruptionException(
          "segment "
              + reader.name()
              + " in "
              + disk.description()
              + " is damaged at offset "
              + reader.offset()
              + ": write "
              + write
              + " is not whole there, and "
              + (witness != null ? "write " + witness.sequence() : "the checkpoint")
              + " says that it was confirmed. Nothing has been changed. Restore the file from a"
              + " copy, or look at what is left with `holdfast journal verify` and give up the"
              + " rest with `holdfast journal salvage`");
    }
    cut = new Cut(reader.name(), reader.header().generation(), reader.offset());
  }

  /// The segments that a start needs to keep: those of the checkpoint and of its fallback.
  Set<Long> keptLogSegments() {
    Set<Long> kept = new HashSet<>(needs.logSegments());
    kept.addAll(fallbackNeeds.logSegments());
    return kept;
  }
}
