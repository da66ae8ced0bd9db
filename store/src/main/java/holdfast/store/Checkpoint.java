package holdfast.store;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A picture of the fold at one place of the journal, so that only what lies behind need be
/// replayed.
///
/// ```
///   magic u64 | version | journal id 16 | number | epoch
///   replay: generation, write, records
///   next log id
///   segments: n, n x (generation, first write, end write)      with live entries before the replay
///   definitions: n, n x (key, value)
///   logs: n, n x (id, next, low, dispatched,
///                 runs of settled above low: n, n x (first, count),
///                 runs of place: n, n x (first, from generation, generation, live))
///   crc u32 of everything before
/// ```
///
/// @param place replay starts here
/// @param segments the older segments this needs, with the writes that count in each
record Checkpoint(
    JournalId journalId,
    long number,
    long epoch,
    Journal.Place place,
    Map<Long, WriteRange> segments,
    Fold fold) {

  private static final long MAGIC = 0x5450434446484c48L;
  private static final int VERSION = 1;

  /// Writes `first` up to and without `end`.
  record WriteRange(long first, long end) {}

  /// Everything as bytes; called by the owner of the fold, while nothing changes it.
  static byte[] encode(
      JournalId journalId,
      long number,
      long epoch,
      Journal.Place place,
      Map<Long, WriteRange> segments,
      Fold fold) {
    ByteWriter out = new ByteWriter(64 * 1024);
    out.fixed64(MAGIC).varint(VERSION).fixed64(journalId.high()).fixed64(journalId.low());
    out.varint(number).varint(epoch);
    out.varint(place.generation()).varint(place.write()).varint(place.records());
    out.varint(fold.nextLogId());
    out.varint(segments.size());
    segments.forEach((g, range) -> out.varint(g).varint(range.first).varint(range.end));
    out.varint(fold.definitions().size());
    fold.definitions().forEach((key, value) -> out.string(key).bytes(value));
    out.varint(fold.logs().size());
    for (Log log : fold.logs().values()) {
      encodeLog(out, log);
    }
    int crc = Bytes.crc(ByteBuffer.wrap(out.array()), 0, out.length(), 0);
    out.u8(crc).u8(crc >>> 8).u8(crc >>> 16).u8(crc >>> 24);
    return out.toBytes();
  }

  private static void encodeLog(ByteWriter out, Log log) {
    out.varint(log.id()).varint(log.next()).varint(log.low()).varint(log.dispatchMark());
    List<long[]> settled = log.settled().runsAboveLow();
    out.varint(settled.size());
    for (long[] run : settled) {
      out.varint(run[0]).varint(run[1]);
    }
    List<Log.Run> live = log.runs().stream().filter(run -> run.live > 0).toList();
    out.varint(live.size());
    for (Log.Run run : live) {
      out.varint(run.first).varint(run.fromGeneration).varint(run.generation).varint(run.live);
    }
  }

  /// Throws [CorruptionException] for bytes that are no whole checkpoint.
  static Checkpoint decode(byte[] bytes, String name) throws CorruptionException {
    int length = bytes.length - 4;
    if (length < 8) {
      throw new CorruptionException("checkpoint " + name + " is only " + bytes.length + " bytes");
    }
    int crc = 0;
    for (int i = 3; i >= 0; i--) {
      crc = crc << 8 | bytes[length + i] & 0xff;
    }
    if (Bytes.crc(ByteBuffer.wrap(bytes), 0, length, 0) != crc) {
      throw new CorruptionException("checkpoint " + name + " is damaged: its checksum is wrong");
    }
    try {
      return decodeWhole(new ByteReader(ByteBuffer.wrap(bytes, 0, length)), name);
    } catch (ByteReader.MalformedException e) {
      throw new CorruptionException("checkpoint " + name + " is damaged: " + e.getMessage());
    }
  }

  private static Checkpoint decodeWhole(ByteReader in, String name) throws CorruptionException {
    if (in.fixed64() != MAGIC) {
      throw new CorruptionException(name + " is not a checkpoint of Holdfast");
    }
    long version = in.varint();
    if (version != VERSION) {
      throw new CorruptionException(
          name + " is of format " + version + "; this version of Holdfast reads " + VERSION);
    }
    JournalId journalId = new JournalId(in.fixed64(), in.fixed64());
    long number = in.varint();
    long epoch = in.varint();
    Journal.Place place = new Journal.Place(in.varint(), in.varint(), (int) in.varint());
    Fold fold = new Fold();
    fold.restoreNextLogId(in.varint());
    Map<Long, WriteRange> segments = new TreeMap<>();
    for (int n = in.count(); n > 0; n--) {
      segments.put(in.varint(), new WriteRange(in.varint(), in.varint()));
    }
    for (int n = in.count(); n > 0; n--) {
      fold.define(in.string(), in.bytes());
    }
    for (int n = in.count(); n > 0; n--) {
      fold.restore(decodeLog(in));
    }
    return new Checkpoint(journalId, number, epoch, place, segments, fold);
  }

  private static Log decodeLog(ByteReader in) {
    Log log = new Log(in.varint(), in.varint(), in.varint(), in.varint());
    for (int n = in.count(); n > 0; n--) {
      long first = in.varint();
      for (long end = first + in.varint(), s = first; s < end; s++) {
        log.settled().add(s);
      }
    }
    ArrayList<Log.Run> runs = log.runs();
    for (int n = in.count(); n > 0; n--) {
      runs.add(new Log.Run(in.varint(), in.varint(), in.varint(), in.varint()));
    }
    return log;
  }
}
