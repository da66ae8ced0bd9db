package holdfast.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.NoSuchFileException;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/// The checkpoint files: two are kept, the newest and the one before, with those that say the rest
/// of them. It may be larger than what it holds, for on a full disk it is one of the [Reserve]:
///
/// ```
///   0                 8                        8 + length
///   +-----------------+------------------------+----------------------
///   | length u64      | checkpoint             | anything
///   +-----------------+------------------------+----------------------
/// ```
final class Checkpoints {
  private static final String PREFIX = "checkpoint-";
  private static final int LENGTH_BYTES = 8;

  private final Segments segments;

  Checkpoints(Segments segments) {
    this.segments = segments;
  }

  /// To read what there is in a directory.
  Checkpoints(Disk disk) {
    this(new LocalSegments(disk));
  }

  static String name(long number) {
    return PREFIX + HexFormat.of().toHexDigits(number);
  }

  static boolean isCheckpoint(String name) {
    return name.startsWith(PREFIX);
  }

  static long number(String name) {
    return Long.parseUnsignedLong(name, PREFIX.length(), name.length(), 16);
  }

  /// The numbers of those that exist, newest first.
  List<Long> numbers() throws IOException {
    return segments.numbers(Segments.Kind.CHECKPOINT);
  }

  /// Reads a checkpoint and those that say the rest of it.
  Checkpoint read(long number) throws IOException {
    return Checkpoint.read(number, this::bytes);
  }

  /// Reads only what it rests on.
  Checkpoint.Outline outline(long number) throws IOException {
    return Checkpoint.outline(number, this::bytes);
  }

  private byte[] bytes(long number) throws IOException {
    String name = name(number);
    try (SegmentInput file = segments.open(Segments.Kind.CHECKPOINT, number)) {
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

  /// On return the checkpoint is on stable storage.
  ///
  /// @param bytesMax the largest that the next one may be expected to be
  void write(long number, byte[] encoded, long bytesMax) throws IOException {
    int length = LENGTH_BYTES + encoded.length;
    ByteBuffer bytes = ByteBuffer.allocateDirect(length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(encoded.length).put(encoded).flip();
    segments.write(Segments.Kind.CHECKPOINT, number, bytes, LENGTH_BYTES + bytesMax);
  }

  /// Lets all go but these.
  void prune(Set<Long> kept) throws IOException {
    boolean deleted = false;
    for (long old : numbers()) {
      if (!kept.contains(old)) {
        segments.delete(Segments.Kind.CHECKPOINT, old);
        deleted = true;
      }
    }
    if (deleted) {
      segments.force();
    }
  }
}
