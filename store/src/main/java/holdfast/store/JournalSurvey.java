package holdfast.store;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Reads every segment of the journal that is there, oldest first, past whatever is damaged, and
/// tells each damaged place. The rules are those of [Recovery]: a segment ends where the next one
/// begins, and a bad write at the end of the newest is a torn tail unless something later on disk
/// calls it durable.
final class JournalSurvey {
  private static final long UNKNOWN = 0;
  private static final long OPEN = Long.MAX_VALUE;

  private final Disk disk;
  private final JournalId journalId;
  private final SurveyedRecords records;
  private final List<Damage> damages;

  /// Damage below this segment is harmless: the newest checkpoint does not need it.
  private final long neededFrom;

  private final TreeMap<Long, Segment> segments = new TreeMap<>();
  private @Nullable String tornTail;
  private long writes;
  private long expected;
  private int previousCrc;

  /// What was found of one segment.
  static final class Segment {
    final long generation;
    final long bytes;
    SegmentLayout.@Nullable Header header;
    long firstWrite;
    long lastWrite;
    long writes;
    long records;
    long usedBytes;

    Segment(long generation, long bytes) {
      this.generation = generation;
      this.bytes = bytes;
    }
  }

  JournalSurvey(
      Disk disk,
      JournalId journalId,
      SurveyedRecords records,
      List<Damage> damages,
      long neededFrom) {
    this.disk = disk;
    this.journalId = journalId;
    this.records = records;
    this.damages = damages;
    this.neededFrom = neededFrom;
  }

  /// Reads all of them.
  ///
  /// @param bytes of every segment that is there, its file's length
  void run(Map<Long, Long> bytes) throws IOException {
    bytes.forEach(
        (generation, length) -> segments.put(generation, new Segment(generation, length)));
    for (Segment segment : List.copyOf(segments.values())) {
      readHeader(segment);
    }
    long before = UNKNOWN;
    for (Segment segment : segments.values()) {
      tellMissing(before == UNKNOWN ? neededFrom : before + 1, segment.generation);
      if (before != segment.generation - 1) {
        expected = UNKNOWN;
      }
      before = segment.generation;
      read(segment);
    }
    if (before < neededFrom) {
      tellMissing(before == UNKNOWN ? neededFrom : before + 1, neededFrom + 1);
    }
  }

  /// Damage, or where a crash cut the journal off; null for a journal that ends cleanly.
  @Nullable String tornTail() {
    return tornTail;
  }

  long newestGeneration() {
    return segments.isEmpty() ? neededFrom : segments.lastKey();
  }

  long writes() {
    return writes;
  }

  TreeMap<Long, Segment> segments() {
    return segments;
  }

  private void readHeader(Segment segment) throws IOException {
    try (SegmentReader reader = new SegmentReader(disk, segment.generation, journalId)) {
      if (!reader.isHeaderWhole()) {
        tell(segment, 0, "the first block is not the header it was given");
      } else if (!reader.header().journalId().equals(journalId)) {
        tell(segment, 0, "it belongs to another journal");
        segments.remove(segment.generation);
      } else {
        segment.header = reader.header();
      }
    }
  }

  private void tellMissing(long from, long end) {
    for (long generation = Math.max(1, from); generation < end; generation++) {
      boolean harmless = generation < neededFrom;
      damages.add(new Damage(SegmentFiles.name(generation), 0, "the file is missing", harmless));
    }
  }

  private void tell(Segment segment, long offset, String what) {
    damages.add(
        new Damage(
            SegmentFiles.name(segment.generation), offset, what, segment.generation < neededFrom));
  }

  /// Sequence of the first write of the segment behind this one; [#OPEN] if nothing tells.
  private long endOf(Segment segment) throws IOException {
    Segment next = segments.get(segment.generation + 1);
    if (next == null) {
      return OPEN;
    }
    SegmentLayout.Header header = next.header;
    if (header != null) {
      return header.firstWrite();
    }
    try (SegmentReader reader = new SegmentReader(disk, next.generation, journalId)) {
      WriteLayout.Header first = reader.skipTo(0, OPEN);
      return first == null ? OPEN : first.sequence();
    }
  }

