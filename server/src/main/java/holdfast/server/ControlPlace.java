package holdfast.server;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/// Where the control socket of a data directory is, and nothing of what is said over it.
///
/// It is `control.sock` in the data directory. A socket's path has to fit 108 bytes: for a longer
/// one the socket stands in a directory of its own under the temporary directory, owner only, and
/// `control.path` in the data directory holds its path.
final class ControlPlace {
  /// Linux takes 107 bytes and a zero, macOS 103.
  static final int PATH_BYTES_MAX = 103;

  private static final String SOCKET = "control.sock";
  private static final String NOTE = "control.path";
  private static final String TEMP_PREFIX = "holdfast-control-";
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  private ControlPlace() {}

  /// The socket of the broker on this data directory, if there is or was one.
  static Optional<Path> find(Path dataDir) throws IOException {
    if (!Files.isDirectory(dataDir)) {
      return Optional.empty();
    }
    Path real = dataDir.toRealPath();
    Path socket = noted(real).orElse(real.resolve(SOCKET));
    return Files.exists(socket, LinkOption.NOFOLLOW_LINKS) ? Optional.of(socket) : Optional.empty();
  }

  /// Prepares the place for a new socket: a dead broker's is removed, a living one's is refused.
  static Path prepare(Path dataDir) throws IOException, StartRefused {
    Path real = dataDir.toRealPath();
    Optional<Path> former = find(real);
    if (former.isPresent()) {
      if (isAnswering(former.get())) {
        throw new StartRefused(
            ExitStatus.DATA_REFUSED,
            "another broker is running on data directory "
                + dataDir
                + "; stop it first, or give"
                + " this one a directory of its own with --data");
      }
      remove(real, former.get());
    }
    Files.deleteIfExists(real.resolve(NOTE));
    Path socket = real.resolve(SOCKET);
    return fits(socket) ? socket : elsewhere(real);
  }

  /// Called once the socket exists. Until then the data directory's own mode keeps others out.
  static void restrict(Path socket) throws IOException {
    if (isPosix(socket)) {
      Files.setPosixFilePermissions(socket, OWNER_ONLY);
    }
  }

  /// Removes the socket, and for one that stands elsewhere its directory and the note of it.
  static void remove(Path dataDir, Path socket) throws IOException {
    Files.deleteIfExists(dataDir.resolve(NOTE));
    // A damaged note could name any file: nothing but a socket is removed.
    if (!isSocket(socket)) {
      return;
    }
    Files.delete(socket);
    Path directory = socket.getParent();
    if (directory != null && String.valueOf(directory.getFileName()).startsWith(TEMP_PREFIX)) {
      try {
        Files.delete(directory);
      } catch (DirectoryNotEmptyException notOursAlone) {
        // Somebody keeps files there: the directory stays, the socket is gone.
        return;
      }
    }
  }

  /// Where the data directory says that its socket is; a note that makes no sense is as good as
  /// none.
  private static Optional<Path> noted(Path dataDir) throws IOException {
    Path note = dataDir.resolve(NOTE);
    if (!Files.exists(note)) {
      return Optional.empty();
    }
    try {
      return Optional.of(Path.of(Files.readString(note).strip()));
    } catch (MalformedInputException | InvalidPathException damaged) {
      return Optional.empty();
    }
  }

  private static Path elsewhere(Path dataDir) throws IOException, StartRefused {
    Path directory = Files.createTempDirectory(TEMP_PREFIX);
    Path socket = directory.resolve(SOCKET);
    if (!fits(socket)) {
      Files.delete(directory);
      throw new StartRefused(
          ExitStatus.USAGE,
          ("the data directory and the temporary directory both have paths too long for a control")
              + (" socket (" + PATH_BYTES_MAX + " bytes): use a shorter --data, or set")
              + " -Djava.io.tmpdir");
    }
    // Whole or not at all: a half-written note would hide the broker from its operator.
    Path draft = dataDir.resolve(NOTE + ".new");
    Files.writeString(draft, socket + "\n");
    try {
      Files.move(draft, dataDir.resolve(NOTE), StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException plain) {
      Files.move(draft, dataDir.resolve(NOTE), StandardCopyOption.REPLACE_EXISTING);
    }
    return socket;
  }

  private static boolean isAnswering(Path socket) {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      return channel.isConnected();
    } catch (IOException refused) {
      return false;
    }
  }

  private static boolean isSocket(Path path) throws IOException {
    return Files.exists(path, LinkOption.NOFOLLOW_LINKS)
        && (!isPosix(path)
            || Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isOther());
  }

  private static boolean isPosix(Path path) throws IOException {
    return Files.getFileStore(path).supportsFileAttributeView("posix");
  }

  private static boolean fits(Path socket) {
    return socket.toString().getBytes(StandardCharsets.UTF_8).length <= PATH_BYTES_MAX;
  }
}
