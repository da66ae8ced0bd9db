package holdfast.testkit;

import holdfast.store.CorruptionException;
import holdfast.store.Disk;
import holdfast.store.Engine;
import holdfast.store.Epoch;
import holdfast.store.FencedException;
import holdfast.store.Journal;
import holdfast.store.JournalId;
import holdfast.store.SegmentInput;
import holdfast.store.SegmentOutput;
import holdfast.store.Segments;
import holdfast.store.WriteBuffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongPredicate;

/// The plainest engine there can be: storage in memory that outlives its owners, and keeps what it
/// has completed and nothing else. It shows what an [Engine] is, and stands in for one far away.
///
/// Every method holds the engine's lock.
public final class MemoryEngine implements Engine {
  private final long segmentBytes;
  private final TreeMap<Long, Row> rows = new TreeMap<>();
  private final TreeMap<Long, byte[]> logs = new TreeMap<>();
  private final TreeMap<Long, byte[]> checkpoints = new TreeMap<>();
  private JournalId id = JournalId.random();
  private long newest;

  /// A segment of the journal.
  private record Row(long epoch, List<Write> writes) {
    long end() {
      return writes.isEmpty()
          ? Disk.BLOCK_BYTES
          : writes.getLast().offset + writes.getLast().bytes.length;
    }
  }

  private record Write(long position, long offset, byte[] bytes) {}

  /// @param segmentBytes size of the journal's segments: at least twice the store's buffer
  public MemoryEngine(long segmentBytes) {
    this.segmentBytes = segmentBytes;
  }

  /// The same content in a second engine, without an owner.
  public synchronized MemoryEngine copy() {
    MemoryEngine copy = new MemoryEngine(segmentBytes);
    copy.id = id;
    copy.newest = newest;
    rows.forEach(
        (segment, row) -> copy.rows.put(segment, new Row(row.epoch, new ArrayList<>(row.writes))));
    copy.logs.putAll(logs);
    copy.checkpoints.putAll(checkpoints);
    return copy;
  }

  private TreeMap<Long, byte[]> files(Segments.Kind kind) {
    return switch (kind) {
      case LOG -> logs;
      case CHECKPOINT -> checkpoints;
    };
  }

  @Override
  public synchronized Epoch acquire(long above) {
    newest = Math.max(newest, above) + 1;
    return new Tenure(newest);
  }

  @Override
  public String description() {
    return "memory";
  }

  @Override
  public void close() {}

  private void requireOwner(long epoch) throws FencedException {
    if (epoch != newest) {
      throw new FencedException(epoch);
    }
  }

  private final class Tenure implements Epoch {
    private final long number;
    private final Rows journal;
    private final Files segments;

    Tenure(long number) {
      this.number = number;
      journal = new Rows(number);
      segments = new Files(number);
    }

    @Override
    public long number() {
      return number;
    }

    @Override
    public JournalId journalId() {
      return id;
    }

    @Override
    public Journal journal() {
      return journal;
    }

    @Override
    public Segments segments() {
      return segments;
    }
  }

  /// The journal as one owner sees it.
  private final class Rows implements Journal {
    private final long epoch;
    private long forced;

    Rows(long epoch) {
      this.epoch = epoch;
    }

    @Override
    public boolean has(long segment, JournalId journalId) {
      synchronized (MemoryEngine.this) {
        return id.equals(journalId) && rows.containsKey(segment);
      }
    }

    @Override
    public void replay(long fromSegment, Replayed to) throws IOException {
      synchronized (MemoryEngine.this) {
        long expected = fromSegment;
        long before = 0;
        for (Map.Entry<Long, Row> each : rows.tailMap(fromSegment).entrySet()) {
          if (each.getKey() != expected++) {
            throw new CorruptionException("segment " + (expected - 1) + " is missing");
          }
          Row row = each.getValue();
          if (before != 0 && row.epoch != before) {
            to.newEpoch();
          }
          before = row.epoch;
          for (Write write : row.writes) {
            to.write(each.getKey(), write.position, write.offset, ByteBuffer.wrap(write.bytes));
          }
        }
        if (expected == fromSegment && !(rows.isEmpty() && fromSegment == 1)) {
          throw new CorruptionException("segment " + fromSegment + " is missing");
        }
      }
    }

    @Override
    public Begin begin() throws IOException {
      synchronized (MemoryEngine.this) {
        requireOwner(epoch);
        long position = 0;
        for (Row row : rows.values()) {
          position = row.writes.isEmpty() ? position : row.writes.getLast().position;
        }
        // Positions have gaps.
        position += epoch;
        long segment = rows.isEmpty() ? 1 : rows.lastKey() + 1;
        rows.put(segment, new Row(epoch, new ArrayList<>()));
        forced = position;
        return new Begin(segment, segmentBytes, position + 1);
      }
    }

