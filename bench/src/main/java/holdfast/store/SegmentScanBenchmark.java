package holdfast.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/// Reading segments as recovery does, every checksum looked at: milliseconds for 64 MiB of record
/// bodies, from the page cache.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class SegmentScanBenchmark {
  private static final int SCANNED_BYTES = 64 * 1024 * 1024;

  @Param({"100", "1024"})
  public int bodyBytes;

  private Path directory;
  private Disk disk;
  private long appended;
  private int segments;

  @Setup
  public void write() throws IOException {
    directory = Files.createTempDirectory("segment-scan-");
    Store store = HandTurnedStore.open(LocalDisk.open(directory));
    Log log = store.newLog();
    store.write(new Batch().createLog(log), true);
    Batch batch = new Batch();
    ByteWriter header = new ByteWriter(8);
    Log[] logs = {log};
    boolean[] offered = new boolean[1];
    byte[] body = new byte[bodyBytes];
    appended = 1;
    for (long bytes = 0; bytes < SCANNED_BYTES; bytes += bodyBytes) {
      if (!store.hasRoom()) {
        store.writeOnce();
      }
      store.write(batch.clear().append(logs, offered, 1, header.clear().varint(1), body), true);
      appended++;
    }
    segments = store.segments();
    store.close();
    disk = LocalDisk.open(directory);
  }

  @TearDown
  public void delete() throws IOException {
    disk.close();
    try (var files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }

  @Benchmark
  public long scan() throws IOException {
    long[] records = new long[1];
    for (long generation = 1; generation <= segments; generation++) {
      try (SegmentReader reader = new SegmentReader(disk, generation)) {
        long sequence = reader.header().firstWrite();
        int previousCrc = reader.header().previousCrc();
        while (reader.next(sequence, previousCrc)) {
          reader.records((index, offset, type, batch, payload) -> records[0]++);
          previousCrc = reader.write().crc();
          sequence++;
        }
      }
    }
    if (records[0] != appended) {
      throw new IllegalStateException(records[0] + " records were found of " + appended);
    }
    return records[0];
  }
}
