package holdfast.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import holdfast.store.Batch;
import holdfast.store.ByteReader;
import holdfast.store.ByteWriter;
import holdfast.store.FetchedEntry;
import holdfast.store.LocalDisk;
import holdfast.store.Log;
import holdfast.store.Store;
import holdfast.store.StoreFailedException;
import holdfast.store.StoreOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/// The store alone, without a broker: two logs in one journal, and a batch that moves an entry from
/// one to the other so that it is never in both and never in none.
///
/// `java ... DurableLogs DIRECTORY`
public final class DurableLogs implements AutoCloseable {
  private static final int FETCH_BYTES = 64 * 1024;
  private static final int FETCH_COUNT = 100;

  private final ExecutorService background = Executors.newSingleThreadExecutor();
  private final ExecutorService readers = Executors.newSingleThreadExecutor();
  private final News news = new News();
  private final Store store;
  private final ByteWriter header = new ByteWriter(64);

  /// Wakes the owner, here the main thread, and does nothing else.
  private static final class News implements Store.Listener {
    private @Nullable StoreFailedException failure;

    @Override
    public synchronized void durable(long position) {
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
    public void warned(String what, Exception cause) {
      System.err.println(what + ": " + cause);
    }

    private interface Question {
      boolean isAnswered();
    }

    synchronized void await(Question question) throws InterruptedException {
      while (!question.isAnswered()) {
        if (failure != null) {
          throw failure;
        }
        wait(100);
      }
    }
  }

  private DurableLogs(Path directory) throws IOException {
    store =
        Store.open(LocalDisk.open(directory), StoreOptions.standard(), news, background, readers);
    store.start();
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    Path directory = Path.of(args[0]);
    try (DurableLogs logs = new DurableLogs(directory)) {
      Log open = logs.log("open");
      Log done = logs.log("done");
      for (int i = 1; i <= 3; i++) {
        long sequence = open.next();
        logs.write(logs.append(new Batch(), open, "order " + sequence));
      }
      long first = open.nextLive(0);
      logs.write(logs.append(new Batch().settle(open, first, 1), done, "order " + first));
      System.out.println("order " + first + " is done");
    }
    System.out.println("-- restart --");
    try (DurableLogs logs = new DurableLogs(directory)) {
      logs.print("open");
      logs.print("done");
    }
  }

  /// The log that a definition names, made if it is not there.
  private Log log(String name) throws InterruptedException {
    byte[] id = store.definitions().get(name);
    Log known = id == null ? null : store.log(new ByteReader(id).varint());
    if (known != null) {
      return known;
    }
    Log made = store.newLog();
    byte[] value = new ByteWriter(8).varint(made.id()).toBytes();
    write(new Batch().createLog(made).put(name, value));
    return made;
  }

  private Batch append(Batch batch, Log log, String text) {
    header.clear().string("text/plain");
    return batch.append(new Log[] {log}, new boolean[1], 1, header, text.getBytes(UTF_8));
  }

  /// Writes a batch and waits until it is on stable storage.
  private void write(Batch batch) throws InterruptedException {
    news.await(store::hasRoom);
    long position = store.write(batch, true);
    store.kick();
    store.tend();
    news.await(() -> store.durable() >= position);
  }

  private void print(String name) throws InterruptedException {
    Log log = log(name);
    long[] next = {log.low()};
    while (next[0] < log.next()) {
      boolean[] arrived = new boolean[1];
      store.fetch(
          log,
          next[0],
          log.next(),
          FETCH_BYTES,
          FETCH_COUNT,
          entries -> {
            arrived[0] = true;
            next[0] = entries.isEmpty() ? log.next() : entries.getLast().sequence() + 1;
            for (FetchedEntry entry : entries) {
              System.out.println(name + ": " + new String(entry.body(), UTF_8));
            }
          });
      news.await(() -> store.handOverFetched() && arrived[0]);
    }
  }

  @Override
  public void close() throws IOException {
    background.shutdown();
    readers.shutdown();
    store.close();
  }
}
