package holdfast.store;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/// One flat directory of files: all that the store asks of a file system, so that a simulated disk
/// can stand in its place.
///
/// The promises that the rest of the store rests on:
///
/// - bytes written through a file of [Access#DURABLE] are on stable storage when `write` returns;
/// - bytes written through a file of [Access#BUFFERED] are so after [DiskFile#force];
/// - a created, renamed or deleted *name* is so after [#forceDirectory], and no sooner.
///
/// Any [IOException] from a write or a force is final for its caller: on Linux a second force after
/// a failed one succeeds while the data is gone.
public interface Disk extends Closeable {
  /// How a file is opened.
  enum Access {
    /// To be read only.
    READ,
    /// Every write is on stable storage when it returns; positions and lengths are multiples of
    /// [#BLOCK_BYTES].
    DURABLE,
    /// Writes reach stable storage with the next force.
    BUFFERED
  }

  /// Alignment of durable writes, in bytes.
  int BLOCK_BYTES = 4096;

  /// The names in this directory, in no particular order.
  List<String> names() throws IOException;

  /// Opens a file that exists; [java.nio.file.NoSuchFileException] if it does not.
  DiskFile open(String name, Access access) throws IOException;

  /// Opens a file to be read once and mostly from front to back, with as little trouble for who
  /// writes as can be: positions, lengths and memory are multiples of [#BLOCK_BYTES].
  default DiskFile openToScan(String name) throws IOException {
    return open(name, Access.READ);
  }

  /// Creates an empty file; [java.nio.file.FileAlreadyExistsException] if the name is taken.
  DiskFile create(String name, Access access) throws IOException;

  /// Renames, replacing what stood under the new name.
  void rename(String from, String to) throws IOException;

  /// Deletes a name; nothing happens if there is none.
  void delete(String name) throws IOException;

  /// Makes creations, renames and deletions so far survive a loss of power.
  void forceDirectory() throws IOException;

  /// Bytes a program may still write here.
  long usableBytes() throws IOException;

  /// What this directory is called in messages to a person.
  String description();
}
