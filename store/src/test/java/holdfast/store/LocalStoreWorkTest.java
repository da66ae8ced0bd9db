package holdfast.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The store with all its threads on a real directory: one owner appends, settles out of order and
/// reads back, while the writer, upkeep and readers work beside it. Then it is opened again and
/// compared with what the owner remembers.
///
/// `-Dholdfast.seed=N` replays the choices of one run, `-Dholdfast.seconds=N` makes it longer.
@Timeout(600)
class LocalStoreWorkTest {
  private static final long READS_MIN = 50;
  private static final long MOVED_MIN = 100;
  private static final long LATEST_NANOS = 60_000_000_000L;

  private static final int KIB = 1024;
  private static final int LOGS = 6;
  private static final int LIVE_MAX = 6_000;

  @TempDir Path directory;

  private final long seed = Long.getLong("holdfast.seed", 7L);
  private final SplittableRandom dice = new SplittableRandom(seed);

  /// By log: the seeds of the live entries' bytes.
  private final TreeMap<Long, TreeMap<Long, Long>> live = new TreeMap<>();

  private final TreeMap<Long, Integer> reading = new TreeMap<>();
  private long reads;
  private long readEntries;

  private static StoreOptions options() {
    return new StoreOptions(
        128 * KIB,
        256 * KIB,
        64 * KIB,
        8 * KIB,
        20,
        1,
        1024 * KIB,
        4 * KIB,
        SyncPolicy.SYNC,
        64 * KIB);
  }

  private static final class News implements Store.Listener {
    private final List<String> trouble = new ArrayList<>();
    private long news;

    @Override
    public synchronized void durable(long position) {
      news++;
      notifyAll();
    }

    @Override
    public synchronized void room() {
      news++;
      notifyAll();
    }

    @Override
    public synchronized void fetched() {
      news++;
      notifyAll();
    }

    @Override
    public synchronized void failed(StoreFailedException failure) {
      trouble.add("failed: " + failure);
      notifyAll();
    }

    @Override
    public synchronized void warned(String what, Exception cause) {
      trouble.add(what + ": " + cause);
    }

    /// Until there is news, or for a moment.
    synchronized void pause() throws InterruptedException {
      long before = news;
      long deadline = System.nanoTime() + 5_000_000;
      while (news == before && System.nanoTime() < deadline) {
        wait(5);
      }
    }

    synchronized void requireNone() {
      assertThat(trouble).isEmpty();
    }
  }

  private static final class Running implements AutoCloseable {
    final News news = new News();
    final ExecutorService background = Executors.newSingleThreadExecutor();
    final ExecutorService readers = Executors.newFixedThreadPool(2);
    final Store store;

    Running(Path directory) throws IOException {
      store = Store.open(LocalDisk.open(directory), options(), news, background, readers);
      store.start();
    }

