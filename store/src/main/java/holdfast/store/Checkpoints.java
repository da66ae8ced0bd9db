package holdfast.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/// The checkpoint files: two are kept, the newest and the one before. A file appears under its name
/// only when it is whole on stable storage.
final class Checkpoints {
  private static final String PREFIX = "checkpoint-";
  private static final String UNFINISHED = "checkpoint.tmp";
  private static final int KEPT = 2;

  private final Disk disk;

  Checkpoints(Disk disk) {
    this.disk = disk;
  }

  static String name(long number) {
    return String.format(Locale.ROOT, "%s%016x", PREFIX, number);
  }

  /// The numbers of those that exist, newest first.
  List<Long> numbers() throws IOException {
    List<Long> numbers = new ArrayList<>();
    for (String name : disk.names()) {
      if (name.startsWith(PREFIX)) {
        numbers.add(Long.parseUnsignedLong(name, PREFIX.length(), name.length(), 16));
      }
    }
    numbers.sort(Comparator.reverseOrder());
    return numbers;
  }

  Checkpoint read(long number) throws IOException {
    try (DiskFile file = disk.open(name(number), Disk.Access.READ)) {
      ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
      file.read(bytes, 0);
      return Checkpoint.decode(bytes.array(), name(number));
    }
  }

  /// On return the checkpoint is on stable storage under its name.
  void write(long number, byte[] encoded) throws IOException {
    disk.delete(UNFINISHED);
    try {
      try (DiskFile file = disk.create(UNFINISHED, Disk.Access.BUFFERED)) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(encoded.length).put(encoded).flip();
        file.write(bytes, 0);
        file.force();
      }
      disk.rename(UNFINISHED, name(number));
    } catch (IOException e) {
      // On a full disk the unfinished file would hold the space that the next try needs.
      disk.delete(UNFINISHED);
      throw e;
    }
    disk.forceDirectory();
  }

  /// Deletes all but the newest two.
  void prune() throws IOException {
    List<Long> numbers = numbers();
    for (long old : numbers.subList(Math.min(KEPT, numbers.size()), numbers.size())) {
      disk.delete(name(old));
    }
  }
}
