package holdfast.store;

import holdfast.store.LogSegment.Piece;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What is in a data directory: files, definitions, logs. Reads the checkpoints and the journal,
/// and of the log segments only what it must; changes nothing. Damage that it meets is told and
/// passed by: whether all is whole only [JournalVerification] says.
///
/// @param journalId names the journal for its whole life, in hex
/// @param format version of the journal's files
/// @param epoch the number of the last start
/// @param tornTail where a crash cut the journal off; null if it ends cleanly
public record JournalInspection(
    String directory,
    String journalId,
    int format,
    long epoch,
    List<SegmentFacts> segments,
    List<LogSegmentFacts> logSegments,
    List<CheckpointFacts> checkpoints,
    List<Definition> definitions,
    List<LogFacts> logs,
    List<Damage> damages,
    @Nullable String tornTail) {

  /// A segment of the journal.
  ///
  /// @param bytes of the file
  /// @param usedBytes up to the end of its last write
  /// @param firstWrite 0, as `lastWrite` is, if there is no write in it
  /// @param live entries that lie there and are not settled
  /// @param needed whether a start reads it
  public record SegmentFacts(
      String file,
      long generation,
      long bytes,
      long usedBytes,
      long epoch,
      long firstWrite,
      long lastWrite,
      long writes,
      long records,
      long live,
      boolean needed) {}

  /// A log segment.
  ///
  /// @param pieces stretches of a log that hold something live
  /// @param liveBytes of live entries, to the accuracy of their average size; `deadBytes` is the
  ///   rest of the file
  /// @param needed whether the newest checkpoint rests on it; the next start deletes it otherwise
  public record LogSegmentFacts(
      String file,
      long number,
      long bytes,
      int pieces,
      long live,
      long liveBytes,
      long deadBytes,
      boolean needed) {}

  /// A checkpoint.
  ///
  /// @param replayFrom generation of the oldest segment of the journal that it needs; 0, as `epoch`
  ///   is, if it cannot be read
  /// @param used whether a start uses it
  public record CheckpointFacts(
      String file,
      long number,
      long bytes,
      long epoch,
      long replayFrom,
      boolean whole,
      boolean used) {}

  /// A definition. What keys and values mean is the broker's to know.
  public record Definition(String key, int valueBytes) {}

  /// A log.
  ///
  /// @param live entries appended and not settled
  /// @param first the first of them; `next` if there is none
  /// @param next the sequence that the next entry gets
  /// @param inJournal live entries that lie in the journal; the others lie in log segments
  /// @param pieces stretches of it that lie in log segments
  /// @param logSegmentBytes bytes of these, settled entries included
  public record LogFacts(
      long id,
      long live,
      long first,
      long next,
      long dispatchMark,
      int notes,
      long inJournal,
      int pieces,
      long logSegmentBytes) {}

  /// Where a live entry lies.
  ///
  /// @param headerBytes of what the owner of the log says of it; `bodyBytes` of its body
  /// @param offset of the record, or of the page, that holds it
  public record EntryFacts(
      long sequence, long headerBytes, long bodyBytes, String file, long offset) {}

  /// Takes one entry after the other.
  public interface EntrySink {
    void entry(EntryFacts entry) throws IOException;
  }

  /// Reads a directory.
  ///
  /// @throws AnotherFormatException when another version of Holdfast wrote it
  /// @throws NoJournalException when there is nothing to inspect
  public static JournalInspection run(Disk disk) throws IOException {
    Survey survey = new Survey(disk, (bytes, total) -> {}).readJournal();
    Map<Long, Long> liveInSegments = new HashMap<>();
    Map<Long, InLogSegment> logSegments = new TreeMap<>();
    survey
        .logSegmentFiles()
        .keySet()
        .forEach(number -> logSegments.put(number, new InLogSegment()));
    List<LogFacts> logs = new ArrayList<>();
    for (SurveyedLog log : survey.records().logs.values()) {
      logs.add(facts(log, liveInSegments, logSegments));
    }
    JournalId id = survey.journalId();
    return new JournalInspection(
        disk.description(),
        String.format(Locale.ROOT, "%016x%016x", id.high(), id.low()),
        SegmentLayout.VERSION,
        survey.epoch(),
        segments(survey, liveInSegments),
        logSegments(survey, logSegments),
        checkpoints(survey),
        definitions(survey),
        logs,
        survey.damages(),
        survey.journal().tornTail());
  }

  /// Reads the live entries of one log, in order of sequence; false if there is no such log.
  public static boolean entries(Disk disk, long id, EntrySink sink) throws IOException {
    Survey survey = new Survey(disk, (bytes, total) -> {}).readJournal();
    SurveyedLog log = survey.records().logs.get(id);
    if (log == null) {
      return false;
    }
    for (Piece piece : log.pieces) {
      addPages(survey, log, piece);
    }
    try (SurveyedEntries reader = new SurveyedEntries(survey.disk())) {
      reader.read(
          log,
          (sequence, header, body, file, offset) ->
              sink.entry(new EntryFacts(sequence, header.length, body.length, file, offset)));
    }
    return true;
  }

  private static void addPages(Survey survey, SurveyedLog log, Piece piece) throws IOException {
    if (!survey.logSegmentFiles().containsKey(piece.segment.number)) {
      return; // told as missing
    }
    try (LogSegmentReader reader = new LogSegmentReader(survey.disk(), piece.segment.number)) {
      LogSegmentReader.PageIndex index = reader.readIndex(piece);
      for (int i = 0; i < index.offsets().length; i++) {
        log.addPage(index.firsts()[i], piece.segment.number, index.offsets()[i]);
      }
    }
  }

  private static final class InLogSegment {
    int pieces;
    long live;
    double liveBytes;
  }

  private static LogFacts facts(
      SurveyedLog log, Map<Long, Long> liveInSegments, Map<Long, InLogSegment> logSegments) {
    log.sortJournal();
    long inJournal = 0;
    for (int i = 0; i < log.inJournal(); i++) {
      long sequence = log.sequence(i);
      if (sequence >= log.tailFirst && log.isLive(sequence)) {
        inJournal++;
        liveInSegments.merge(Address.generation(log.address(i)), 1L, Long::sum);
      }
    }
    long bytes = 0;
    for (Piece piece : log.pieces) {
      bytes += piece.bytes;
      InLogSegment in =
          logSegments.computeIfAbsent(piece.segment.number, number -> new InLogSegment());
      long live = piece.end - piece.first - log.settled.countIn(piece.first, piece.end);
      in.pieces++;
      in.live += live;
      in.liveBytes += (double) piece.bytes / piece.total * live;
    }
    return new LogFacts(
        log.id,
        log.live(),
        Math.min(log.settled.nextAbsent(0), log.next),
        log.next,
        log.dispatchMark,
        log.notes.size(),
        inJournal,
        log.pieces.size(),
        bytes);
  }

  private static List<SegmentFacts> segments(Survey survey, Map<Long, Long> live) {
    List<SegmentFacts> all = new ArrayList<>();
    Checkpoint used = survey.checkpoint();
    long from = used == null ? 0 : used.head().replayFrom();
    for (JournalSurvey.Segment segment : survey.journal().segments().values()) {
      SegmentLayout.Header header = segment.header;
      all.add(
          new SegmentFacts(
              SegmentFiles.name(segment.generation),
              segment.generation,
              segment.bytes,
              segment.usedBytes,
              header == null ? 0 : header.epoch(),
              segment.firstWrite,
              segment.lastWrite,
              segment.writes,
              segment.records,
              live.getOrDefault(segment.generation, 0L),
              segment.generation >= from));
    }
    return all;
  }

  private static List<LogSegmentFacts> logSegments(Survey survey, Map<Long, InLogSegment> found) {
    List<LogSegmentFacts> all = new ArrayList<>();
    Set<Long> needed = survey.neededLogSegments();
    found.forEach((number, in) -> {
      long bytes = survey.logSegmentFiles().getOrDefault(number, 0L);
      long live = Math.min(bytes, (long) in.liveBytes);
      all.add(
          new LogSegmentFacts(
              LogSegmentFiles.name(number),
              number,
              bytes,
              in.pieces,
              in.live,
              live,
              bytes - live,
              needed.contains(number)));
    });
    return all;
  }

  private static List<CheckpointFacts> checkpoints(Survey survey) {
    List<CheckpointFacts> all = new ArrayList<>();
    for (Survey.CheckpointFile file : survey.checkpointFiles()) {
      CheckpointHead head = file.head();
      all.add(
          new CheckpointFacts(
              Checkpoints.name(file.number()),
              file.number(),
              file.bytes(),
              head == null ? 0 : head.epoch(),
              head == null ? 0 : head.replayFrom(),
              head != null,
              file.used()));
    }
    return all;
  }

  private static List<Definition> definitions(Survey survey) {
    List<Definition> all = new ArrayList<>();
    survey.records().definitions.forEach((k, v) -> all.add(new Definition(k, v.length)));
    return all;
  }
}
