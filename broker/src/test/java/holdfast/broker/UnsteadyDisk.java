package holdfast.broker;

import holdfast.store.Disk;
import holdfast.store.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/// A real directory whose journal writes can be held up, slowed and made to fail. What is written
/// beside the journal (spares, checkpoints) passes untouched.
final class UnsteadyDisk implements Disk {
  /// What a failing write leaves behind.
  enum Failure {
    /// Nothing reached the disk.
    LOST,
    /// Everything did, and the error is a lie.
    WRITTEN
  }

  private final Disk disk;
  private final Object monitor = new Object();
  private final AtomicLong journalWrites = new AtomicLong();
  private volatile Runnable beforeWrite = () -> {};
  private volatile Consumer<ByteBuffer> watcher = written -> {};
  private volatile long failAt = Long.MAX_VALUE;
  private volatile Failure failure = Failure.LOST;
  private volatile long failedAtNanos;
  private volatile Runnable beforeCreate = () -> {};
  private volatile boolean closed;
  private volatile boolean usedWhenClosed;
  private boolean held;

  UnsteadyDisk(Disk disk) {
    this.disk = disk;
  }

  /// Lets journal writes wait until [#release].
  void hold() {
    synchronized (monitor) {
      held = true;
    }
  }

  void release() {
    synchronized (monitor) {
      held = false;
      monitor.notifyAll();
    }
  }

  /// Runs on the writer's thread before each journal write.
  void beforeWrite(Runnable pause) {
    beforeWrite = pause;
  }

  /// Runs before a file is created, on the thread that asks for it.
  void beforeCreate(Runnable pause) {
    beforeCreate = pause;
  }

  /// Whether a file was asked for although the disk was closed: by then it may be another's.
  boolean wasUsedWhenClosed() {
    return usedWhenClosed;
  }

  /// Sees what each journal write is to put on the disk.
  void watch(Consumer<ByteBuffer> eye) {
    watcher = eye;
  }

  /// The n-th journal write from now fails, and all that follow.
  void failAt(long n, Failure how) {
    failure = how;
    failAt = journalWrites.get() + n;
  }

  /// When a write failed first, by the nano clock; 0 if none has.
  long failedAtNanos() {
    return failedAtNanos;
  }

  long journalWrites() {
    return journalWrites.get();
  }

  private void write(DiskFile file, ByteBuffer source, long position) throws IOException {
    watcher.accept(source.asReadOnlyBuffer());
    beforeWrite.run();
    synchronized (monitor) {
      while (held) {
        try {
          monitor.wait();
        } catch (InterruptedException e) {
          throw new IOException("interrupted while writes were held", e);
        }
      }
    }
    long n = journalWrites.incrementAndGet();
    if (n < failAt) {
      file.write(source, position);
      return;
    }
    synchronized (monitor) {
      // Not n == failAt: a file of the reserve may be written at the same time.
      if (failedAtNanos == 0) {
        if (failure == Failure.WRITTEN) {
          file.write(source, position);
        }
        failedAtNanos = System.nanoTime();
      }
    }
    throw new IOException("journal write " + n + " was made to fail");
  }

  @Override
  public DiskFile open(String name, Access access) throws IOException {
    DiskFile file = disk.open(name, access);
    // Spares are created; what is opened for durable writes is a segment of the journal.
    return access == Access.DURABLE ? new JournalFile(file) : file;
  }

  @Override
  public DiskFile create(String name, Access access) throws IOException {
    beforeCreate.run();
    usedWhenClosed |= closed;
    return disk.create(name, access);
  }

  @Override
  public List<String> names() throws IOException {
    return disk.names();
  }

  @Override
  public void rename(String from, String to) throws IOException {
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
  public void close() throws IOException {
    closed = true;
    disk.close();
  }

  private final class JournalFile implements DiskFile {
    private final DiskFile file;

    JournalFile(DiskFile file) {
      this.file = file;
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
      return file.read(target, position);
    }

    @Override
    public void write(ByteBuffer source, long position) throws IOException {
      UnsteadyDisk.this.write(file, source, position);
    }

    @Override
    public void force() throws IOException {
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
