package holdfast.store;

import holdfast.store.LogSegment.Piece;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// A picture of the fold, so that only the newest part of the journal need be replayed. It is taken
/// in slices while work goes on ([CheckpointBuilder]): each log says where the journal stood when
/// it was copied, and replay leaves out what that counts already. One that is not whole says only
/// what has changed since another, which it names.
///
/// ```
///   magic u64 | version | journal id 16 | number | rest | epoch
///   replay from: generation
///   begin: generation, write, records
///   next log id
///   log segments: n, n x (number, bytes, bytes of entries)
///   items, until END:
///     1 DEFINITION  key, value
///     2 LOG         id, copied at: write, records
///                   next, dispatched, first in the journal
///                   settled (see SequenceSet)
///                   pieces: n, n x (segment, first, end, entries, bytes, index at, index bytes)
///                   notes: n, n x (sequence, note)
///     3 END         complete at: write, records
///     4 REMOVED     key
///     5 LOG_GONE    id
///   crc u32 of everything before
/// ```
///
/// `rest` is the number of the checkpoint that says what this one leaves out; 0 if it is whole.
///
/// @param complete where the journal stood when the last slice was taken
/// @param files numbers of the checkpoints that this one is read from, itself included
/// @param segments log segments it needs
/// @param copied for each log, by id, where the journal stood when it was copied
record Checkpoint(
    CheckpointHead head,
    JournalFront.Place complete,
    Set<Long> files,
    Set<Long> segments,
    Fold fold,
    Map<Long, JournalFront.Place> copied) {

  static final long MAGIC = 0x5450434446484c48L;
  static final int VERSION = 2;
  static final int DEFINITION = 1;
  static final int LOG = 2;
  static final int END = 3;
  static final int REMOVED = 4;
  static final int LOG_GONE = 5;
  private static final int CRC_BYTES = 4;

  /// Where the bytes of a checkpoint come from.
  interface Source {
    byte[] bytes(long number) throws IOException;
  }

  /// Completes encoded bytes with their checksum.
  static byte[] seal(ByteWriter out) {
    int crc = Bytes.crc(ByteBuffer.wrap(out.array()), 0, out.length(), 0);
    return out.u8(crc).u8(crc >>> 8).u8(crc >>> 16).u8(crc >>> 24).toBytes();
  }

  /// Reads a checkpoint, and those that say the rest of it. Throws [CorruptionException] for bytes
  /// that are no whole checkpoint.
  static Checkpoint read(long number, Source source) throws IOException {
    ArrayDeque<Part> parts = parts(number, source);
    return new Decoder().decode(parts, numbers(parts));
  }

  /// What a checkpoint rests on.
  ///
  /// @param files numbers of the checkpoints that it is read from, itself included
  /// @param segments log segments it needs
  record Outline(CheckpointHead head, Set<Long> files, Set<Long> segments) {}

  Outline outline() {
    return new Outline(head, files, segments);
  }

  /// The outline of one that is only to be kept. It and those that say the rest of it are known to
  /// be whole by their checksums; what they say is not put together.
  static Outline outline(long number, Source source) throws IOException {
    ArrayDeque<Part> parts = parts(number, source);
    Part newest = parts.getLast();
    Set<Long> segments = new HashSet<>();
    try {
      for (int n = newest.rest.count(); n > 0; n--) {
        segments.add(newest.rest.varint());
        newest.rest.varint();
        newest.rest.varint();
      }
    } catch (ByteReader.MalformedException e) {
      throw damaged(newest, e);
    }
    return new Outline(newest.head, numbers(parts), segments);
  }

  /// The parts of a checkpoint, oldest first.
  private static ArrayDeque<Part> parts(long number, Source source) throws IOException {
    ArrayDeque<Part> parts = new ArrayDeque<>();
    for (long n = number; n != 0; n = parts.getFirst().head.rest()) {
      Part part = part(source.bytes(n), Checkpoints.name(n));
      if (part.head.number() != n || part.head.rest() >= n) {
        throw new CorruptionException(part.name + " says that it is another checkpoint");
      }
      parts.addFirst(part);
    }
    return parts;
  }

  private static Set<Long> numbers(ArrayDeque<Part> parts) {
    Set<Long> numbers = new TreeSet<>();
    parts.forEach(part -> numbers.add(part.head.number()));
    return numbers;
  }

  private static CorruptionException damaged(Part part, ByteReader.MalformedException e) {
    return new CorruptionException("checkpoint " + part.name + " is damaged: " + e.getMessage());
  }

  /// One file, checked as far as its checksum goes.
  private record Part(CheckpointHead head, ByteReader rest, String name) {}

  private static Part part(byte[] bytes, String name) throws CorruptionException {
    int length = bytes.length - CRC_BYTES;
    if (length < 8) {
      throw new CorruptionException("checkpoint " + name + " is only " + bytes.length + " bytes");
    }
    int crc = 0;
    for (int i = CRC_BYTES - 1; i >= 0; i--) {
      crc = crc << 8 | bytes[length + i] & 0xff;
    }
    if (Bytes.crc(ByteBuffer.wrap(bytes), 0, length, 0) != crc) {
      throw new CorruptionException("checkpoint " + name + " is damaged: its checksum is wrong");
    }
    ByteReader in = new ByteReader(ByteBuffer.wrap(bytes, 0, length));
    try {
      if (in.fixed64() != MAGIC) {
        throw new CorruptionException(name + " is not a checkpoint of Holdfast");
      }
      long version = in.varint();
      if (version != VERSION) {
        throw new AnotherFormatException(
            name + " is of format " + version + "; this version of Holdfast reads " + VERSION);
      }
      return new Part(CheckpointHead.decode(in), in, name);
    } catch (ByteReader.MalformedException e) {
      throw new CorruptionException("checkpoint " + name + " is damaged: " + e.getMessage());
    }
  }

  /// Puts together what the parts say, oldest first.
  private static final class Decoder {
    private final Fold fold = new Fold();
    private final Map<Long, LogSegment> known = new HashMap<>();
    private final Map<Long, JournalFront.Place> copied = new HashMap<>();
    private Set<Long> segments = Set.of();
    private JournalFront.Place complete = new JournalFront.Place(0, 0, 0);

    Checkpoint decode(ArrayDeque<Part> parts, Set<Long> files) throws CorruptionException {
      for (Part part : parts) {
        try {
          decode(part);
        } catch (ByteReader.MalformedException e) {
          throw damaged(part, e);
        }
      }
      CheckpointHead head = parts.getLast().head;
      fold.restoreNextLogId(head.nextLogId());
      fold.segments().keySet().retainAll(segments);
      fold.takeChanges();
      return new Checkpoint(head, complete, files, segments, fold, copied);
    }

    private void decode(Part part) {
      ByteReader in = part.rest;
      segments = new HashSet<>();
      for (int n = in.count(); n > 0; n--) {
        LogSegment segment = fold.restoreSegment(in.varint(), in.varint(), in.varint());
        known.put(segment.number, segment);
        segments.add(segment.number);
      }
      while (true) {
        int item = in.u8();
        switch (item) {
          case DEFINITION -> fold.restoreDefinition(in.string(), in.bytes());
          case REMOVED -> fold.restoreDefinition(in.string(), null);
          case LOG -> log(in);
          case LOG_GONE -> {
            long id = in.varint();
            fold.forget(id);
            copied.remove(id);
          }
          case END -> {
            complete = new JournalFront.Place(0, in.varint(), (int) in.varint());
            return;
          }
          default -> throw new ByteReader.MalformedException("no item is numbered " + item);
        }
      }
    }

    private void log(ByteReader in) {
      long id = in.varint();
      copied.put(id, new JournalFront.Place(0, in.varint(), (int) in.varint()));
      long next = in.varint();
      long dispatchMark = in.varint();
      long tailFirst = in.varint();
      SequenceSet settled = SequenceSet.decode(in);
      if (tailFirst > next || settled.low() > next) {
        throw new ByteReader.MalformedException("log " + id + " ends before it begins");
      }
      List<Piece> pieces = new ArrayList<>();
      for (int n = in.count(); n > 0; n--) {
        LogSegment segment = known.get(in.varint());
        if (segment == null) {
          throw new ByteReader.MalformedException("log " + id + " lies in an unknown segment");
        }
        pieces.add(
            new Piece(
                segment,
                in.varint(),
                in.varint(),
                in.varint(),
                in.varint(),
                in.varint(),
                (int) in.varint()));
      }
      Log log = new Log(id, next, settled, dispatchMark, tailFirst);
      for (int n = in.count(); n > 0; n--) {
        log.note(in.varint(), in.bytes());
      }
      fold.restore(log, pieces);
    }
  }
}