    @Override
    public void close() throws IOException {
      readers.shutdown();
      background.shutdown();
      try {
        assertThat(readers.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        assertThat(background.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      store.close();
      news.requireNone();
    }
  }

  @Test
  void keepsEveryEntryWhileUpkeepAndReadersWorkBesideTheOwner() throws Exception {
    long seconds = Long.getLong("holdfast.seconds", 5L);
    long moved = 0;
    long rewritten = 0;
    for (int life = 0; life < 3; life++) {
      try (Running running = new Running(directory)) {
        requireAll(running, life);
        if (life < 2) {
          work(running, seconds * 1000 / 2);
        }
        moved += running.store.movedEntries();
        rewritten += running.store.rewrittenEntries();
      } catch (AssertionError e) {
        throw new AssertionError("seed " + seed + ", life " + life + ": " + e.getMessage(), e);
      }
    }
    System.out.println(
        "seed "
            + seed
            + ": "
            + reads
            + " reads of "
            + readEntries
            + " entries in the middle of"
            + " work, moved "
            + moved
            + ", rewritten "
            + rewritten);
    assertThat(reads).isGreaterThan(READS_MIN);
    assertThat(moved).isGreaterThan(MOVED_MIN);
  }

  private boolean isTooLittle(Store store) {
    return store.movedEntries() <= MOVED_MIN || reads <= READS_MIN;
  }

  private void work(Running running, long ms) throws InterruptedException {
    Store store = running.store;
    if (store.logs().isEmpty()) {
      Batch batch = new Batch();
      for (int i = 0; i < LOGS; i++) {
        Log log = store.newLog();
        batch.createLog(log);
        live.put(log.id(), new TreeMap<>());
      }
      store.write(batch, true);
    }
    long begin = System.nanoTime();
    long end = begin + ms * 1_000_000;
    long latest = begin + LATEST_NANOS;
    // For a while, and on a busy machine until there was something to see.
    for (long i = 0;
        System.nanoTime() < end || isTooLittle(store) && System.nanoTime() < latest;
        i++) {
      while (!store.hasRoom()) {
        running.news.requireNone();
        running.news.pause();
      }
      step(store);
      if (i % 16 == 0) {
        store.kick();
        store.tend();
      }
      if (i % 512 == 0) {
        running.news.pause();
        store.wantsTending();
      }
      while (store.hasFetched()) {
        store.handOverFetched();
      }
    }
    while (!reading.isEmpty()) {
      running.news.requireNone();
      running.news.pause();
      while (store.hasFetched()) {
        store.handOverFetched();
      }
    }
  }

  private void step(Store store) {
    List<Log> logs = new ArrayList<>(store.logs());
    Log log = logs.get(dice.nextInt(logs.size()));
    TreeMap<Long, Long> entries = live.get(log.id());
    int roll = dice.nextInt(100);
    long all = live.values().stream().mapToLong(TreeMap::size).sum();
    if (roll == 0) {
      read(store, log, entries);
    } else if (roll < (all > LIVE_MAX ? 40 : 60)) {
      append(store, logs, log);
    } else if (!entries.isEmpty()) {
      settle(store, log, entries);
    }
  }

  private void append(Store store, List<Log> logs, Log log) {
    List<Log> targets = dice.nextInt(8) == 0 ? logs : List.of(log);
    long bytesSeed = dice.nextLong();
    byte[] body = body(bytesSeed);
    ByteWriter header = new ByteWriter(8);
    header.varint(bytesSeed >>> 1);
    Log[] array = targets.toArray(new Log[0]);
    Batch batch = new Batch();
    for (Log target : targets) {
      live.get(target.id()).put(target.next(), bytesSeed);
    }
    if (!store.isLarge(body.length)) {
      batch.append(array, new boolean[array.length], array.length, header, body);
      store.write(batch, true);
      return;
    }
    LargeBody large = store.beginLarge(body);
    boolean written = false;
    while (!written) {
      while (!store.hasRoom()) {
        Thread.onSpinWait();
      }
      written = store.writePart(large);
    }
    while (!store.hasRoom()) {
      Thread.onSpinWait();
    }
    batch.append(array, new boolean[array.length], array.length, header, large);
    store.write(batch, true);
    store.endLarge(large);
  }

  private static byte[] body(long seed) {
    SplittableRandom bytes = new SplittableRandom(seed);
    int kind = bytes.nextInt(200);
    byte[] body = new byte[kind == 0 ? 40_000 : kind < 20 ? 1_500 : bytes.nextInt(300)];
    bytes.nextBytes(body);
    return body;
  }

  /// A run from anywhere, rarely from the front: holes everywhere.
  private void settle(Store store, Log log, TreeMap<Long, Long> entries) {
    long low = entries.firstKey();
    long from = low + dice.nextLong(entries.lastKey() - low + 1);
    long first = log.nextLive(from);
    long count = log.liveRunEnd(first, 1 + dice.nextInt(12)) - first;
    store.write(new Batch().settle(log, first, count), false);
    entries.subMap(first, first + count).clear();
  }

  /// What is confirmed only: it is on disk.
  private void read(Store store, Log log, TreeMap<Long, Long> entries) {
    if (reading.containsKey(log.id()) || entries.isEmpty()) {
      return;
    }
    // One awaited write later everything of now is on disk: the mark tells.
    long position = store.write(new Batch().put("mark", new byte[1]), true);
    store.kick();
    while (store.durable() < position) {
      Thread.onSpinWait();
    }
    long from = entries.firstKey() + dice.nextLong(entries.lastKey() - entries.firstKey() + 1);
    TreeMap<Long, Long> planned = new TreeMap<>(entries.tailMap(from));
    reading.put(log.id(), 1);
    store.fetch(
        log,
        from,
        log.next(),
        32 * KIB,
        100,
        found -> {
          reading.remove(log.id());
          reads++;
          readEntries += found.size();
          assertThat(found.isEmpty()).isEqualTo(planned.isEmpty());
          long before = from - 1;
          for (FetchedEntry entry : found) {
            assertThat(planned.subMap(before + 1, entry.sequence())).isEmpty();
            Long bytesSeed = planned.get(entry.sequence());
            if (bytesSeed != null) {
              require(entry, bytesSeed);
            }
            before = entry.sequence();
          }
        });
  }

  private static void require(FetchedEntry entry, long bytesSeed) {
    assertThat(new ByteReader(entry.header()).varint()).isEqualTo(bytesSeed >>> 1);
    assertThat(entry.body()).isEqualTo(body(bytesSeed));
  }

  /// Reads everything back and compares.
  private void requireAll(Running running, int life) throws InterruptedException {
    Store store = running.store;
    assertThat(store.logs()).hasSize(life == 0 ? 0 : LOGS);
    long[] next = new long[1];
    for (Log log : store.logs()) {
      TreeMap<Long, Long> expected = live.get(log.id());
      assertThat(log.live()).isEqualTo(expected.size());
      int[] found = new int[1];
      for (long from = log.low(); from < log.next(); from = next[0]) {
        next[0] = log.next();
        store.fetch(
            log,
            from,
            log.next(),
            64 * KIB,
            500,
            entries -> {
              for (FetchedEntry entry : entries) {
                if (log.isLive(entry.sequence())) {
                  require(entry, expected.get(entry.sequence()));
                  found[0]++;
                }
                next[0] = entry.sequence() + 1;
              }
            });
        while (!store.handOverFetched()) {
          running.news.requireNone();
          running.news.pause();
        }
      }
      assertThat(found[0]).isEqualTo(expected.size());
    }
  }
}