  private void read(Segment segment) throws IOException {
    long end = endOf(segment);
    try (SegmentReader reader = new SegmentReader(disk, segment.generation, journalId)) {
      begin(segment, reader);
      while (expected < end) {
        boolean whole = expected != UNKNOWN && reader.next(expected, previousCrc);
        if (whole) {
          records.write(segment.generation, expected);
          reader.records(records);
          counted(segment, reader);
        } else if (end == OPEN && isTail(segment, reader)) {
          break;
        } else if (!readPast(segment, reader, end)) {
          break;
        }
      }
    }
  }

  private void begin(Segment segment, SegmentReader reader) throws IOException {
    SegmentLayout.Header header = segment.header;
    WriteLayout.Header first = reader.peek();
    if (header == null) {
      if (expected == UNKNOWN && first != null) {
        expected = first.sequence();
        previousCrc = first.previousCrc();
      }
      return;
    }
    if (expected != UNKNOWN
        && (header.firstWrite() != expected || header.previousCrc() != previousCrc)) {
      tell(segment, 0, "it does not follow the segment before: writes are missing between them");
    }
    expected = header.firstWrite();
    previousCrc = header.previousCrc();
  }

  private void counted(Segment segment, SegmentReader reader) {
    WriteLayout.Header write = reader.write();
    segment.usedBytes = reader.offset();
    if (segment.writes++ == 0) {
      segment.firstWrite = write.sequence();
    }
    segment.lastWrite = write.sequence();
    segment.records += write.records();
    writes++;
    expected = write.sequence() + 1;
    previousCrc = write.crc();
  }

  /// Whether the journal simply ends here, torn or not.
  private boolean isTail(Segment segment, SegmentReader reader) throws IOException {
    if (reader.witness(expected) != null || expected != UNKNOWN && records.isCounted(expected)) {
      return false;
    }
    WriteLayout.Header torn = reader.peek();
    if (segment.generation != segments.lastKey()) {
      return true; // the next file is missing, and told so
    }
    if (torn != null && torn.sequence() == expected || reader.skipTo(expected + 1, OPEN) != null) {
      tornTail =
          SegmentFiles.name(segment.generation)
              + ": write "
              + expected
              + " was never finished, so nothing of it was ever confirmed; the next start cuts it"
              + " off";
    }
    return true;
  }

  /// Tells the damage at the current offset and moves past it; false if nothing whole follows.
  private boolean readPast(Segment segment, SegmentReader reader, long end) throws IOException {
    long at = reader.offset();
    WriteLayout.Header here = reader.peek();
    if (here != null && (here.sequence() == expected || expected == UNKNOWN)) {
      records.write(segment.generation, here.sequence());
      if (here.previousCrc() != previousCrc && expected != UNKNOWN) {
        tell(segment, at, "write " + expected + " does not follow the one before");
        previousCrc = here.previousCrc();
      }
      if (reader.next(here.sequence(), here.previousCrc())) {
        reader.records(records);
      } else {
        reader.nextDamaged(here);
        int count = reader.wholeRecords(records);
        String left = count + " of its " + here.records() + " records can be read";
        tell(segment, at, "write " + here.sequence() + " is damaged; " + left);
      }
      counted(segment, reader);
      return true;
    }
    return skip(segment, reader, end);
  }

  private boolean skip(Segment segment, SegmentReader reader, long end) throws IOException {
    long at = reader.offset();
    WriteLayout.Header found = reader.skipTo(expected + 1, end);
    long last = (found != null ? found.sequence() : end) - 1;
    String which =
        found == null && end == OPEN
            ? "write "
                + expected
                + ", which the checkpoint counts, is not there; if nothing is wrong"
                + " here, "
                + SegmentFiles.name(segment.generation + 1)
                + " is missing"
            : expected == UNKNOWN
                ? "what stands before write " + (last + 1) + " is damaged"
                : last == expected
                    ? "the header of write " + expected + " is damaged"
                    : "writes " + expected + " to " + last + " are damaged or missing";
    if (found == null) {
      tell(segment, at, which);
      expected = end == OPEN ? UNKNOWN : end;
      previousCrc = 0;
      return false;
    }
    if (expected != UNKNOWN && found.sequence() == expected + 1) {
      which += "; " + readWithoutHeader(segment, reader, at) + " of its records can be read";
    }
    tell(segment, at, which);
    expected = found.sequence();
    previousCrc = found.previousCrc();
    return true;
  }

  /// One write lost its header, and the next is there: its bytes stand between.
  private int readWithoutHeader(Segment segment, SegmentReader reader, long at) throws IOException {
    records.write(segment.generation, expected);
    return reader.recordsBetween(at, reader.offset(), records);
  }
}
