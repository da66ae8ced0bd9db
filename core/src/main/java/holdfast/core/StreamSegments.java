package holdfast.core;

import holdfast.store.ByteReader;
import holdfast.store.ByteWriter;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A stream's entries by stretches, *segments*: what retention takes away whole, and where a search
/// by time begins. A segment is no file, only where it begins, how much it holds and of which time;
/// it gets its first entry with its making, so the newest is never empty.
///
/// Each stands as a definition in the store, noted anew from time to time while it grows, so that a
/// start finds all but the last few entries counted. Guarded by the gate.
final class StreamSegments {
  private static final int VERSION = 1;

  /// A growing segment is noted so many times until it is full.
  private static final int NOTES = 256;

  /// And not more often than after so many bytes.
  private static final int NOTE_BYTES_MIN = 64 * 1024;

  /// Neighbouring entries.
  static final class Segment {
    final long first;
    long end;
    long firstMs;
    long lastMs;
    long bytes;

    /// What of it stands in the store.
    private long notedBytes;

    private boolean waits;

    Segment(long first) {
      this.first = first;
      end = first;
    }

    /// As the store has it.
    byte[] value() {
      ByteWriter out = new ByteWriter(32).u8(VERSION);
      return out.varint(end - first).varint(firstMs).varint(lastMs).varint(bytes).toBytes();
    }
  }

  private final TreeMap<Long, Segment> byFirst = new TreeMap<>();

  /// Those to be noted.
  private final ArrayDeque<Segment> unnoted = new ArrayDeque<>();

  /// Offsets of notes that are to go.
  private final ArrayDeque<Long> strays = new ArrayDeque<>();

  /// Entries from here on are not counted yet.
  private long counted;

  private long bytes;

  /// @param first the oldest entry's offset
  StreamSegments(long first) {
    counted = first;
  }

  /// One that the store had noted. False if there is nothing left of it.
  boolean recovered(long first, byte[] value, long low) {
    ByteReader in = new ByteReader(value);
    int version = in.u8();
    if (version != VERSION) {
      throw new ByteReader.MalformedException("a segment of a stream of version " + version);
    }
    Segment segment = new Segment(first);
    segment.end = first + in.varint();
    segment.firstMs = in.varint();
    segment.lastMs = in.varint();
    segment.bytes = in.varint();
    segment.notedBytes = segment.bytes;
    if (segment.end <= low) {
      return false;
    }
    byFirst.put(first, segment);
    bytes += segment.bytes;
    counted = Math.max(counted, segment.end);
    return true;
  }

  /// Notes that do not fit their log are of another numbering: a log that was salvaged begins anew
  /// at 0. All of them go then, and the entries are counted again.
  void check(long low, long next) {
    if (!byFirst.isEmpty() && (byFirst.firstKey() != low || counted > next)) {
      strays.addAll(byFirst.keySet());
      byFirst.clear();
      bytes = 0;
      counted = low;
    }
  }

  /// The next note that is to go; null if there is none.
  @Nullable Long takeStray() {
    return strays.poll();
  }

  /// Entries below are counted.
  long counted() {
    return counted;
  }

  long bytes() {
    return bytes;
  }

  int count() {
    return byFirst.size();
  }

  /// Counts the next entry.
  ///
  /// @param segmentBytes a segment is full with so many; more where there would be too many of them
  void count(Message message, long segmentBytes) {
    long full = Math.max(segmentBytes, bytes / Limits.STREAM_SEGMENTS_MAX);
    Map.Entry<Long, Segment> last = byFirst.lastEntry();
    Segment segment = last == null ? null : last.getValue();
    if (segment == null || segment.bytes >= full) {
      if (segment != null && segment.notedBytes < segment.bytes) {
        toBeNoted(segment);
      }
      segment = new Segment(counted);
      segment.firstMs = Math.max(message.acceptedAtMs(), last == null ? 0 : last.getValue().lastMs);
      byFirst.put(counted, segment);
    }
    long size = sizeOf(message);
    segment.end = ++counted;
    segment.lastMs = Math.max(message.acceptedAtMs(), Math.max(segment.lastMs, segment.firstMs));
    segment.bytes += size;
    bytes += size;
    if (segment.bytes - segment.notedBytes >= Math.max(full / NOTES, NOTE_BYTES_MIN)) {
      toBeNoted(segment);
    }
  }

  /// What an entry counts for.
  static long sizeOf(Message message) {
    return (long) message.bodyBytes()
        + message.properties().length
        + message.routingKey().length()
        + message.exchange().length();
  }

  private void toBeNoted(Segment segment) {
    if (!segment.waits) {
      segment.waits = true;
      unnoted.add(segment);
    }
  }

  boolean hasUnnoted() {
    return !unnoted.isEmpty() || !strays.isEmpty();
  }

  /// The next one to be noted, which is taken to be.
  @Nullable Segment takeUnnoted() {
    Segment segment = unnoted.poll();
    if (segment != null) {
      segment.waits = false;
      segment.notedBytes = segment.bytes;
    }
    return segment;
  }

  /// The oldest one, if there is more of the stream than is to be kept.
  @Nullable Segment excess(StreamRetention retention, long nowMs) {
    if (byFirst.size() < 2) {
      return null;
    }
    Segment oldest = byFirst.firstEntry().getValue();
    boolean old = nowMs - oldest.lastMs > retention.ageMs();
    return old || bytes > retention.bytesMax() ? oldest : null;
  }

  void removeOldest() {
    bytes -= byFirst.pollFirstEntry().getValue().bytes;
  }

  /// Offsets of the segments.
  Iterable<Long> firsts() {
    return byFirst.keySet();
  }

  /// The oldest segment with something of this time or later in it; null if there is none, as far
  /// as they are counted.
  @Nullable Segment since(long timeMs) {
    // Times rise from segment to segment, but to find the place by offset is what the map can do.
    long low = byFirst.isEmpty() ? 0 : byFirst.firstKey();
    long high = counted;
    Segment found = null;
    while (low < high) {
      Map.Entry<Long, Segment> middle = byFirst.floorEntry((low + high) >>> 1);
      Segment segment = middle.getValue();
      if (segment.lastMs >= timeMs) {
        found = segment;
        high = segment.first;
      } else {
        low = segment.end;
      }
    }
    return found;
  }
}
