package holdfast.server;

import holdfast.store.LocalDisk;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// The directory that a benchmark of the disk works in, beside a broker's files and not among them.
/// It is gone afterwards, after Ctrl-C too: a hook asks the work to stop, waits for it and clears
/// up if it does not.
final class DiskScratch implements AutoCloseable {
  static final String NAME = "bench-disk.tmp";
  private static final long STOP_SECONDS = 5;

  private final Path dataDir;
  private final boolean isDataDirNew;
  private final Path directory;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread hook = Thread.ofPlatform().name("bench-stop").unstarted(this::stop);
  private volatile boolean stopping;

  private DiskScratch(Path dataDir, boolean isDataDirNew) {
    this.dataDir = dataDir;
    this.isDataDirNew = isDataDirNew;
    this.directory = dataDir.resolve(NAME);
  }

  /// Makes the directory, and the data directory if there is none. What a killed run left behind is
  /// cleared away; a run that is under way there refuses, with a
  /// [holdfast.store.DirectoryLockedException].
  static DiskScratch open(Path dataDir) throws IOException {
    Path absolute = dataDir.toAbsolutePath().normalize();
    DiskScratch scratch = new DiskScratch(absolute, !Files.exists(absolute));
    LocalDisk.createDirectory(absolute);
    LocalDisk.open(scratch.directory).close();
    Runtime.getRuntime().addShutdownHook(scratch.hook);
    scratch.clear();
    return scratch;
  }

  LocalDisk disk() throws IOException {
    return LocalDisk.open(directory);
  }

  /// Whether the process is about to end: whoever works here shall stop.
  boolean isStopping() {
    return stopping;
  }

  private void stop() {
    stopping = true;
    try {
      if (!ended.await(STOP_SECONDS, TimeUnit.SECONDS)) {
        remove();
      }
    } catch (IOException | InterruptedException e) {
      System.err.println("holdfast: " + directory + " could not be removed: " + e);
    }
  }

  private void clear() throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private void remove() throws IOException {
    clear();
    Files.deleteIfExists(directory);
    if (isDataDirNew) {
      Files.deleteIfExists(dataDir);
    }
  }

  @Override
  public void close() throws IOException {
    try {
      remove();
    } finally {
      ended.countDown();
    }
    if (!stopping) {
      Runtime.getRuntime().removeShutdownHook(hook);
    }
  }
}
