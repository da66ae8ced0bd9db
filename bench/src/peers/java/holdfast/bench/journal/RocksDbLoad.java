package holdfast.bench.journal;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/// RocksDB with its default options and a synced write-ahead log. Its callers block, so N
/// outstanding are N threads, whose writes it commits in groups, up to 256; beyond, 256 threads
/// each of which writes batches of as many records as make N together.
///
/// What is acknowledged is deleted by ranges, without waiting for it, as the other loads settle or
/// delete it.
public final class RocksDbLoad {
  private static final int THREADS_MAX = 256;
  private static final int KEY_BYTES = 12;

  /// Records of all threads together between two deletions of one thread.
  private static final int DELETED_TOGETHER = 4096;

  private final Meter meter;
  private final RocksDB db;
  private final int threads;
  private final int batchRecords;
  private final LongAdder acknowledged = new LongAdder();
  private final AtomicReference<Exception> failure = new AtomicReference<>();

  private RocksDbLoad(Meter meter, RocksDB db) {
    this.meter = meter;
    this.db = db;
    threads = Math.min(THREADS_MAX, meter.outstanding());
    batchRecords = Math.ceilDiv(meter.outstanding(), threads);
    if (batchRecords > 1) {
      meter.remark(threads + " threads, batches of " + batchRecords);
    } else {
      meter.remark(threads + (threads == 1 ? " thread" : " threads"));
    }
  }

  public static void main(String[] arguments) {
    Meter.run(arguments, RocksDbLoad::load);
  }

  private static void load(Meter meter) throws Exception {
    RocksDB.loadLibrary();
    Files.createDirectories(meter.directory());
    try (Options options = new Options().setCreateIfMissing(true);
        RocksDB db = RocksDB.open(options, meter.directory().toString())) {
      RocksDbLoad load = new RocksDbLoad(meter, db);
      meter.start(load.acknowledged::sum);
      List<Thread> running = new ArrayList<>();
      for (int i = 0; i < load.threads; i++) {
        int number = i;
        running.add(Thread.ofPlatform().name("writer-" + i).start(() -> load.write(number)));
      }
      for (Thread thread : running) {
        thread.join();
      }
      if (load.failure.get() != null) {
        throw load.failure.get();
      }
    }
  }

  private void write(int thread) {
    Histogram histogram = meter.newHistogram();
    ByteBuffer from = ByteBuffer.allocate(KEY_BYTES).putInt(0, thread);
    ByteBuffer key = ByteBuffer.allocate(KEY_BYTES).putInt(0, thread);
    byte[] body = meter.body();
    int deletedTogether = Math.max(64, DELETED_TOGETHER / threads);
    long next = 0;
    long deleted = 0;
    try (WriteOptions synced = new WriteOptions().setSync(true);
        WriteOptions unsynced = new WriteOptions();
        WriteBatch batch = new WriteBatch()) {
      while (!meter.isOver() && failure.get() == null) {
        long began = System.nanoTime();
        batch.clear();
        for (int i = 0; i < batchRecords; i++) {
          batch.put(key.putLong(4, next++).array(), body);
        }
        db.write(synced, batch);
        meter.record(histogram, System.nanoTime() - began, batchRecords);
        acknowledged.add(batchRecords);
        if (next - deleted >= deletedTogether) {
          db.deleteRange(unsynced, from.putLong(4, deleted).array(), key.putLong(4, next).array());
          deleted = next;
        }
      }
    } catch (RocksDBException e) {
      failure.set(e);
    }
  }
}
