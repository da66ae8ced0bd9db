package holdfast.store;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The journal's records as a [Survey] takes them: like [Replay], but without the certainty that
/// none is missing. What cannot be told from what is left is taken as it stands: an entry whose
/// settlement is gone is live.
final class SurveyedRecords implements SegmentReader.RecordReader, OperationLayout.Reader {
  final TreeMap<Long, SurveyedLog> logs = new TreeMap<>();
  final TreeMap<String, byte[]> definitions = new TreeMap<>();
  long nextLogId = 1;

  private final List<Damage> damages;
  private final @Nullable CheckpointHead head;
  private final JournalFront.Place begin;
  private final JournalFront.Place complete;
  private final Set<Long> deleted = new HashSet<>();
  private final Map<Long, Body> bodies = new HashMap<>();
  private final OperationLayout.Scan scan = new OperationLayout.Scan();

  private long generation;
  private long write;
  private int index;
  private long offset;
  private long @Nullable [] parts;
  private boolean partsMissing;

  private static final class Body {
    final LargeParts parts = new LargeParts();
    long bytes;
  }

  SurveyedRecords(@Nullable Checkpoint checkpoint, List<Damage> damages) {
    this.damages = damages;
    JournalFront.Place none = new JournalFront.Place(0, 0, 0);
    if (checkpoint == null) {
      head = null;
      begin = none;
      complete = none;
      return;
    }
    head = checkpoint.head();
    begin = head.begin();
    complete = checkpoint.complete();
    nextLogId = head.nextLogId();
    definitions.putAll(checkpoint.fold().definitions());
    for (Log log : checkpoint.fold().allLogs()) {
      logs.put(log.id(), new SurveyedLog(log, checkpoint.copied().getOrDefault(log.id(), none)));
    }
  }

  /// The records of this write come next.
  void write(long generation, long write) {
    this.generation = generation;
    this.write = write;
  }

  /// Whether the checkpoint counts records of this write.
  boolean isCounted(long write) {
    return write < complete.write() || write == complete.write() && complete.records() > 0;
  }

  @Override
  public void record(int index, long offset, byte type, long batch, ByteBuffer payload)
      throws CorruptionException {
    this.index = index;
    this.offset = offset;
    ByteBuffer whole = payload.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    if (!RecordLayout.isWhole(
        whole, payload.position() - RecordLayout.HEADER_BYTES, payload.limit())) {
      damaged("record " + index + " of write " + write + " fails its checksum");
      return;
    }
    try {
      if (type == RecordLayout.PART) {
        Body body = bodies.computeIfAbsent(batch, id -> new Body());
        body.parts.add(Address.of(generation, offset));
        body.bytes += payload.remaining();
      } else if (type == RecordLayout.CLOSE) {
        scan.read(payload, this);
      } else {
        damaged("a record of unknown type " + type);
      }
    } catch (ByteReader.MalformedException e) {
      damaged("the record holds what no store wrote: " + e.getMessage());
    }
  }

  private void damaged(String what) {
    damages.add(new Damage(SegmentFiles.name(generation), offset, what, false));
  }

  private boolean isBefore(JournalFront.Place place) {
    return write < place.write() || write == place.write() && index < place.records();
  }

  /// The log of an operation; null for one that is gone.
  private @Nullable SurveyedLog known(long id) {
    SurveyedLog log = logs.get(id);
    CheckpointHead from = head;
    boolean gone = from != null && (id < from.nextLogId() || isBefore(complete));
    return log != null || gone ? log : logFoundOnlyByUse(id);
  }

  /// The log that a page names; null for one that is gone. Only where no checkpoint is left, a log
  /// may be known by nothing else.
  @Nullable SurveyedLog ofPage(long id) {
    SurveyedLog log = logs.get(id);
    return log != null || head != null ? log : logFoundOnlyByUse(id);
  }

  private @Nullable SurveyedLog logFoundOnlyByUse(long id) {
    if (deleted.contains(id)) {
      return null;
    }
    nextLogId = Math.max(nextLogId, id + 1);
    return logs.computeIfAbsent(id, each -> new SurveyedLog(id, false));
  }

  @Override
  public void createLog(long id) {
    nextLogId = Math.max(nextLogId, id + 1);
    if (!isBefore(begin) && !deleted.contains(id)) {
      logs.computeIfAbsent(id, each -> new SurveyedLog(id, true));
    }
  }

  @Override
  public void deleteLog(long id) {
    nextLogId = Math.max(nextLogId, id + 1);
    deleted.add(id);
    logs.remove(id);
  }

  @Override
  public void entry(OperationLayout.Entry entry) {
    parts = null;
    partsMissing = false;
    if (entry.isInParts()) {
      Body body = bodies.remove(entry.bodyId);
      partsMissing = body == null || body.bytes != entry.bodyLength;
      parts = body == null ? null : body.parts.addresses();
    }
  }

  @Override
  public void appended(long id, long sequence, boolean offered) {
    SurveyedLog log = known(id);
    if (log == null || !log.isLive(sequence)) {
      return;
    }
    log.saw(sequence);
    if (partsMissing) {
      if (!isBefore(log.copied) || sequence >= log.tailFirst) {
        damaged("parts of the body of entry " + sequence + " of log " + id + " are missing");
      }
      return;
    }
    log.foundInJournal(sequence, Address.of(generation, offset));
    if (parts != null) {
      log.parts.put(sequence, parts);
    } else {
      log.parts.remove(sequence);
    }
  }

  @Override
  public void settled(long id, long first, long count) {
    SurveyedLog log = known(id);
    if (log != null && count > 0) {
      log.settled.addRange(first, first + count);
      log.saw(first + count - 1);
      log.notes.subMap(first, first + count).clear();
      log.parts.subMap(first, first + count).clear();
    }
  }

  @Override
  public void put(String key, byte[] value) {
    if (!isBefore(begin)) {
      definitions.put(key, value);
    }
  }

  @Override
  public void removed(String key) {
    if (!isBefore(begin)) {
      definitions.remove(key);
    }
  }

  @Override
  public void dispatched(long id, long upTo) {
    SurveyedLog log = known(id);
    if (log != null) {
      log.dispatchMark = Math.max(log.dispatchMark, upTo);
    }
  }

  @Override
  public void trimmed(long id, long upTo) {
    SurveyedLog log = known(id);
    if (log != null && !isBefore(log.copied)) {
      log.settled.addRange(0, Math.min(upTo, log.next));
    }
  }

  @Override
  public void noted(long id, long sequence, byte[] note) {
    SurveyedLog log = known(id);
    if (log != null && !isBefore(log.copied) && log.isLive(sequence)) {
      log.notes.put(sequence, note);
    }
  }

  /// Nothing more will be read: what was found can be held against what should be there.
  void finish() {
    List<SurveyedLog> all = new ArrayList<>(logs.values());
    all.forEach(SurveyedLog::beginFinding);
  }
}
