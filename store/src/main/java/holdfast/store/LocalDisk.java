package holdfast.store;

import com.sun.nio.file.ExtendedOpenOption;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A directory of the machine's file system, locked against a second broker.
///
/// Which way of writing durably the file system takes is found out once, at open: O_DIRECT with
/// O_DSYNC (one device write and one flush a commit), else O_DSYNC alone, else a write followed by
/// fdatasync. The bytes on disk are the same in all three.
public final class LocalDisk implements Disk {
  /// The ways of writing durably, best first.
  enum Durability {
    DIRECT_DSYNC,
    DSYNC,
    FORCE
  }

  private static final String LOCK_NAME = "lock";
  private static final String PROBE_NAME = "probe.tmp";

  /// What stands under such a name is being deleted, or was when a process ended.
  private static final String DELETED_PREFIX = "deleted-";

  /// Of a file that is deleted so much goes at a time.
  private static final long SHRINK_BYTES = 1024 * 1024;

  private final Path directory;
  private final FileChannel lockFile;
  private final FileLock lock;
  private final Durability durability;
  private final String fileSystemType;
  private volatile boolean closed;

  private LocalDisk(Path directory, FileChannel lockFile, FileLock lock) throws IOException {
    this.directory = directory;
    this.lockFile = lockFile;
    this.lock = lock;
    this.durability = probe(directory);
    this.fileSystemType = Files.getFileStore(directory).type();
    for (String name : names()) {
      Path left = directory.resolve(name);
      if (name.startsWith(DELETED_PREFIX) && Files.isRegularFile(left)) {
        shrinkAway(left);
      }
    }
  }

