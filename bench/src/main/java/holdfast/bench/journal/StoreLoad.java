package holdfast.bench.journal;

import holdfast.store.Batch;
import holdfast.store.ByteWriter;
import holdfast.store.LocalDisk;
import holdfast.store.Log;
import holdfast.store.Store;
import holdfast.store.StoreFailedException;
import holdfast.store.StoreOptions;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/// The store, as a broker's gate uses it: one thread appends a batch of one entry for each record
/// as long as fewer than the number asked for wait for the disk, settles ranges of durable entries
/// without waiting for it, tends and kicks after each round.
///
/// Mode `writer` leaves writing to the store's own thread; mode `caller` writes on the appending
/// thread, one record a device write, so that no hand-over between threads is in the figure.
///
/// Everything but the listener's fields belongs to the one thread that owns the store.
public final class StoreLoad {
  /// As many steps as one drain of the gate has.
  private static final int ROUND = 4096;

  private static final int SETTLED_TOGETHER = 1024;
  private static final long LOOK_NS = 100_000_000;

  /// What the store's threads tell the owner.
  private static final class News implements Store.Listener {
    private static final int TIMES = 1024;

    private final Thread owner = Thread.currentThread();

    /// When a position became durable. The owner alone appends, so the writer is never a thousand
    /// writes ahead of it.
    private final long[] times = new long[TIMES];

    private volatile long durable;
    private volatile boolean room;
    private volatile boolean waiting;
    private volatile StoreFailedException failure;

    @Override
    public void durable(long position) {
      times[(int) position & TIMES - 1] = System.nanoTime();
      durable = position;
      wake();
    }

    @Override
    public void fetched() {}

    @Override
    public void room() {
      room = true;
      wake();
    }

    @Override
    public void failed(StoreFailedException cause) {
      failure = cause;
      wake();
    }

    @Override
    public void warned(String what, Exception cause) {
      System.err.println(what + ": " + cause);
    }

    private void wake() {
      if (waiting) {
        LockSupport.unpark(owner);
      }
    }

    long timeOf(long position) {
      return times[(int) position & TIMES - 1];
    }

    /// Waits for news since `seen`.
    void await(long seen) {
      waiting = true;
      if (durable == seen && !room && failure == null) {
        LockSupport.parkNanos(LOOK_NS);
      }
      waiting = false;
      if (failure != null) {
        throw failure;
      }
    }
  }

  private final Meter meter;
  private final News news = new News();
  private final Store store;
  private final Histogram latencies;
  private final boolean callerWrites;
  private final Log[] log;
  private final boolean[] offered = new boolean[1];
  private final Batch batch = new Batch();
  private final Batch settling = new Batch();
  private final ByteWriter header = new ByteWriter(8);
  private final byte[] body;
  private final int sampleMask;

  /// For each record that is not durable yet, and some more: its position, and when it was given.
  private final long[] positions;

  private final long[] appendedNs;
  private final int ringMask;

  /// Invariant: settled <= durable <= appended; all count entries of the log.
  private long appended;

  private volatile long durable;
  private long settled;

  private StoreLoad(Meter meter, ExecutorService background) throws Exception {
    this.meter = meter;
    callerWrites = meter.mode().equals("caller");
    LocalDisk disk = LocalDisk.open(meter.directory());
    System.err.println("written " + disk.durability());
    store = Store.open(disk, StoreOptions.standard(), news, background, background);
    store.start();
    latencies = meter.newHistogram();
    body = meter.body();
    sampleMask = meter.sampleMask();
    int ring = Math.max(16, Integer.highestOneBit(meter.outstanding()) * 2);
    positions = new long[ring];
    appendedNs = new long[ring];
    ringMask = ring - 1;
    log = new Log[] {store.newLog()};
    store.write(new Batch().createLog(log[0]), true);
  }

  public static void main(String[] arguments) {
    Meter.run(arguments, StoreLoad::load);
  }

  private static void load(Meter meter) throws Exception {
    ExecutorService background = Executors.newSingleThreadExecutor();
    StoreLoad load = new StoreLoad(meter, background);
    meter.start(() -> load.durable);
    long writes = load.store.writes();
    long bytes = load.store.writtenBytes();
    while (!meter.isOver()) {
      load.round();
    }
    double made = Math.max(1, load.store.writes() - writes);
    meter.remark(
        String.format(
            Locale.ROOT,
            "%.1f records and %.1f KiB a device write",
            load.durable / made,
            (load.store.writtenBytes() - bytes) / made / 1024));
    background.shutdown();
    background.awaitTermination(60, TimeUnit.SECONDS);
    load.store.close();
  }

  private void round() {
    long seen = news.durable;
    harvest(seen);
    settle();
    news.room = false;
    int steps = 0;
    while (steps < ROUND && appended - durable < meter.outstanding() && store.hasRoom()) {
      append();
      steps++;
    }
    store.tend();
    if (callerWrites && store.commitInline()) {
      return;
    }
    store.kick();
    if (steps == 0 || callerWrites) {
      news.await(seen);
    }
  }

  private void append() {
    int slot = (int) appended & ringMask;
    if ((appended & sampleMask) == 0) {
      appendedNs[slot] = System.nanoTime();
    }
    header.clear().varint(appended & 0x7f);
    batch.clear().append(log, offered, 1, header, body);
    positions[slot] = store.write(batch, true);
    appended++;
  }

  /// Counts what has become durable up to a position.
  private void harvest(long position) {
    long count = durable;
    while (count < appended) {
      int slot = (int) count & ringMask;
      if (positions[slot] > position) {
        break;
      }
      if ((count & sampleMask) == 0) {
        meter.record(latencies, news.timeOf(positions[slot]) - appendedNs[slot], 1);
      }
      count++;
    }
    if (count != durable) {
      durable = count;
    }
  }

  /// Settles what is durable, so that the journal's segments come free, when so many have gathered.
  private void settle() {
    while (durable - settled >= SETTLED_TOGETHER && store.hasRoom()) {
      store.write(settling.clear().settle(log[0], settled, SETTLED_TOGETHER), false);
      settled += SETTLED_TOGETHER;
    }
  }
}
