package holdfast.store;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Whether a data directory is whole, found out by reading all of it: every checkpoint, every write
/// and record of the journal, every page of every log segment, and whether each live entry is where
/// the store would look for it. Changes nothing.
public final class JournalVerification {
  /// Ranges that are listed one by one; entries beyond them are counted only.
  public static final int RANGES_MAX = 10_000;

  /// Neighbouring live entries of a log that cannot be read any more.
  ///
  /// @param last the last of them
  public record Lost(long log, long first, long last) {
    public long count() {
      return last - first + 1;
    }
  }

  private final Survey survey;
  private final List<Lost> lost = new ArrayList<>();
  private long lostEntries;
  private long liveEntries;
  private @Nullable String refusal;

  private JournalVerification(Survey survey) {
    this.survey = survey;
  }

  /// Reads a directory.
  ///
  /// @throws AnotherFormatException when another version of Holdfast wrote it
  /// @throws NoJournalException when there is nothing to verify
  public static JournalVerification run(Disk disk, ReadProgress progress) throws IOException {
    Survey survey = new Survey(disk, progress).readJournal().readLogSegments();
    JournalVerification verification = new JournalVerification(survey);
    verification.collectLost();
    verification.compareWithRecovery();
    return verification;
  }

  private void collectLost() {
    for (SurveyedLog log : survey.records().logs.values()) {
      liveEntries += log.live();
      lostEntries += addLost(log, lost);
    }
  }

  /// Adds the ranges of a log's lost entries; returns how many entries they are.
  static long addLost(SurveyedLog log, List<Lost> lost) {
    long count = 0;
    for (long first = log.nextLost(0); first < log.next; ) {
      long end = log.lostRunEnd(first);
      count += end - first;
      if (lost.size() < RANGES_MAX) {
        lost.add(new Lost(log.id, first, end - 1));
      }
      first = log.nextLost(end);
    }
    return count;
  }

  /// What a start would say. The survey and recovery are two ways of reading the same: where one
  /// finds fault or another number of entries, so must the other.
  private void compareWithRecovery() throws IOException {
    List<String> differences = new ArrayList<>();
    try {
      Recovery recovery = new Recovery(look(survey.disk()));
      recovery.run();
      Map<Long, Long> live = new HashMap<>();
      recovery.fold().allLogs().forEach(log -> live.put(log.id(), log.live()));
      Map<Long, Long> found = new HashMap<>();
      survey.records().logs.values().forEach(log -> found.put(log.id, log.live()));
      if (!live.equals(found)) {
        differences.add("a start counts other live entries than are here");
      }
    } catch (CorruptionException e) {
      refusal = e.getMessage();
      differences.add("a broker would refuse to start: " + refusal);
    }
    if (lostEntries > 0) {
      differences.add(lostEntries + " live entries are not to be found");
    }
    if (!survey.isDamaged()) {
      String file = SegmentFiles.name(survey.journal().newestGeneration());
      differences.forEach(what -> survey.damages().add(new Damage(file, 0, what, false)));
    }
  }

  private static Epoch look(Disk disk) throws IOException {
    return new LocalEngine(disk, StoreOptions.standard()).acquire(0);
  }

  Survey survey() {
    return survey;
  }

  /// Whether everything that is live is there and whole. A torn tail is: nothing of it was
  /// confirmed.
  public boolean isWhole() {
    return !survey.isDamaged();
  }

  /// Every damaged place; the harmless ones too.
  public List<Damage> damages() {
    return survey.damages();
  }

  /// Live entries that cannot be read, by log and sequence; at most [#RANGES_MAX] ranges.
  public List<Lost> lost() {
    return lost;
  }

  public long lostEntries() {
    return lostEntries;
  }

  /// Entries that should be there, lost ones included.
  public long liveEntries() {
    return liveEntries;
  }

  public long logs() {
    return survey.records().logs.size();
  }

  public long definitions() {
    return survey.records().definitions.size();
  }

  /// Writes of the journal that were checked.
  public long writes() {
    return survey.journal().writes();
  }

  /// Bytes of the files that were read.
  public long fileBytes() {
    return survey.fileBytes();
  }

  /// Why a broker refuses to start here; null if it starts.
  public @Nullable String refusal() {
    return refusal;
  }

  /// Where a crash cut the journal off; null if it ends cleanly.
  public @Nullable String tornTail() {
    return survey.journal().tornTail();
  }
}
