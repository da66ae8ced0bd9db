package holdfast.store;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Finds the letters of the [TimeModel] of a disk within two seconds, with a scratch file that it
/// fills with zeros first, as the journal does with its segments, and deletes at the end.
///
/// What is measured, low percentiles of few samples (a median at start measures the neighbours):
///
/// - commits of 4 KiB and of 1 MiB the way the journal makes them. Their difference is `R`, what
///   the small ones leave is `W + F` together.
/// - the same small writes without the sync. They are `W`; the rest is `F`. Where the disk takes
///   O_DIRECT they have been given to the device, which has acknowledged them, into its cache
///   maybe; `F` is then the price of having it flush. Elsewhere they are copies into the page
///   cache, and `F` contains the way to the device too: there the two say less than their sum.
/// - writes into the page cache, without any sync: the second model, that of not waiting.
/// - a thread that asks another for such a commit and waits for it: what that takes beside the
///   commit is `H`.
///
/// Owns its file, and a thread while `H` is measured. For one thread, which it keeps for up to two
/// seconds and the write that is under way then; a disk without [#FREE_BYTES_MIN] is not touched.
public final class Calibration {
  /// A disk with less room than this has other cares: nothing is written to it.
  public static final long FREE_BYTES_MIN = 256L << 20;

  static final String NAME = "calibration.tmp";

  private static final int SMALL_BYTES = Disk.BLOCK_BYTES;
  private static final int LARGE_BYTES = 1 << 20;
  private static final int SMALL_COUNT = 16;
  private static final int LARGE_COUNT = 4;
  private static final int FILE_BYTES = 2 * LARGE_BYTES;
  private static final long NS_MAX = 2_000_000_000L;
  private static final double LOW = 0.2;

  /// What was found.
  ///
  /// @param durable a commit on stable storage, with the hand-over
  /// @param cached a write into the page cache that nobody syncs: its `F` is 0
  /// @param isSplit whether `W` was measured at the device; if not, only `W + F` means something
  public record Found(TimeModel durable, TimeModel cached, boolean isSplit) {}

  private final Disk disk;
  private final long deadlineNs;
  private final ByteBuffer bytes = Bytes.alignedBuffer(LARGE_BYTES);

  private Calibration(Disk disk) {
    this.disk = disk;
    this.deadlineNs = System.nanoTime() + NS_MAX;
  }

  /// Measures, or returns null when the disk has not room enough or is so slow that two seconds are
  /// too short to say anything.
  ///
  /// @throws IOException when a write fails; the scratch file is gone then too, if it can be
  public static @Nullable Found of(Disk disk) throws IOException {
    if (disk.usableBytes() < FREE_BYTES_MIN) {
      return null;
    }
    // A process that was killed may have left one.
    disk.delete(NAME);
    try {
      return new Calibration(disk).measure();
    } finally {
      disk.delete(NAME);
    }
  }

  private @Nullable Found measure() throws IOException {
    disk.create(NAME, Disk.Access.BUFFERED).close();
    double small;
    double large;
    double handOver;
    try (DiskFile file = disk.open(NAME, Disk.Access.DURABLE)) {
      for (int at = 0; at < FILE_BYTES; at += LARGE_BYTES) {
        file.write(whole(LARGE_BYTES), at);
      }
      file.force();
      WriterLike writer = new WriterLike(file);
      handOver = writer.handOverNs();
      small = typicalNs(file, SMALL_BYTES, SMALL_COUNT);
      large = typicalNs(file, LARGE_BYTES, LARGE_COUNT);
    }
    double unsynced;
    boolean isSplit = disk instanceof LocalDisk local && local.isDirect();
    try (DiskFile file =
        disk instanceof LocalDisk local
            ? local.openUnsynced(NAME)
            : disk.open(NAME, Disk.Access.BUFFERED)) {
      unsynced = typicalNs(file, SMALL_BYTES, SMALL_COUNT);
      file.force();
    }
    double smallCached;
    double largeCached;
    try (DiskFile file = disk.open(NAME, Disk.Access.BUFFERED)) {
      smallCached = typicalNs(file, SMALL_BYTES, SMALL_COUNT);
      largeCached = typicalNs(file, LARGE_BYTES, LARGE_COUNT);
    }
    if (Double.isNaN(handOver + small + large + unsynced + smallCached + largeCached)) {
      return null;
    }
    return new Found(
        solve(small, large, unsynced).withHandOver(handOver),
        solve(smallCached, largeCached, Double.POSITIVE_INFINITY).withHandOver(handOver),
        isSplit);
  }

