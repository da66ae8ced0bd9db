package holdfast.server;

import holdfast.store.Batch;
import holdfast.store.ByteWriter;
import holdfast.store.Disk;
import holdfast.store.LargeBody;
import holdfast.store.Log;
import holdfast.store.Store;
import holdfast.store.StoreFailedException;
import holdfast.store.StoreOptions;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// A real store under load by one thread, which keeps a number of records outstanding: it appends
/// one for every one that is confirmed, and settles what is confirmed, so that segments are
/// recycled as they are in a broker.
///
/// Owns the store and its background thread. Every method is the owner's but those of the
/// [Store.Listener].
final class DiskLoad implements Store.Listener, AutoCloseable {
  /// What a record takes in the journal beside its body: about what is told to the model.
  static final int FRAME_BYTES = 48;

  /// Records after which the writer is woken: a broker's rounds bring about so many.
  private static final int ROUND_RECORDS = 128;

  private static final int SAMPLES_MAX = 1 << 17;
  private static final long WAIT_MS = 50;
  private static final long CLOSE_SECONDS = 30;

  /// What was measured. Times are from when a record is wanted, that is when the one whose place it
  /// takes was confirmed, until its owner has heard of its own confirm.
  ///
  /// @param workNs what the owner's thread spends on one record
  record Measured(double ratePerSecond, double p50Ns, double p99Ns, double workNs) {
    /// The middle of several turns, each figure for itself.
    static Measured middle(List<Measured> turns) {
      return new Measured(
          DiskFigures.middle(turns.stream().mapToDouble(Measured::ratePerSecond).toArray()),
          DiskFigures.middle(turns.stream().mapToDouble(Measured::p50Ns).toArray()),
          DiskFigures.middle(turns.stream().mapToDouble(Measured::p99Ns).toArray()),
          DiskFigures.middle(turns.stream().mapToDouble(Measured::workNs).toArray()));
    }
  }

