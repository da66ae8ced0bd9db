package holdfast.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The store as it runs: a real directory, the writer's thread, a background thread.
@Timeout(60)
class LocalStoreTest {
  private static final int KIB = 1024;
  private static final long NEVER_MS = 3_600_000;

  @TempDir Path directory;

  /// Waits for the store's news.
  private static final class News implements Store.Listener {
    private long durable;
    private StoreFailedException failure;
    private final List<String> warnings = new ArrayList<>();

    @Override
    public synchronized void durable(long position) {
      durable = position;
      notifyAll();
    }

    @Override
    public synchronized void room() {
      notifyAll();
    }

    @Override
    public synchronized void fetched() {
      notifyAll();
    }

    @Override
    public synchronized void failed(StoreFailedException cause) {
      failure = cause;
      notifyAll();
    }

    @Override
    public synchronized void warned(String what, Exception cause) {
      warnings.add(what + ": " + cause);
    }

    synchronized void awaitDurable(long position) throws InterruptedException {
      while (durable < position && failure == null) {
        wait();
      }
      assertThat(failure).isNull();
    }

    synchronized void awaitRoom(Store store, int bytes) throws InterruptedException {
      while (!store.hasRoom(bytes) && failure == null) {
        wait();
      }
      assertThat(failure).isNull();
    }

    synchronized void awaitRoom(Store store) throws InterruptedException {
      while (!store.hasRoom() && failure == null) {
        wait();
      }
      assertThat(failure).isNull();
    }
  }

  /// An open store with its threads.
  private static final class Running implements AutoCloseable {
    final News news = new News();
    final ExecutorService background = Executors.newSingleThreadExecutor();
    final Store store;

    Running(Path directory, StoreOptions options) throws IOException {
      store = Store.open(LocalDisk.open(directory), options, news, background, Runnable::run);
      store.start();
    }

