package holdfast.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The checkpoint files: two are kept, the newest and the one before, with those that say the rest
/// of them. A file appears under its name only when it is whole on stable storage. It may be larger
/// than what it holds, for on a full disk it is one of the [Reserve]:
///
/// ```
///   0                 8                        8 + length
///   +-----------------+------------------------+----------------------
///   | length u64      | checkpoint             | anything
///   +-----------------+------------------------+----------------------
/// ```
final class Checkpoints {
  private static final String PREFIX = "checkpoint-";
  private static final String UNFINISHED = "checkpoint.tmp";
  private static final int LENGTH_BYTES = 8;

  private final Disk disk;
  private final @Nullable Reserve reserve;
  private final @Nullable Space space;

  /// To read what there is.
  Checkpoints(Disk disk) {
    this.disk = disk;
    this.reserve = null;
    this.space = null;
  }

  Checkpoints(Disk disk, Reserve reserve, Space space) {
    this.disk = disk;
    this.reserve = reserve;
    this.space = space;
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

  /// Reads a checkpoint and those that say the rest of it.
  Checkpoint read(long number) throws IOException {
    return Checkpoint.read(number, this::bytes);
  }

  private byte[] bytes(long number) throws IOException {
    String name = name(number);
    try (DiskFile file = disk.open(name, Disk.Access.READ)) {
      ByteBuffer head = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
      long size = file.size();
      long length = file.read(head, 0) < LENGTH_BYTES ? -1 : head.getLong(0);
      if (length < 0 || length > size - LENGTH_BYTES || length > Integer.MAX_VALUE - 8) {
        throw new CorruptionException(
            "checkpoint " + name + " is damaged: it does not fit into its " + size + " bytes");
      }
      ByteBuffer bytes = ByteBuffer.allocate((int) length);
      file.read(bytes, LENGTH_BYTES);
      return bytes.array();
    } catch (NoSuchFileException e) {
      throw new CorruptionException("checkpoint " + name + " is missing");
    }
  }

  /// On return the checkpoint is on stable storage under its name. Where there is no room for a new
  /// file it goes into the reserve.
  ///
  /// @param bytesMax the largest that the next one may be expected to be
  void write(long number, byte[] encoded, long bytesMax) throws IOException {
    int length = LENGTH_BYTES + encoded.length;
    ByteBuffer bytes = ByteBuffer.allocateDirect(length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(encoded.length).put(encoded).flip();
    if (reserve != null) {
      reserve.checkpointIs((int) Math.max(length, LENGTH_BYTES + bytesMax));
    }
    try {
      writeNew(number, bytes.duplicate());
    } catch (IOException e) {
      if (reserve == null || space == null || !space.isFull(e, length)) {
        throw e;
      }
      Reserve.Held held = reserve.take(length);
      if (held == null) {
        throw new IOException(
            "no " + length + " bytes for a checkpoint, neither free nor kept for it", e);
      }
      writeInto(held, reserve, number, bytes);
    }
    disk.forceDirectory();
  }

  private void writeNew(long number, ByteBuffer bytes) throws IOException {
    disk.delete(UNFINISHED);
    try {
      try (DiskFile file = disk.create(UNFINISHED, Disk.Access.BUFFERED)) {
        file.write(bytes, 0);
        file.force();
      }
      disk.rename(UNFINISHED, name(number));
    } catch (IOException e) {
      // On a full disk the unfinished file would hold the space that the next try needs.
      disk.delete(UNFINISHED);
      throw e;
    }
  }

  private void writeInto(Reserve.Held held, Reserve from, long number, ByteBuffer bytes)
      throws IOException {
    try {
      try (DiskFile file = disk.open(held.name(), Disk.Access.BUFFERED)) {
        file.write(bytes, 0);
        file.force();
      }
      disk.rename(held.name(), name(number));
    } catch (IOException e) {
      from.giveBack(held);
      throw e;
    }
  }

  /// Lets all go but these.
  void prune(Set<Long> kept) throws IOException {
    boolean offered = false;
    for (long old : numbers()) {
      if (kept.contains(old)) {
        continue;
      }
      if (reserve != null && reserve.offer(name(old), size(name(old)))) {
        offered = true;
      } else {
        disk.delete(name(old));
      }
    }
    if (offered && reserve != null) {
      disk.forceDirectory();
      reserve.admitOffered();
    }
  }

  private long size(String name) throws IOException {
    try (DiskFile file = disk.open(name, Disk.Access.READ)) {
      return file.size();
    }
  }
}