  /// Two equations, `small = 4 KiB/R + W + F` and `large = 1 MiB/R + W + F`, and a bound on `W`.
  static TimeModel solve(double smallNs, double largeNs, double unsyncedSmallNs) {
    // A large write that is not slower was noise: then all of it counts as transfer.
    double transferNs = largeNs > smallNs ? largeNs - smallNs : largeNs;
    double bytes = largeNs > smallNs ? LARGE_BYTES - SMALL_BYTES : LARGE_BYTES;
    double nsPerByte = Math.max(transferNs, 1) / bytes;
    double fixedNs = Math.max(0, smallNs - SMALL_BYTES * nsPerByte);
    double writeNs = Math.clamp(unsyncedSmallNs - SMALL_BYTES * nsPerByte, 0, fixedNs);
    return new TimeModel(1e9 / nsPerByte, writeNs, fixedNs - writeNs, 0);
  }

  /// A low percentile of some writes of one size, or NaN when the time was up before there were
  /// enough.
  private double typicalNs(DiskFile file, int length, int countMax) throws IOException {
    long[] ns = new long[countMax];
    int count = 0;
    for (; count < countMax && System.nanoTime() < deadlineNs; count++) {
      int at = (int) ((long) count * length % FILE_BYTES);
      ByteBuffer write = whole(length);
      long begun = System.nanoTime();
      file.write(write, at);
      ns[count] = System.nanoTime() - begun;
    }
    return count < Math.min(2, countMax) ? Double.NaN : Percentiles.sorting(ns, count, LOW);
  }

  private ByteBuffer whole(int length) {
    return bytes.clear().limit(length);
  }

  /// A thread that writes when it is asked to, as the journal's writer does, and its asker. The
  /// threads sleep while they wait, and how long it takes to be woken depends on how long they have
  /// slept: so it is measured around real writes.
  private final class WriterLike {
    private final DiskFile file;

    // Guarded by this object.
    private boolean isAsked;
    private boolean isOver;
    private long writeNs;
    private @Nullable IOException failure;

    WriterLike(DiskFile file) {
      this.file = file;
    }

    /// The middle of what is left of the asker's time when the write's is taken off, or NaN when
    /// the time was up.
    double handOverNs() throws IOException {
      Thread writer = Thread.ofPlatform().name("calibration").daemon(true).start(this::serve);
      long[] ns = new long[SMALL_COUNT];
      int count = 0;
      try {
        for (; count < SMALL_COUNT && System.nanoTime() < deadlineNs; count++) {
          long begun = System.nanoTime();
          long inWrite = ask();
          ns[count] = System.nanoTime() - begun - inWrite;
        }
      } finally {
        end(writer);
      }
      return count < 2 ? Double.NaN : Percentiles.sorting(ns, count, 0.5);
    }

    private synchronized long ask() throws IOException {
      isAsked = true;
      notifyAll();
      awaitAsked(false);
      if (failure != null) {
        throw failure;
      }
      return writeNs;
    }

    private void serve() {
      while (awaitTurn()) {
        long begun = System.nanoTime();
        try {
          file.write(whole(SMALL_BYTES), 0);
          answer(System.nanoTime() - begun, null);
        } catch (IOException e) {
          answer(0, e);
        } catch (RuntimeException e) {
          answer(0, new IOException(e));
        }
      }
    }

    private synchronized boolean awaitTurn() {
      awaitAsked(true);
      return !isOver;
    }

    private synchronized void answer(long ns, @Nullable IOException failed) {
      writeNs = ns;
      failure = failed;
      isAsked = false;
      notifyAll();
    }

    private void end(Thread writer) throws IOException {
      synchronized (this) {
        isOver = true;
        notifyAll();
      }
      try {
        writer.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while the disk was measured");
      }
    }

    /// An interrupt is kept for later: it must not reach the file, which it would close.
    private synchronized void awaitAsked(boolean wanted) {
      Uninterrupted.await(() -> {
        while (isAsked != wanted && !isOver) {
          wait();
        }
      });
    }
  }
}
