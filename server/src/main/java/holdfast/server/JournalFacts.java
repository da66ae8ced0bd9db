package holdfast.server;

import holdfast.store.Damage;
import holdfast.store.JournalInspection;
import holdfast.store.JournalVerification;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the journal's tools print with `--json`. The names of the fields are a promise;
/// docs/journal-tools.md lists them.
final class JournalFacts {
  private JournalFacts() {}

  static Map<String, @Nullable Object> of(JournalVerification found) {
    Map<String, @Nullable Object> facts = new LinkedHashMap<>();
    facts.put("whole", found.isWhole());
    facts.put("refusal", found.refusal());
    facts.put("tornTail", found.tornTail());
    facts.put("fileBytes", found.fileBytes());
    facts.put("writes", found.writes());
    facts.put("logs", found.logs());
    facts.put("definitions", found.definitions());
    facts.put("liveEntries", found.liveEntries());
    facts.put("lostEntries", found.lostEntries());
    facts.put("damages", damages(found.damages()));
    facts.put("lost", found.lost().stream().map(JournalFacts::of).toList());
    return facts;
  }

  private static Map<String, @Nullable Object> of(JournalVerification.Lost lost) {
    Map<String, @Nullable Object> facts = new LinkedHashMap<>();
    facts.put("log", lost.log());
    facts.put("first", lost.first());
    facts.put("last", lost.last());
    return facts;
  }

  private static List<Map<String, @Nullable Object>> damages(List<Damage> damages) {
    return damages.stream().map(JournalFacts::of).toList();
  }

  private static Map<String, @Nullable Object> of(Damage damage) {
    Map<String, @Nullable Object> facts = new LinkedHashMap<>();
    facts.put("file", damage.file());
    facts.put("offset", damage.offset());
    facts.put("what", damage.what());
    facts.put("harmless", damage.harmless());
    return facts;
  }

  static Map<String, @Nullable Object> of(JournalInspection found) {
    Map<String, @Nullable Object> facts = new LinkedHashMap<>();
    facts.put("directory", found.directory());
    facts.put("journalId", found.journalId());
    facts.put("format", found.format());
    facts.put("epoch", found.epoch());
    facts.put("tornTail", found.tornTail());
    facts.put("segments", found.segments().stream().map(JournalFacts::of).toList());
    facts.put("logSegments", found.logSegments().stream().map(JournalFacts::of).toList());
    facts.put("checkpoints", found.checkpoints().stream().map(JournalFacts::of).toList());
    facts.put("definitions", found.definitions().stream().map(JournalFacts::of).toList());
    facts.put("logs", found.logs().stream().map(JournalFacts::of).toList());
    facts.put("damages", damages(found.damages()));
    return facts;
  }

  private static Map<String, @Nullable Object> of(JournalInspection.SegmentFacts segment) {
    Map<String, @Nullable Object> facts = new LinkedHashMap<>();
    facts.put("file", segment.file());
    facts.put("generation", segment.generation());
    facts.put("bytes", segment.bytes());
    facts.put("usedBytes", segment.usedBytes());
    facts.put("epoch", segment.epoch());
    facts.put("firstWrite", segment.firstWrite());
    facts.put("lastWrite", segment.lastWrite());
    facts.put("writes", segment.writes());
    facts.put("records", segment.records());
    facts.put("liveEntries", segment.live());
    facts.put("needed", segment.needed());
    return facts;
  }

  private static Map<String, @Nullable Object> of(JournalInspection.LogSegmentFacts segment) {
    Map<String, @Nullable Object> facts = new LinkedHashMap<>();
    facts.put("file", segment.file());
    facts.put("number", segment.number());
    facts.put("bytes", segment.bytes());
    facts.put("pieces", segment.pieces());
    facts.put("liveEntries", segment.live());
    facts.put("liveBytes", segment.liveBytes());
    facts.put("deadBytes", segment.deadBytes());
    facts.put("needed", segment.needed());
    return facts;
  }

  private static Map<String, @Nullable Object> of(JournalInspection.CheckpointFacts checkpoint) {
    Map<String, @Nullable Object> facts = new LinkedHashMap<>();
    facts.put("file", checkpoint.file());
    facts.put("number", checkpoint.number());
    facts.put("bytes", checkpoint.bytes());
    facts.put("epoch", checkpoint.epoch());
    facts.put("replayFrom", checkpoint.replayFrom());
    facts.put("whole", checkpoint.whole());
    facts.put("used", checkpoint.used());
    return facts;
  }

  private static Map<String, @Nullable Object> of(JournalInspection.Definition definition) {
    Map<String, @Nullable Object> facts = new LinkedHashMap<>();
    facts.put("key", definition.key());
    facts.put("valueBytes", definition.valueBytes());
    return facts;
  }

  private static Map<String, @Nullable Object> of(JournalInspection.LogFacts log) {
    Map<String, @Nullable Object> facts = new LinkedHashMap<>();
    facts.put("id", log.id());
    facts.put("liveEntries", log.live());
    facts.put("first", log.first());
    facts.put("next", log.next());
    facts.put("dispatchMark", log.dispatchMark());
    facts.put("notes", log.notes());
    facts.put("entriesInJournal", log.inJournal());
    facts.put("pieces", log.pieces());
    facts.put("logSegmentBytes", log.logSegmentBytes());
    return facts;
  }

  static Map<String, @Nullable Object> of(JournalInspection.EntryFacts entry) {
    Map<String, @Nullable Object> facts = new LinkedHashMap<>();
    facts.put("sequence", entry.sequence());
    facts.put("headerBytes", entry.headerBytes());
    facts.put("bodyBytes", entry.bodyBytes());
    facts.put("file", entry.file());
    facts.put("offset", entry.offset());
    return facts;
  }
}