    @Override
    public long plan(long segment) {
      return segmentBytes;
    }

    @Override
    public long append(WriteBuffer write, Completion completion) throws IOException {
      synchronized (MemoryEngine.this) {
        requireOwner(epoch);
        Row row = rows.computeIfAbsent(write.segment(), n -> new Row(epoch, new ArrayList<>()));
        ByteBuffer records = write.records();
        byte[] bytes = new byte[records.remaining()];
        records.get(bytes);
        if (write.recordsOffset() + bytes.length > segmentBytes
            || write.recordsOffset() < row.end()) {
          throw new IOException("a write at " + write.recordsOffset() + " has no place there");
        }
        row.writes.add(new Write(write.position(), write.recordsOffset(), bytes));
        forced = write.position();
        return 0;
      }
    }

    @Override
    public long forced() {
      synchronized (MemoryEngine.this) {
        return forced;
      }
    }

    @Override
    public SegmentInput open(long segment) throws IOException {
      synchronized (MemoryEngine.this) {
        Row row = rows.get(segment);
        if (row == null) {
          throw new NoSuchFileException("segment " + segment);
        }
        byte[] image = new byte[(int) row.end()];
        for (Write write : row.writes) {
          System.arraycopy(write.bytes, 0, image, (int) write.offset, write.bytes.length);
        }
        return new Input(image);
      }
    }

    @Override
    public String where() {
      return "memory";
    }

    @Override
    public void free(long before, LongPredicate isRead) throws IOException {
      synchronized (MemoryEngine.this) {
        requireOwner(epoch);
        rows.headMap(before).keySet().removeIf(segment -> !isRead.test(segment));
      }
    }

    @Override
    public long bytes(long segment) {
      synchronized (MemoryEngine.this) {
        return rows.containsKey(segment) ? segmentBytes : 0;
      }
    }

    @Override
    public long bytesFrom(long segment) {
      synchronized (MemoryEngine.this) {
        return rows.tailMap(segment).size() * segmentBytes;
      }
    }

    @Override
    public int segmentCount() {
      synchronized (MemoryEngine.this) {
        return rows.size();
      }
    }

    @Override
    public long diskBytes() {
      return bytesFrom(0);
    }

    @Override
    public void close(boolean forces) {}
  }

  private static final class Input implements SegmentInput {
    private final byte[] bytes;

    Input(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public int read(ByteBuffer target, long position) {
      int count = Math.clamp(bytes.length - position, 0, target.remaining());
      if (count > 0) {
        target.put(bytes, (int) position, count);
      }
      return count;
    }

    @Override
    public long size() {
      return bytes.length;
    }

    @Override
    public void close() {}
  }

  /// Log segments and checkpoints as one owner may change them.
  private final class Files implements Segments {
    private final long epoch;

    Files(long epoch) {
      this.epoch = epoch;
    }

    @Override
    public List<Long> numbers(Kind kind) {
      synchronized (MemoryEngine.this) {
        return List.copyOf(files(kind).descendingKeySet());
      }
    }

    @Override
    public SegmentInput open(Kind kind, long number) throws IOException {
      synchronized (MemoryEngine.this) {
        byte[] bytes = files(kind).get(number);
        if (bytes == null) {
          throw new NoSuchFileException(kind + " " + number);
        }
        return new Input(bytes);
      }
    }

    @Override
    public SegmentOutput create(Kind kind, long number) throws IOException {
      synchronized (MemoryEngine.this) {
        requireOwner(epoch);
        files(kind).remove(number);
      }
      return new SegmentOutput() {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        @Override
        public void write(ByteBuffer blocks) {
          byte[] more = new byte[blocks.remaining()];
          blocks.get(more);
          bytes.writeBytes(more);
        }

        @Override
        public long room() {
          return UNBOUNDED;
        }

        @Override
        public void finish() throws IOException {
          put(kind, number, bytes.toByteArray());
        }

        @Override
        public void close() {}
      };
    }

    private void put(Kind kind, long number, byte[] bytes) throws IOException {
      synchronized (MemoryEngine.this) {
        requireOwner(epoch);
        files(kind).put(number, bytes);
      }
    }

    @Override
    public void write(Kind kind, long number, ByteBuffer bytes, long nextBytesMax)
        throws IOException {
      byte[] copy = new byte[bytes.remaining()];
      bytes.get(copy);
      put(kind, number, copy);
    }

    @Override
    public void force() {}

    @Override
    public void delete(Kind kind, long number) throws IOException {
      synchronized (MemoryEngine.this) {
        requireOwner(epoch);
        files(kind).remove(number);
      }
    }

    @Override
    public String description() {
      return "memory";
    }
  }
}
