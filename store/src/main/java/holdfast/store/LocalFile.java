package holdfast.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/// An open file of a [LocalDisk].
///
/// It stands on an asynchronous channel that does its work on the calling thread, because that kind
/// of channel is not interruptible: an interrupt of a thread in the middle of a write would close
/// any other one, and the journal with it.
final class LocalFile implements DiskFile {
  private static final int READ_BYTES = 1024 * 1024;

  private final AsynchronousFileChannel channel;
  private final boolean forcedAfterWrite;

  private LocalFile(AsynchronousFileChannel channel, boolean forcedAfterWrite) {
    this.channel = channel;
    this.forcedAfterWrite = forcedAfterWrite;
  }

  static LocalFile open(Path path, Set<OpenOption> options, boolean forcedAfterWrite)
      throws IOException {
    return new LocalFile(
        AsynchronousFileChannel.open(path, options, OnCaller.INSTANCE), forcedAfterWrite);
  }

  /// Makes the names in a directory survive a loss of power: its times too, as some file systems
  /// count a new name among them.
  static void forceDirectory(Path directory) throws IOException {
    Set<OpenOption> options = Set.of(StandardOpenOption.READ);
    try (var channel = AsynchronousFileChannel.open(directory, options, OnCaller.INSTANCE)) {
      channel.force(true);
    }
  }

  /// Runs what a channel hands it at once, so that its futures are done when they are returned.
  private static final class OnCaller extends AbstractExecutorService {
    static final OnCaller INSTANCE = new OnCaller();

    @Override
    public void execute(Runnable task) {
      task.run();
    }

    @Override
    public void shutdown() {}

    @Override
    public List<Runnable> shutdownNow() {
      return List.of();
    }

    @Override
    public boolean isShutdown() {
      return false;
    }

    @Override
    public boolean isTerminated() {
      return false;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
      return true;
    }
  }

  private static int result(Future<Integer> done) throws IOException {
    return switch (done.state()) {
      case SUCCESS -> done.resultNow();
      case FAILED -> throw failure(done.exceptionNow());
      case RUNNING, CANCELLED -> throw new IllegalStateException("an operation that did not run");
    };
  }

  private static IOException failure(Throwable cause) {
    return cause instanceof IOException e ? e : new IOException(cause);
  }

  @Override
  public int read(ByteBuffer target, long position) throws IOException {
    int total = 0;
    int end = target.limit();
    boolean more = true;
    while (target.position() < end && more) {
      // In slices: the platform reads into the heap through a buffer of its own, as large as what
      // is
      // asked for.
      int slice = Math.min(end - target.position(), target.isDirect() ? end : READ_BYTES);
      target.limit(target.position() + slice);
      int n = result(channel.read(target, position + total));
      total += Math.max(n, 0);
      more = n == slice; // a file that gives less has ended
    }
    target.limit(end);
    return total;
  }

  @Override
  public void write(ByteBuffer source, long position) throws IOException {
    int length = source.remaining();
    int n = result(channel.write(source, position));
    if (n != length) {
      throw new IOException("short write: " + n + " of " + length + " bytes at " + position);
    }
    if (forcedAfterWrite) {
      channel.force(false);
    }
  }

  @Override
  public void force() throws IOException {
    // Without the times: bytes and size are all that a reader needs, and the times would cost a
    // commit of the file system's own journal each time.
    channel.force(false);
  }

  @Override
  public long size() throws IOException {
    return channel.size();
  }

  @Override
  public void resize(long bytes) throws IOException {
    if (bytes < channel.size()) {
      channel.truncate(bytes);
    } else if (bytes > channel.size()) {
      // A byte at the end: the blocks before it stay unallocated until they are written.
      write(ByteBuffer.allocate(1), bytes - 1);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
