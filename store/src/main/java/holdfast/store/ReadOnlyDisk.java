package holdfast.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A data directory that is looked at and never changed: no file is made, not even the lock. While
/// it is open no broker can start on it, and it cannot be opened while a broker has it.
public final class ReadOnlyDisk implements Disk {
  private static final String LOCK_NAME = "lock";

  private final Path directory;
  private final @Nullable FileChannel lockFile;

  private ReadOnlyDisk(Path directory, @Nullable FileChannel lockFile) {
    this.directory = directory;
    this.lockFile = lockFile;
  }

  /// Opens a directory that exists. Throws [DirectoryLockedException], which says who, when a
  /// process holds it. A directory without a lock file, such as a copy, is held by nobody.
  public static ReadOnlyDisk open(Path directory) throws IOException {
    Path absolute = directory.toAbsolutePath().normalize();
    if (!Files.exists(absolute)) {
      throw new NoSuchFileException(absolute.toString());
    }
    if (!Files.isDirectory(absolute)) {
      throw new NotDirectoryException(absolute.toString());
    }
    Path lockPath = absolute.resolve(LOCK_NAME);
    if (!Files.exists(lockPath)) {
      return new ReadOnlyDisk(absolute, null);
    }
    FileChannel file = FileChannel.open(lockPath, StandardOpenOption.READ);
    try {
      // Shared, because that needs no right to write; it keeps a broker's exclusive one out.
      FileLock lock = file.tryLock(0, Long.MAX_VALUE, true);
      if (lock == null) {
        throw new DirectoryLockedException(absolute, holder(lockPath));
      }
      return new ReadOnlyDisk(absolute, file);
    } catch (OverlappingFileLockException e) {
      file.close();
      throw new DirectoryLockedException(absolute, "this process itself");
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /// Who holds the lock, where the system tells: for example `process 4711 (java)`.
  private static String holder(Path lockPath) {
    try {
      String inode = ":" + Files.getAttribute(lockPath, "unix:ino");
      for (String line : Files.readAllLines(Path.of("/proc/locks"))) {
        List<String> words = List.of(line.strip().split("\\s+"));
        for (int i = 1; i < words.size(); i++) {
          if (words.get(i).endsWith(inode)) {
            return process(words.get(i - 1));
          }
        }
      }
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException unknown) {
      // Only Linux tells; elsewhere the holder stays unnamed.
      return "another process";
    }
    return "another process";
  }

  private static String process(String pid) {
    String command =
        ProcessHandle.of(Long.parseLong(pid))
            .flatMap(handle -> handle.info().command())
            .orElse("unknown");
    return String.format(Locale.ROOT, "process %s (%s)", pid, command);
  }

  @Override
  public List<String> names() throws IOException {
    List<String> names = new ArrayList<>();
    try (var entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        names.add(Objects.requireNonNull(entry.getFileName()).toString());
      }
    }
    return names;
  }

  @Override
  public DiskFile open(String name, Access access) throws IOException {
    if (access != Access.READ) {
      throw readOnly();
    }
    return LocalFile.open(directory.resolve(name), Set.of(StandardOpenOption.READ), false);
  }

  private IOException readOnly() {
    return new IOException(directory + " is only looked at, never changed");
  }

  @Override
  public DiskFile create(String name, Access access) throws IOException {
    throw readOnly();
  }

  @Override
  public void rename(String from, String to) throws IOException {
    throw readOnly();
  }

  @Override
  public void delete(String name) throws IOException {
    throw readOnly();
  }

  @Override
  public void forceDirectory() throws IOException {
    throw readOnly();
  }

  @Override
  public long usableBytes() throws IOException {
    return Files.getFileStore(directory).getUsableSpace();
  }

  @Override
  public String description() {
    return directory.toString();
  }

  @Override
  public void close() throws IOException {
    if (lockFile != null) {
      lockFile.close();
    }
  }
}
