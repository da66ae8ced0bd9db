package holdfast.store;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Opens what a store left behind, however it ended: newest checkpoint, live entries of the older
/// segments it needs, replay of everything behind it, and the judgement of the end.
///
/// The first write N that is missing or damaged ends the journal. If anything later on disk calls N
/// durable, N had been confirmed: that is corruption, and the store refuses to open. Otherwise N
/// was never confirmed: a torn tail, cut before N. Reads only; nothing is changed until the journal
/// starts its next segment, so a crash during recovery leaves the same to recover.
final class Recovery {
  private final Disk disk;
  private final List<String> warnings = new ArrayList<>();
  private final TreeMap<Long, Checkpoint.WriteRange> closedRanges = new TreeMap<>();
  private Fold fold = new Fold();
  private final RecoveredEntries entries = new RecoveredEntries();
  private long checkpointNumber;
  private long replayedRecords;
  private Store.Needs needs = new Store.Needs(0, Set.of());
  private final Set<Long> keptForFallback = new HashSet<>();

  /// Body id -> its parts so far.
  private final Map<Long, PartialBody> bodies = new HashMap<>();

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
      return new Journal.Start(JournalId.random(), 1, 1, 1, 0, closedRanges);
    }
    long from = 1;
    Journal.Place place = new Journal.Place(1, 0, 0);
    if (checkpoint != null) {
      checkpointNumber = checkpoint.number();
      fold = checkpoint.fold();
      place = checkpoint.place();
      from = place.generation();
      needs = new Store.Needs(from, Set.copyOf(checkpoint.segments().keySet()));
      keepFallback(checkpoint, segments);
      closedRanges.putAll(checkpoint.segments());
      for (var needed : checkpoint.segments().entrySet()) {
        loadOlder(needed.getKey(), needed.getValue());
      }
    }
    requireContiguous(segments, from);
    Journal.Start start = replay(segments.tailMap(from), place);
    entries.requireAll(fold);
    return start;
  }

  Fold fold() {
    return fold;
  }

  RecoveredEntries entries() {
    return entries;
  }

  long checkpointNumber() {
    return checkpointNumber;
  }

  /// What the checkpoint that this recovery started from rests on.
  Store.Needs needs() {
    return needs;
  }

  /// Segments that only the checkpoint before that one rests on: it stays a fallback until a newer
  /// one is written.
  Set<Long> keptForFallback() {
    return keptForFallback;
  }

  List<String> warnings() {
    return warnings;
  }

  @Nullable Cut cut() {
    return cut;
  }

  long replayedRecords() {
    return replayedRecords;
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
      if (number < used.number()) {
        try {
          Checkpoint older = files.read(number);
          requireSegments(older, segments);
          keptForFallback.addAll(older.segments().keySet());
          long from = Math.min(older.place().generation(), used.place().generation());
          keptForFallback.addAll(segments.subMap(from, used.place().generation()).keySet());
        } catch (CorruptionException e) {
          warnings.add(e.getMessage() + "; there is no older checkpoint to fall back to");
        }
        return;
      }
    }
  }

  private void requireSegments(Checkpoint checkpoint, TreeMap<Long, SegmentLayout.Header> segments)
      throws CorruptionException {
    List<Long> needed = new ArrayList<>(checkpoint.segments().keySet());
    needed.add(checkpoint.place().generation());
    for (long generation : needed) {
      SegmentLayout.Header header = segments.get(generation);
      if (header == null || !header.journalId().equals(checkpoint.journalId())) {
        throw new CorruptionException(
            "segment "
                + SegmentFiles.name(generation)
                + ", which "
                + Checkpoints.name(checkpoint.number())
                + " in "
                + disk.description()
                + " needs, is missing or belongs to another journal");
      }
    }
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

  /// Takes the live entries out of a segment that lies before the checkpoint.
  private void loadOlder(long generation, Checkpoint.WriteRange range) throws IOException {
    try (SegmentReader reader = new SegmentReader(disk, generation)) {
      int previousCrc = reader.header().previousCrc();
      OperationLayout.Reader loader = new Loader();
      for (long write = range.first(); write < range.end(); write++) {
        requireNext(reader, write, previousCrc);
        previousCrc = reader.write().crc();
        reader.records(
            (index, type, batch, payload) -> apply(type, batch, payload, generation, loader));
      }
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

  private Journal.Start replay(
      java.util.SortedMap<Long, SegmentLayout.Header> segments, Journal.Place place)
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
          // A body that an earlier life left unfinished stays so.
          bodies.clear();
        }
        epoch = header.epoch();
        journalId = header.journalId();
        write = header.firstWrite();
        previousCrc = header.previousCrc();
        while (next == null || write < next.firstWrite()) {
          if (next == null && !reader.next(write, previousCrc)) {
            judgeEnd(reader, write, place);
            break;
          } else if (next != null) {
            requireNext(reader, write, previousCrc);
          }
          previousCrc = reader.write().crc();
          replayRecords(reader, write, place);
          write++;
        }
        closedRanges.put(generation, new Checkpoint.WriteRange(header.firstWrite(), write));
      }
    }
    bodies.clear();
    return new Journal.Start(
        Objects.requireNonNull(journalId), epoch + 1, newest + 1, write, previousCrc, closedRanges);
  }

  private void replayRecords(SegmentReader reader, long write, Journal.Place place)
      throws IOException {
    int skip = Integer.MAX_VALUE;
    if (write > place.write()) {
      skip = 0;
    } else if (write == place.write()) {
      skip = place.records();
    }
    long generation = reader.header().generation();
    Replayer replayer = new Replayer(generation);
    Loader loader = new Loader();
    int counted = skip;
    reader.records((index, type, batch, payload) -> {
      // What lies before the checkpoint's place is in its fold: only the bytes are taken.
      boolean replayed = index >= counted;
      replayedRecords += replayed ? 1 : 0;
      apply(type, batch, payload, generation, replayed ? replayer : loader);
    });
  }

  private void judgeEnd(SegmentReader reader, long write, Journal.Place place) throws IOException {
    WriteLayout.Header witness = reader.witness(write);
    if (witness != null || write <= place.write()) {
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
              + " copy, or move the directory away to start empty");
    }
    cut = new Cut(reader.name(), reader.header().generation(), reader.offset());
  }

  private void apply(
      byte type, long batch, ByteBuffer payload, long generation, OperationLayout.Reader reader)
      throws CorruptionException {
    try {
      if (type == RecordLayout.PART) {
        bodies.computeIfAbsent(batch, id -> new PartialBody(generation)).add(payload);
      } else if (type == RecordLayout.CLOSE) {
        OperationLayout.read(payload, reader);
      } else {
        throw new CorruptionException("a record of unknown type " + type);
      }
    } catch (ByteReader.MalformedException e) {
      throw new CorruptionException("a record holds what no store wrote: " + e.getMessage());
    }
  }

  /// The parts of a large body, as they come by.
  private static final class PartialBody {
    private final long fromGeneration;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    PartialBody(long fromGeneration) {
      this.fromGeneration = fromGeneration;
    }

    void add(ByteBuffer part) {
      byte[] copy = new byte[part.remaining()];
      part.get(copy);
      bytes.writeBytes(copy);
    }
  }

  /// Takes entries over if the fold says that they are live; the fold stays as it is.
  private class Loader implements OperationLayout.Reader {
    private byte[] header = {};

    /// Null when parts are missing: right for an entry that is settled and whose segment is gone.
    private byte @Nullable [] body = {};

    @Override
    public void entry(byte[] header, byte[] body) {
      this.header = header;
      this.body = body;
    }

    @Override
    public void entryOfParts(byte[] header, long bodyId, long length) {
      PartialBody partial = bodies.remove(bodyId);
      partsFrom(partial == null ? 0 : partial.fromGeneration);
      byte[] whole = partial == null ? null : partial.bytes.toByteArray();
      this.header = header;
      this.body = whole != null && whole.length == length ? whole : null;
    }

    /// Tells in which segment the parts of the entry's body begin.
    void partsFrom(long generation) {}

    @Override
    public void appended(long log, long sequence, boolean offered) throws CorruptionException {
      Log target = fold.log(log);
      if (target != null && target.isLive(sequence)) {
        keep(log, sequence, offered);
      }
    }

    final void keep(long log, long sequence, boolean offered) throws CorruptionException {
      byte[] whole = body;
      if (whole == null) {
        throw new CorruptionException(
            "entry " + sequence + " of log " + log + " is live and parts of its body are missing");
      }
      entries.put(log, sequence, new RecoveredEntries.Entry(header, whole, offered));
    }

    @Override
    public void createLog(long log) throws CorruptionException {}

    @Override
    public void deleteLog(long log) throws CorruptionException {}

    @Override
    public void settled(long log, long first, long count) throws CorruptionException {}

    @Override
    public void put(String key, byte[] value) {}

    @Override
    public void removed(String key) {}

    @Override
    public void dispatched(long log, long upTo) throws CorruptionException {}
  }

  /// Changes the fold as the records say.
  private final class Replayer extends Loader {
    private final long generation;
    private long fromGeneration;

    Replayer(long generation) {
      this.generation = generation;
    }

    @Override
    public void entry(byte[] header, byte[] body) {
      fromGeneration = generation;
      super.entry(header, body);
    }

    @Override
    void partsFrom(long generation) {
      fromGeneration = generation;
    }

    @Override
    public void createLog(long log) throws CorruptionException {
      if (fold.log(log) != null) {
        throw new CorruptionException("log " + log + " is created twice");
      }
      fold.create(log);
    }

    @Override
    public void deleteLog(long log) throws CorruptionException {
      require(log);
      fold.delete(log);
      entries.removeLog(log);
    }

    @Override
    public void appended(long log, long sequence, boolean offered) throws CorruptionException {
      if (require(log).next() != sequence) {
        throw new CorruptionException(
            "entry " + sequence + " of log " + log + " is not the next one: the replay is wrong");
      }
      fold.append(log, fromGeneration, generation);
      keep(log, sequence, offered);
    }

    @Override
    public void settled(long log, long first, long count) throws CorruptionException {
      Log target = require(log);
      for (long sequence = first; sequence < first + count; sequence++) {
        if (!target.isLive(sequence)) {
          throw new CorruptionException(
              "entry " + sequence + " of log " + log + " is settled twice, or never was there");
        }
        entries.remove(log, sequence);
        fold.settle(log, sequence, 1);
      }
    }

    @Override
    public void put(String key, byte[] value) {
      fold.define(key, value);
    }

    @Override
    public void removed(String key) {
      fold.define(key, null);
    }

    @Override
    public void dispatched(long log, long upTo) throws CorruptionException {
      require(log);
      fold.dispatched(log, upTo);
    }

    private Log require(long log) throws CorruptionException {
      Log known = fold.log(log);
      if (known == null) {
        throw new CorruptionException("log " + log + " is used before it was created");
      }
      return known;
    }
  }
}