  private final ExecutorService background =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().name("bench-background").daemon(true).factory());
  private final BooleanSupplier stopped;
  private final Store store;
  private final Log log;
  private final boolean[] offered = {true};
  private final Log[] target = new Log[1];
  private final ByteWriter header = new ByteWriter(16);
  private final Batch batch = new Batch();
  private final Batch settling = new Batch();

  private long settled;
  private long confirmed;

  // Guarded by this object.
  private boolean news;
  private @Nullable IOException failure;

  /// Opens the store on a disk, which is its own from then on.
  ///
  /// @param stopped asked between any two steps: true ends the work early, and for good
  DiskLoad(Disk disk, StoreOptions options, BooleanSupplier stopped) throws IOException {
    this.stopped = stopped;
    store = Store.open(disk, options, this, background, background);
    store.start();
    log = store.newLog();
    target[0] = log;
    store.write(new Batch().createLog(log), true);
    header.varint(0);
  }

  @Override
  public synchronized void durable(long position) {
    news = true;
    notifyAll();
  }

  @Override
  public synchronized void room() {
    news = true;
    notifyAll();
  }

  @Override
  public synchronized void fetched() {
    news = true;
    notifyAll();
  }

  @Override
  public synchronized void failed(StoreFailedException cause) {
    failure = new IOException(cause.getMessage(), cause);
    notifyAll();
  }

  @Override
  public synchronized void warned(String what, Exception cause) {
    // What fails in the background ends in a failed write if it matters: a full disk does.
    if (failure == null) {
      failure = new IOException(what + " failed: " + cause, cause);
    }
    notifyAll();
  }

  private synchronized void awaitNews() throws IOException, InterruptedException {
    // Not for ever: a checkpoint that has been written is no news, and something may wait for it.
    long untilNs = System.nanoTime() + WAIT_MS * 1_000_000;
    while (!news && failure == null && System.nanoTime() < untilNs) {
      wait(WAIT_MS);
    }
    news = false;
    if (failure != null) {
      throw failure;
    }
  }

  /// Keeps `outstanding` records of `bodyBytes` under way for a time, of which the first fifth is
  /// not counted.
  Measured run(int bodyBytes, int outstanding, long forNs)
      throws IOException, InterruptedException {
    byte[] body = new byte[bodyBytes];
    Arrays.fill(body, (byte) 'h');
    long[] positions = new long[outstanding];
    long[] begun = new long[outstanding];
    Samples samples = new Samples();
    long startNs = System.nanoTime();
    Arrays.fill(begun, startNs);
    long countFromNs = startNs + forNs / 5;
    long endNs = startNs + forNs;
    long appended = confirmed;
    long counted = 0;
    long firstCountedNs = 0;
    long lastNs = startNs;
    boolean isOver = false;
    Samples work = new Samples();
    while (!stopped.getAsBoolean() && (!isOver || confirmed < appended)) {
      long durable = store.durable();
      long nowNs = System.nanoTime();
      while (confirmed < appended && positions[(int) (confirmed % outstanding)] <= durable) {
        int slot = (int) (confirmed++ % outstanding);
        if (begun[slot] >= countFromNs && !isOver) {
          samples.add(nowNs - begun[slot]);
        }
        // The next one is wanted from now on, whether or not the journal has room for it.
        begun[slot] = nowNs;
        counted += firstCountedNs > 0 && !isOver ? 1 : 0;
      }
      if (!isOver) {
        lastNs = nowNs;
        firstCountedNs = firstCountedNs == 0 && nowNs >= countFromNs ? nowNs : firstCountedNs;
      }
      isOver |= nowNs >= endNs && samples.count() > 0;
      long workFromNs = System.nanoTime();
      long appendedBefore = appended;
      boolean refused = settle();
      int round = 0;
      while (!isOver && !refused && appended - confirmed < outstanding) {
        int slot = (int) (appended % outstanding);
        positions[slot] = append(body);
        refused = positions[slot] == 0;
        appended += refused ? 0 : 1;
        if (++round % ROUND_RECORDS == 0) {
          store.kick();
        }
      }
      if (appended > appendedBefore) {
        work.add((System.nanoTime() - workFromNs) / (appended - appendedBefore));
      }
      store.kick();
      if (store.hasRoom()) {
        store.tend();
      }
      if (store.durable() == durable) {
        awaitNews();
      }
    }
    double seconds = Math.max(1, lastNs - firstCountedNs) / 1e9;
    return new Measured(
        counted / seconds, samples.percentile(50), samples.percentile(99), work.percentile(50));
  }

  /// True when there was no room to settle what is confirmed.
  private boolean settle() {
    if (settled == confirmed) {
      return false;
    }
    if (!store.hasRoom()) {
      return true;
    }
    store.write(settling.clear().settle(log, settled, confirmed - settled), false);
    settled = confirmed;
    return false;
  }

  /// The position of the record, or 0 when there was no room for it.
  private long append(byte[] body) throws IOException, InterruptedException {
    if (!store.hasRoom()) {
      return 0;
    }
    if (!store.isLarge(body.length)) {
      return store.write(batch.clear().append(target, offered, 1, header, body), true);
    }
    LargeBody large = store.beginLarge(body);
    try {
      do {
        awaitRoom();
      } while (!store.writePart(large));
      awaitRoom();
      return store.write(batch.clear().append(target, offered, 1, header, large), true);
    } finally {
      store.endLarge(large);
    }
  }

  private void awaitRoom() throws IOException, InterruptedException {
    while (!store.hasRoom() && !stopped.getAsBoolean()) {
      awaitNews();
    }
  }

  Store store() {
    return store;
  }

  @Override
  public void close() throws IOException {
    background.shutdown();
    try {
      if (!background.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException("the background work of the store has not ended");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    store.close();
  }

  /// Times, of which every second is dropped whenever there are too many.
  private static final class Samples {
    private final long[] kept = new long[SAMPLES_MAX];
    private int count;
    private long stride = 1;
    private long skipped;

    void add(long ns) {
      if (++skipped < stride) {
        return;
      }
      skipped = 0;
      if (count == SAMPLES_MAX) {
        count /= 2;
        for (int i = 0; i < count; i++) {
          kept[i] = kept[2 * i];
        }
        stride *= 2;
      }
      kept[count++] = ns;
    }

    int count() {
      return count;
    }

    double percentile(int percent) {
      if (count == 0) {
        return Double.NaN;
      }
      Arrays.sort(kept, 0, count);
      return kept[(int) ((count - 1) * (long) percent / 100)];
    }
  }
}