  /// Opens a directory, creating it if need be. Throws [DirectoryLockedException] when another
  /// process (or another store of this one) holds it.
  public static LocalDisk open(Path directory) throws IOException {
    Path absolute = directory.toAbsolutePath().normalize();
    createDirectory(absolute);
    FileChannel file =
        FileChannel.open(
            absolute.resolve(LOCK_NAME), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock lock = null;
    try {
      lock = file.tryLock();
      if (lock == null) {
        throw new DirectoryLockedException(absolute);
      }
      return new LocalDisk(absolute, file, lock);
    } catch (OverlappingFileLockException e) {
      file.close();
      throw new DirectoryLockedException(absolute);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /// Creates a directory, for its owner alone, with the parents it lacks, and forces every parent
  /// that gained an entry: a data directory that a power cut takes away whole would take every
  /// confirmed message with it. Nothing happens to one that is there.
  public static void createDirectory(Path directory) throws IOException {
    Path absolute = directory.toAbsolutePath().normalize();
    List<Path> missing = new ArrayList<>();
    for (Path p = absolute; p != null && !Files.exists(p); p = p.getParent()) {
      missing.add(p);
    }
    Path parent = absolute.getParent();
    if (missing.isEmpty() || parent == null) {
      return;
    }
    Files.createDirectories(parent);
    if (absolute.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      var ownerOnly = PosixFilePermissions.fromString("rwx------");
      Files.createDirectory(absolute, PosixFilePermissions.asFileAttribute(ownerOnly));
    } else {
      Files.createDirectory(absolute);
    }
    for (Path created : missing) {
      Path above = created.getParent();
      if (above != null) {
        forceDirectory(above);
      }
    }
  }

  private static Durability probe(Path directory) throws IOException {
    Path probe = directory.resolve(PROBE_NAME);
    try {
      for (Durability durability : Durability.values()) {
        try (FileChannel c = FileChannel.open(probe, options(durability, true))) {
          ByteBuffer block = Bytes.alignedBuffer(BLOCK_BYTES);
          if (c.write(block, 0) == BLOCK_BYTES) {
            return durability;
          }
        } catch (IOException | UnsupportedOperationException refused) {
          // Refused here (tmpfs of old kernels, some network file systems): try the next way. The
          // last way is plain writing, whose failure is a real one.
          if (durability == Durability.FORCE) {
            throw refused;
          }
        }
      }
      return Durability.FORCE;
    } finally {
      Files.deleteIfExists(probe);
    }
  }

  private static Set<OpenOption> options(Durability durability, boolean create) {
    Set<OpenOption> options = new HashSet<>();
    options.add(StandardOpenOption.READ);
    options.add(StandardOpenOption.WRITE);
    if (create) {
      options.add(StandardOpenOption.CREATE);
    }
    if (durability != Durability.FORCE) {
      options.add(StandardOpenOption.DSYNC);
    }
    if (durability == Durability.DIRECT_DSYNC) {
      options.add(ExtendedOpenOption.DIRECT);
    }
    return options;
  }

  @Override
  public List<String> names() throws IOException {
    List<String> names = new ArrayList<>();
    try (var entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        names.add(entry.getFileName().toString());
      }
    }
    return names;
  }

  @Override
  public DiskFile open(String name, Access access) throws IOException {
    return channel(name, access, Set.of());
  }

  @Override
  public DiskFile create(String name, Access access) throws IOException {
    return channel(name, access, Set.of(StandardOpenOption.CREATE_NEW));
  }

  private DiskFile channel(String name, Access access, Set<StandardOpenOption> extra)
      throws IOException {
    requireOpen();
    Set<OpenOption> options =
        switch (access) {
          case READ -> new HashSet<>(Set.of(StandardOpenOption.READ));
          case BUFFERED -> options(Durability.FORCE, false);
          case DURABLE -> options(durability, false);
        };
    options.addAll(extra);
    boolean forced = access == Access.DURABLE && durability == Durability.FORCE;
    return LocalFile.open(directory.resolve(name), options, forced);
  }

  /// Work that outlasts a close, however it came to that, must not reach what another broker may
  /// own by now: nothing is made, renamed or deleted any more.
  private void requireOpen() throws IOException {
    if (closed) {
      throw new IOException(directory + " is closed");
    }
  }

  /// Past the page cache where that is possible: what was written past it is not there, and what is
  /// read once need not push out anything else.
  @Override
  public DiskFile openToScan(String name) throws IOException {
    if (!isDirect()) {
      return open(name, Access.READ);
    }
    requireOpen();
    return LocalFile.open(
        directory.resolve(name), Set.of(StandardOpenOption.READ, ExtendedOpenOption.DIRECT), false);
  }

  /// Opens a file so that its writes are given to the device, where it can be reached past the page
  /// cache, and not waited for any longer: half of a commit, for [Calibration] to tell the halves
  /// apart. Never a way to keep anything.
  DiskFile openUnsynced(String name) throws IOException {
    Set<OpenOption> options = options(durability, false);
    options.remove(StandardOpenOption.DSYNC);
    return LocalFile.open(directory.resolve(name), options, false);
  }

  /// Whether writes go past the page cache here.
  boolean isDirect() {
    return durability == Durability.DIRECT_DSYNC;
  }

  @Override
  public void rename(String from, String to) throws IOException {
    requireOpen();
    Files.move(
        directory.resolve(from),
        directory.resolve(to),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  /// A large file goes piece by piece: a file system that gives all of it back in one step of its
  /// own journal lets no synced write of another file end meanwhile, which is 25 ms for 64 MiB of
  /// ext4. It goes under another name, so that half of it is never taken for the file.
  @Override
  public void delete(String name) throws IOException {
    requireOpen();
    Path file = directory.resolve(name);
    if (!Files.exists(file) || Files.size(file) <= SHRINK_BYTES) {
      Files.deleteIfExists(file);
      return;
    }
    String deleted = DELETED_PREFIX + name;
    try {
      rename(name, deleted);
    } catch (IOException noSuchName) {
      requireOpen();
      // A longer name may need a block that a full disk has not: what makes room must need none.
      Files.deleteIfExists(file);
      return;
    }
    forceDirectory(); // or a loss of power could keep the old name of what has been shortened
    shrinkAway(directory.resolve(deleted));
  }

  private static void shrinkAway(Path file) throws IOException {
    try (LocalFile shrinking = LocalFile.open(file, options(Durability.FORCE, false), false)) {
      for (long left = shrinking.size(); left > SHRINK_BYTES; left -= SHRINK_BYTES) {
        shrinking.resize(left - SHRINK_BYTES);
      }
    }
    Files.deleteIfExists(file);
  }

  @Override
  public void forceDirectory() throws IOException {
    forceDirectory(directory);
  }

  private static void forceDirectory(Path directory) throws IOException {
    LocalFile.forceDirectory(directory);
  }

  @Override
  public long usableBytes() throws IOException {
    return Files.getFileStore(directory).getUsableSpace();
  }

  @Override
  public String description() {
    return directory.toString();
  }

  /// How commits are made durable here, for the log at start: for example `DIRECT_DSYNC on ext4`.
  public String durability() {
    return durability + " on " + fileSystemType;
  }

  /// A warning for a person when this file system forgets what it is told to keep, or null.
  public @Nullable String durabilityWarning() {
    return switch (fileSystemType) {
      case "tmpfs", "ramfs" ->
          directory
              + " is on "
              + fileSystemType
              + ", which is memory: nothing confirmed here survives a reboot";
      case "nfs", "nfs4", "cifs", "smb3", "fuse.sshfs" ->
          directory
              + " is on a network file system ("
              + fileSystemType
              + "): whether a sync reaches a disk is up to its server";
      default -> null;
    };
  }

  @Override
  public void close() throws IOException {
    closed = true;
    try {
      lock.release();
    } finally {
      lockFile.close();
    }
  }
}
