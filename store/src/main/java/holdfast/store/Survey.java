package holdfast.store;

import holdfast.store.LogSegmentSurvey.PieceOf;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What a data directory holds, found out by reading all of it and stopping at nothing: what is
/// whole, what is damaged, and which entries should be there and are not. The one way in which the
/// tools look at a directory; a store that opens uses [Recovery], which is strict.
///
/// Bounded in memory by what is live, never by the bytes on disk: see [SurveyedLog]. Reads only.
final class Survey {
  private final PatientDisk disk;
  private final List<Damage> damages = new ArrayList<>();
  private final TreeMap<Long, Long> journalFiles = new TreeMap<>();
  private final TreeMap<Long, Long> logSegmentFiles = new TreeMap<>();
  private final List<CheckpointFile> checkpointFiles = new ArrayList<>();
  private @Nullable Checkpoint checkpoint;
  private @Nullable JournalId journalId;
  private SurveyedRecords records;
  private @Nullable JournalSurvey journal;
  private long epoch;
  private long fileBytes;

  /// A checkpoint file.
  ///
  /// @param head null if the file is damaged
  record CheckpointFile(long number, long bytes, @Nullable CheckpointHead head, boolean used) {}

  Survey(Disk disk, ReadProgress progress) {
    this.disk = new PatientDisk(disk, progress);
    records = new SurveyedRecords(null, damages);
  }

  /// Reads what tells what should be there: checkpoints and the journal.
  ///
  /// @throws AnotherFormatException for a directory that another version wrote
  Survey readJournal() throws IOException {
    listFiles();
    readCheckpoints();
    JournalId id = identify();
    journalId = id;
    records = new SurveyedRecords(checkpoint, damages);
    JournalSurvey read = new JournalSurvey(disk, id, records, damages, neededFrom());
    journal = read;
    read.run(journalFiles);
    records.finish();
    for (JournalSurvey.Segment segment : read.segments().values()) {
      SegmentLayout.Header header = segment.header;
      epoch = Math.max(epoch, header == null ? 0 : header.epoch());
    }
    for (long number : neededLogSegments()) {
      if (!logSegmentFiles.containsKey(number)) {
        damages.add(new Damage(LogSegmentFiles.name(number), 0, "the file is missing", false));
      }
    }
    return this;
  }

  /// Reads every log segment to its end and holds what is there against what should be.
  Survey readLogSegments() throws IOException {
    Set<Long> needed = neededLogSegments();
    Map<Long, List<PieceOf>> pieces = new HashMap<>();
    for (SurveyedLog log : records.logs.values()) {
      for (LogSegment.Piece piece : log.pieces) {
        pieces
            .computeIfAbsent(piece.segment.number, each -> new ArrayList<>())
            .add(new PieceOf(log, piece));
      }
    }
    logSegmentFiles.values().forEach(disk::expect);
    for (long number : logSegmentFiles.keySet()) {
      boolean isNeeded = checkpoint == null || needed.contains(number);
      List<PieceOf> expected = pieces.getOrDefault(number, List.of());
      new LogSegmentSurvey(disk, journalId(), records, damages, number, isNeeded, expected).run();
    }
    damages.addAll(disk.unreadable());
    return this;
  }

  private void listFiles() throws IOException {
    for (String name : new TreeSet<>(disk.names())) {
      if (SegmentFiles.isSegment(name)) {
        long bytes = bytesOf(name);
        journalFiles.put(SegmentFiles.generation(name), bytes);
        disk.expect(2 * bytes); // recovery reads it, too
      } else if (LogSegmentFiles.isLogSegment(name)) {
        logSegmentFiles.put(LogSegmentFiles.number(name), bytesOf(name));
      }
    }
    if (journalFiles.isEmpty()
        && logSegmentFiles.isEmpty()
        && new Checkpoints(disk).numbers().isEmpty()) {
      throw new NoJournalException(
          disk.description() + " holds no journal: it is no data directory, or an empty one");
    }
  }

  private long bytesOf(String name) throws IOException {
    try (DiskFile file = disk.open(name, Disk.Access.READ)) {
      fileBytes += file.size();
      return file.size();
    }
  }

  private void readCheckpoints() throws IOException {
    Checkpoints files = new Checkpoints(disk);
    for (long number : files.numbers()) {
      String name = Checkpoints.name(number);
      long bytes = bytesOf(name);
      try {
        Checkpoint read = files.read(number);
        boolean used = checkpoint == null;
        checkpointFiles.add(new CheckpointFile(number, bytes, read.head(), used));
        if (used) {
          checkpoint = read;
          epoch = read.head().epoch();
        }
      } catch (AnotherFormatException e) {
        throw e;
      } catch (CorruptionException e) {
        checkpointFiles.add(new CheckpointFile(number, bytes, null, false));
        damages.add(new Damage(name, 0, String.valueOf(e.getMessage()), false));
      }
    }
  }

  /// Which journal this is: as the checkpoint says, or the newest file whose header is whole.
  private JournalId identify() throws IOException {
    Checkpoint known = checkpoint;
    if (known != null) {
      return known.head().journalId();
    }
    JournalId unknown = new JournalId(0, 0);
    for (long generation : journalFiles.descendingKeySet()) {
      try (SegmentReader reader = new SegmentReader(disk, generation, unknown)) {
        if (reader.isHeaderWhole()) {
          return reader.header().journalId();
        }
      }
    }
    for (long number : logSegmentFiles.descendingKeySet()) {
      try (LogSegmentReader reader = new LogSegmentReader(disk, number)) {
        return LogSegmentLayout.readHead(reader.block(0), number, LogSegmentFiles.name(number));
      } catch (AnotherFormatException e) {
        throw e;
      } catch (CorruptionException e) {
        continue; // told when the file is read
      }
    }
    throw new NoJournalException(
        "in "
            + disk.description()
            + " no checkpoint and no header of any segment is whole: nothing tells which journal"
            + " this is, and nothing can be read");
  }

  private long neededFrom() {
    Checkpoint used = checkpoint;
    if (used != null) {
      return used.head().replayFrom();
    }
    boolean young = checkpointFiles.isEmpty() || journalFiles.isEmpty();
    return young ? 1 : journalFiles.firstKey();
  }

  // --- what was found ---

  PatientDisk disk() {
    return disk;
  }

  JournalId journalId() {
    JournalId id = journalId;
    if (id == null) {
      throw new IllegalStateException("the journal has not been read");
    }
    return id;
  }

  JournalSurvey journal() {
    JournalSurvey read = journal;
    if (read == null) {
      throw new IllegalStateException("the journal has not been read");
    }
    return read;
  }

  /// Bytes of the files that count.
  long fileBytes() {
    return fileBytes;
  }

  /// The highest start of the store that is known of.
  long epoch() {
    return epoch;
  }

  SurveyedRecords records() {
    return records;
  }

  /// The newest checkpoint that can be read.
  @Nullable Checkpoint checkpoint() {
    return checkpoint;
  }

  List<CheckpointFile> checkpointFiles() {
    return checkpointFiles;
  }

  /// Number and length of the files of log segments.
  TreeMap<Long, Long> logSegmentFiles() {
    return logSegmentFiles;
  }

  Set<Long> neededLogSegments() {
    Checkpoint used = checkpoint;
    return used == null ? new HashSet<>() : used.segments();
  }

  List<Damage> damages() {
    return damages;
  }

  boolean isDamaged() {
    return damages.stream().anyMatch(damage -> !damage.harmless());
  }
}
