package holdfast.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/// A journal on a real directory that writes down what it is told and what is done to its files,
/// and whose disk fails or waits when a test says so.
final class JournalRig implements AutoCloseable, JournalListener {
  /// Runs in place of one operation, before it; may wait or throw.
  interface Hook {
    void run(String operation) throws IOException;
  }

  static final Hook NOTHING = operation -> {};

  // Tests read them while the writer and its flusher go on.
  final List<String> operations = new CopyOnWriteArrayList<>();
  final List<Long> positions = new CopyOnWriteArrayList<>();
  final List<StoreFailedException> failures = new CopyOnWriteArrayList<>();
  final List<Long> writtenBytes = new CopyOnWriteArrayList<>();
  final JournalId journalId = JournalId.random();
  final SegmentFiles files;
  final JournalFront journal;

  volatile Hook hook = NOTHING;
  volatile @Nullable Thread teller;

  private final RecordLayout.Payload payload =
      new RecordLayout.Payload().head(new byte[4000], 0, 4000);
  private final LocalDisk disk;
  private @Nullable JournalWriter writer;

  JournalRig(Path directory, StoreOptions options) throws IOException {
    this(directory, options, 1);
  }

  /// One that follows older segments.
  JournalRig(Path directory, StoreOptions options, long generation) throws IOException {
    disk = LocalDisk.open(directory);
    LocalJournal.Start start = new LocalJournal.Start(journalId, 1, generation, 1, 0);
    Disk watched = new WatchedDisk();
    files = new SegmentFiles(watched, options);
    journal =
        JournalOnly.front(watched, files, options, start, this, (bytes, nanos) -> wrote(bytes));
  }

  static StoreOptions options(String sync, long idleMarkMs) {
    return new StoreOptions(64 * 1024, 128 * 1024, 32 * 1024, 4096, idleMarkMs, 0)
        .withSync(SyncPolicy.parse(sync));
  }

  void start() {
    JournalWriter thread = new JournalWriter(journal);
    writer = thread;
    thread.start();
  }

  long append() {
    return append(true);
  }

  long append(boolean awaited) {
    return journal.append(RecordLayout.CLOSE, 0, 0, payload, awaited);
  }

  /// Appends and waits until it is told that it may be confirmed.
  long commit() throws InterruptedException {
    long position = append();
    journal.kick();
    await(() -> !positions.isEmpty() && positions.getLast() >= position);
    return position;
  }

  /// Writes on this thread as soon as the writer's sleeps: after its own write it is not back at
  /// once.
  void commitInline() throws InterruptedException {
    await(journal::commitInline);
  }

  interface Condition {
    boolean holds();
  }

  /// Waits until something told makes a condition hold.
  synchronized void await(Condition condition) throws InterruptedException {
    long deadline = System.nanoTime() + 20_000_000_000L;
    while (!condition.holds()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("waited in vain; failures: " + failures);
      }
      wait(5);
    }
  }

  private synchronized void wrote(long bytes) {
    writtenBytes.add(bytes);
  }

  @Override
  public synchronized void durable(long position) {
    positions.add(position);
    teller = Thread.currentThread();
    notifyAll();
  }

  @Override
  public synchronized void forced() {
    notifyAll();
  }

  @Override
  public void room() {}

  @Override
  public synchronized void failed(StoreFailedException failure) {
    failures.add(failure);
    notifyAll();
  }

  /// Waits for the writer's thread, once the journal is stopped or has failed.
  void join() throws InterruptedException {
    JournalWriter thread = writer;
    if (thread != null) {
      thread.join();
    }
  }

  @Override
  public void close() throws Exception {
    journal.stop();
    join();
    if (writer == null) {
      journal.writeRest();
    }
    journal.closeFile();
    disk.close();
  }

  private void note(String operation) throws IOException {
    hook.run(operation);
    synchronized (this) {
      operations.add(operation);
    }
  }

  private final class WatchedDisk implements Disk {
    @Override
    public List<String> names() throws IOException {
      return disk.names();
    }

    @Override
    public DiskFile open(String name, Access access) throws IOException {
      note("open " + name + " " + access);
      return new WatchedFile(name, disk.open(name, access));
    }

    @Override
    public DiskFile create(String name, Access access) throws IOException {
      return new WatchedFile(name, disk.create(name, access));
    }

    @Override
    public void rename(String from, String to) throws IOException {
      note("rename to " + to);
      disk.rename(from, to);
    }

    @Override
    public void delete(String name) throws IOException {
      disk.delete(name);
    }

    @Override
    public void forceDirectory() throws IOException {
      disk.forceDirectory();
    }

    @Override
    public long usableBytes() throws IOException {
      return disk.usableBytes();
    }

    @Override
    public String description() {
      return disk.description();
    }

    @Override
    public void close() {}
  }

  private final class WatchedFile implements DiskFile {
    private final String name;
    private final DiskFile file;

    WatchedFile(String name, DiskFile file) {
      this.name = name;
      this.file = file;
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
      return file.read(target, position);
    }

    @Override
    public void write(ByteBuffer source, long position) throws IOException {
      note("write " + name);
      file.write(source, position);
    }

    @Override
    public void force() throws IOException {
      note("force " + name);
      file.force();
    }

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public void resize(long bytes) throws IOException {
      file.resize(bytes);
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
