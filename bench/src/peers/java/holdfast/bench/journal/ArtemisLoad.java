package holdfast.bench.journal;

import java.io.File;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.apache.activemq.artemis.core.io.AbstractSequentialFileFactory;
import org.apache.activemq.artemis.core.io.SequentialFileFactory;
import org.apache.activemq.artemis.core.io.aio.AIOSequentialFileFactory;
import org.apache.activemq.artemis.core.io.nio.NIOSequentialFileFactory;
import org.apache.activemq.artemis.core.journal.IOCompletion;
import org.apache.activemq.artemis.core.journal.impl.JournalImpl;
import org.apache.activemq.artemis.core.journal.impl.dataformat.ByteArrayEncoding;
import org.apache.activemq.artemis.nativo.jlibaio.LibaioContext;

/// Artemis' journal, mode `nio` or `aio` (libaio): records appended with sync and a completion, and
/// each deleted, without waiting for it, once it is acknowledged, or no file would ever come free.
///
/// Sizes are those of a broker's default configuration; the time its buffer gathers is measured at
/// the start, as `artemis create` measures it: the mean time of a synced write of 4 KiB.
public final class ArtemisLoad {
  private static final int FILE_BYTES = 10 * 1024 * 1024;
  private static final int FILES_MIN = 2;
  private static final int POOL_FILES = 10;
  private static final int COMPACT_FILES_MIN = 10;
  private static final int COMPACT_PERCENTAGE = 30;
  private static final int BUFFER_BYTES = 490 * 1024;
  private static final int AIO_WRITES_MAX = 4096;

  private static final int TRIES = 20;
  private static final int WRITES = 50;
  private static final long LOOK_NS = 100_000_000;
  private static final byte RECORD_TYPE = 1;

  private final Meter meter;
  private final JournalImpl journal;
  private final Completion[] completions;
  private final int ringMask;
  private final Thread owner = Thread.currentThread();
  private volatile boolean waiting;
  private volatile String failure;
  private long appended;
  private volatile long acknowledged;

  /// One slot of the ring of outstanding records; the journal's threads complete it.
  private final class Completion implements IOCompletion {
    private final Histogram histogram;
    private final boolean sampled;
    private long appendedNs;

    /// The record this slot has acknowledged last.
    private volatile long done = -1;

    private long record;

    Completion(Histogram histogram, boolean sampled) {
      this.histogram = histogram;
      this.sampled = sampled;
    }

    void begin(long number) {
      record = number;
      if (sampled) {
        appendedNs = System.nanoTime();
      }
    }

    @Override
    public void storeLineUp() {}

    @Override
    public void done() {
      if (sampled) {
        meter.record(histogram, System.nanoTime() - appendedNs, 1);
      }
      done = record;
      wake();
    }

    @Override
    public void onError(int code, String message) {
      failure = code + " " + message;
      wake();
    }
  }

  private ArtemisLoad(Meter meter) throws Exception {
    this.meter = meter;
    long gatheringNs = syncedWriteNs(meter.directory());
    meter.remark("gathers for " + gatheringNs / 1000 + " us");
    SequentialFileFactory files = files(meter, gatheringNs);
    journal =
        new JournalImpl(
            FILE_BYTES,
            FILES_MIN,
            POOL_FILES,
            COMPACT_FILES_MIN,
            COMPACT_PERCENTAGE,
            files,
            "journal",
            "data",
            files.getMaxIO());
    journal.start();
    journal.load(new ArrayList<>(), new ArrayList<>(), null);
    int ring = Math.max(16, Integer.highestOneBit(meter.outstanding()) * 2);
    ringMask = ring - 1;
    completions = new Completion[ring];
    Histogram histogram = meter.newSharedHistogram();
    for (int i = 0; i < ring; i++) {
      completions[i] = new Completion(histogram, (i & meter.sampleMask()) == 0);
    }
  }

  private static SequentialFileFactory files(Meter meter, long gatheringNs)
      throws Meter.Unavailable {
    File directory = meter.directory().toFile();
    int gathering = Math.toIntExact(gatheringNs);
    AbstractSequentialFileFactory files;
    if (meter.mode().equals("aio")) {
      try {
        if (!LibaioContext.isLoaded()) {
          throw new Meter.Unavailable(
              "Artemis' native library does not load: it needs Linux on x86-64 and libaio"
                  + " (apt-get install libaio1)");
        }
      } catch (LinkageError e) {
        throw new Meter.Unavailable("Artemis' native library does not load: " + e);
      }
      files =
          new AIOSequentialFileFactory(directory, BUFFER_BYTES, gathering, AIO_WRITES_MAX, false);
    } else {
      files = new NIOSequentialFileFactory(directory, true, BUFFER_BYTES, gathering, 1, false);
    }
    return files.setDatasync(true);
  }

  /// Mean time of a synced write of a block over a prepared file: the best of some tries, so that a
  /// stranger's disk work does not make it gather longer than it should.
  private static long syncedWriteNs(Path directory) throws Exception {
    Files.createDirectories(directory);
    Path file = directory.resolve("synced-write.tmp");
    long best = Long.MAX_VALUE;
    try (FileChannel c =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      ByteBuffer block = ByteBuffer.allocateDirect(4096);
      for (int i = 0; i < TRIES; i++) {
        long began = System.nanoTime();
        for (int j = 0; j < WRITES; j++) {
          c.write(block.clear(), j * 4096L);
          c.force(false);
        }
        best = Math.min(best, System.nanoTime() - began);
      }
    }
    Files.delete(file);
    return best / WRITES;
  }

  public static void main(String[] arguments) {
    Meter.run(arguments, ArtemisLoad::load);
  }

  private static void load(Meter meter) throws Exception {
    ArtemisLoad load = new ArtemisLoad(meter);
    meter.start(() -> load.acknowledged);
    ByteArrayEncoding record = new ByteArrayEncoding(meter.body());
    while (!meter.isOver()) {
      if (!load.append(record)) {
        load.await();
      }
      load.harvest();
    }
    load.journal.stop();
  }

  /// False when so many are outstanding as are asked for.
  private boolean append(ByteArrayEncoding record) throws Exception {
    if (appended - acknowledged >= meter.outstanding()) {
      return false;
    }
    Completion completion = completions[(int) appended & ringMask];
    completion.begin(appended);
    journal.appendAddRecord(appended, RECORD_TYPE, record, true, completion);
    appended++;
    return true;
  }

  private boolean isNextDone() {
    return completions[(int) acknowledged & ringMask].done == acknowledged;
  }

  private void harvest() throws Exception {
    while (acknowledged < appended && isNextDone()) {
      journal.appendDeleteRecord(acknowledged, false);
      acknowledged++;
    }
    if (failure != null) {
      throw new IllegalStateException("Artemis' journal failed: " + failure);
    }
  }

  private void await() {
    waiting = true;
    if (!isNextDone() && failure == null) {
      LockSupport.parkNanos(LOOK_NS);
    }
    waiting = false;
  }

  private void wake() {
    if (waiting) {
      LockSupport.unpark(owner);
    }
  }
}