    @Override
    public void close() throws IOException {
      background.shutdown();
      try {
        assertThat(background.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      store.close();
      assertThat(news.warnings).isEmpty();
    }
  }

  private static StoreOptions options(long idleMarkMs) {
    return new StoreOptions(
        512 * KIB,
        2048 * KIB,
        256 * KIB,
        32 * KIB,
        idleMarkMs,
        1,
        4096 * KIB,
        8 * KIB,
        SyncPolicy.SYNC,
        64 * KIB);
  }

  @Test
  void refusesADirectoryThatAnotherStoreHolds() throws Exception {
    try (LocalDisk held = LocalDisk.open(directory)) {
      assertThat(held.description()).isEqualTo(directory.toString());
      assertThatThrownBy(() -> LocalDisk.open(directory))
          .isInstanceOf(DirectoryLockedException.class)
          .hasMessageContaining(directory.toString())
          .hasMessageContaining("in use by another broker");
    }
    LocalDisk.open(directory).close();
  }

  @Test
  void keepsAHundredThousandEntriesOfFourLogs() throws Exception {
    int count = 100_000;
    long seed = 11;
    try (Running running = new Running(directory, options(75))) {
      Store store = running.store;
      List<Log> logs = new ArrayList<>();
      Batch batch = new Batch();
      for (int i = 0; i < 4; i++) {
        logs.add(store.newLog());
        batch.createLog(logs.getLast());
      }
      long position = store.write(batch, true);
      ByteWriter header = new ByteWriter(8);
      for (int i = 0; i < count; i++) {
        running.news.awaitRoom(store);
        Log log = logs.get(i % 4);
        header.clear().varint(i);
        batch.clear().append(new Log[] {log}, new boolean[1], 1, header, body(seed, i));
        if (log.id() == 2 && log.next() >= 100) {
          batch.settle(log, log.next() - 100, 1);
        }
        position = store.write(batch, true);
        if (i % 64 == 0) {
          store.kick();
          store.tend();
        }
      }
      store.kick();
      running.news.awaitDurable(position);
      assertThat(store.writtenBytes()).isGreaterThan(5L * 1024 * KIB);
    }
    try (Running running = new Running(directory, options(75))) {
      assertThat(running.store.warnings()).isEmpty();
      long[] next = new long[1];
      for (Log log : running.store.logs()) {
        int[] found = new int[1];
        for (long from = log.low(); from < log.next(); from = next[0]) {
          next[0] = log.next();
          running.store.fetch(
              log,
              from,
              log.next(),
              64 * KIB,
              1000,
              entries -> {
                for (FetchedEntry entry : entries) {
                  long i = new ByteReader(entry.header()).varint();
                  assertThat(i).isEqualTo(entry.sequence() * 4 + log.id() - 1);
                  assertThat(entry.body()).isEqualTo(body(seed, i));
                  assertThat(entry.offered()).isFalse();
                  found[0] += log.isLive(entry.sequence()) ? 1 : 0;
                  next[0] = entry.sequence() + 1;
                }
              });
          assertThat(running.store.handOverFetched()).isTrue();
        }
        assertThat(log.next()).isEqualTo(count / 4);
        assertThat(found[0]).isEqualTo(log.id() == 2 ? 100 : count / 4);
      }
    }
  }

  private static byte[] body(long seed, long i) {
    SplittableRandom dice = new SplittableRandom(seed + i);
    byte[] body = new byte[dice.nextInt(200)];
    dice.nextBytes(body);
    return body;
  }

  @Test
  void makesOneDeviceWriteForEachEntryThatIsAwaitedAlone() throws Exception {
    try (Running running = new Running(directory, options(NEVER_MS))) {
      for (int i = 1; i <= 50; i++) {
        long position = running.store.write(new Batch().put("key", new byte[i]), true);
        running.store.kick();
        running.news.awaitDurable(position);
        assertThat(running.store.writes()).isEqualTo(i);
      }
    }
  }

  @Test
  void makesNoWriteForLazyEntriesUntilOneIsAwaited() throws Exception {
    try (Running running = new Running(directory, options(NEVER_MS))) {
      long position = 0;
      for (int i = 0; i < 200; i++) {
        position = running.store.write(new Batch().put("key", new byte[20]), false);
        running.store.kick();
      }
      long awaited = running.store.write(new Batch().put("key", new byte[1]), true);
      running.store.kick();
      running.news.awaitDurable(awaited);
      assertThat(awaited).isEqualTo(position);
      assertThat(running.store.writes()).isEqualTo(1);
    }
  }

  @Test
  void writesLazyEntriesWhenAQuarterOfABufferHasGathered() throws Exception {
    try (Running running = new Running(directory, options(NEVER_MS))) {
      Batch batch = new Batch().put("key", new byte[40 * KIB]);
      long first = running.store.write(batch, false);
      running.store.write(batch, false);
      running.news.awaitDurable(first);
    }
  }

  @Test
  void marksTheEndOnceWhenItIsIdle() throws Exception {
    try (Running running = new Running(directory, options(1))) {
      long expected = 1;
      for (int i = 0; i < 40; i++) {
        long position = running.store.write(new Batch().put("key", new byte[1]), true);
        assertThat(position).isEqualTo(expected);
        running.store.kick();
        running.news.awaitDurable(position + 1);
        expected = position + 2;
      }
    }
  }

  @Test
  void writesWhatIsLazyWhenItIsClosedAndMayBeClosedTwice() throws Exception {
    Running running = new Running(directory, options(NEVER_MS));
    running.store.write(new Batch().put("key", new byte[] {7}), false);
    running.close();
    running.store.close();
    try (Running again = new Running(directory, options(NEVER_MS))) {
      assertThat(again.store.definitions().get("key")).containsExactly(7);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void isClosedForGoodByAReadThatCannotBeDoneAndSaysSo(boolean wantOfMemory) throws Exception {
    News news = new News();
    LocalDisk disk = LocalDisk.open(directory);
    AtomicBoolean refuses = new AtomicBoolean();
    Disk moody =
        (Disk)
            Proxy.newProxyInstance(
                Disk.class.getClassLoader(),
                new Class<?>[] {Disk.class},
                (proxy, method, arguments) -> {
                  if (refuses.get() && method.getName().equals("open")) {
                    throw wantOfMemory
                        ? new OutOfMemoryError("on purpose")
                        : new IOException("Input/output error");
                  }
                  return method.invoke(disk, arguments);
                });
    try (Store store = Store.open(moody, options(NEVER_MS), news, Runnable::run, Runnable::run)) {
      store.start();
      Log log = store.newLog();
      ByteWriter header = new ByteWriter(1);
      Batch batch = new Batch().createLog(log);
      long position =
          store.write(batch.append(new Log[] {log}, new boolean[1], 1, header, new byte[9]), true);
      store.kick();
      news.awaitDurable(position);
      refuses.set(true);
      store.fetch(log, 0, 1, KIB, 1, entries -> assertThat(entries).isNull());
      assertThat(store.handOverFetched()).isFalse();
      assertThat(news.failure).hasMessageContaining("reading messages back failed");
    }
  }

  @Test
  void refusesToSettleTwiceBeforeAnythingIsWritten() throws Exception {
    try (Running running = new Running(directory, options(NEVER_MS))) {
      Store store = running.store;
      Log log = store.newLog();
      ByteWriter header = new ByteWriter(1);
      store.write(
          new Batch()
              .createLog(log)
              .append(new Log[] {log}, new boolean[1], 1, header, new byte[1])
              .settle(log, 0, 1),
          true);
      assertThatThrownBy(() -> new Batch().settle(log, 0, 1))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("settled already");
      assertThatThrownBy(() -> new Batch().settle(log, 1, 1))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("not appended yet");
    }
  }

  /// Ten thousand entries of a hundred logs at once, some of them settled at once, again and again:
  /// the writer makes the room that each of them waits for.
  @Test
  void takesBatchesOfTenThousandEntries() throws Exception {
    StoreOptions options = StoreOptions.standard();
    try (Running running = new Running(directory, options)) {
      Store store = running.store;
      Log[] logs = new Log[100];
      Batch batch = new Batch();
      for (int i = 0; i < logs.length; i++) {
        logs[i] = store.newLog();
        batch.createLog(logs[i]);
      }
      store.write(batch, true);
      ByteWriter header = new ByteWriter(8).u8(7);
      long position = 0;
      for (int round = 0; round < 5; round++) {
        batch.clear();
        for (int i = 0; i < 10_000; i++) {
          Log log = logs[i % logs.length];
          batch.append(new Log[] {log}, new boolean[1], 1, header, new byte[i % 90]);
          if (i % 1000 == 0) {
            batch.settle(log, log.next() + i / logs.length, 1);
          }
        }
        assertThat(batch.length()).isBetween(500_000, store.largeBatchBytesMax());
        running.news.awaitRoom(store, batch.length());
        position = store.write(batch, true);
      }
      store.kick();
      running.news.awaitDurable(position);
      assertThat(store.hasRoom(store.largeBatchBytesMax())).isTrue();
      assertThatThrownBy(() -> store.hasRoom(store.largeBatchBytesMax() + 1))
          .isInstanceOf(IllegalArgumentException.class);
    }
    try (Running running = new Running(directory, options)) {
      Store store = running.store;
      for (Log log : store.logs()) {
        List<FetchedEntry> entries = new ArrayList<>();
        store.fetch(log, 0, log.next(), 1 << 30, 1000, entries::addAll);
        assertThat(store.handOverFetched()).isTrue();
        assertThat(entries).hasSize((int) log.live());
        assertThat(log.live()).isBetween(450L, 500L);
        assertThat(entries)
            .allMatch(
                each -> each.body().length == (each.sequence() % 100 * 100 + logIndex(log)) % 90);
      }
    }
  }

  private static long logIndex(Log log) {
    return log.id() - 1;
  }
}
