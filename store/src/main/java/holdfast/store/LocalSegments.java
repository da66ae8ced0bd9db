package holdfast.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Log segments and checkpoints as files of one directory. A checkpoint appears under its name only
/// when it is whole on stable storage; on a full disk it goes into a file of the [Reserve], and so
/// may be shorter than its file.
final class LocalSegments implements Segments {
  private static final String UNFINISHED = "checkpoint.tmp";

  /// A new file is forced each time so much of it has been written: commits wait for no more than
  /// that. By durable writes, each of which makes the file system commit where the new blocks are,
  /// it would grow half as fast.
  private static final int FORCED_BYTES = 1024 * 1024;

  private final Disk disk;
  private final @Nullable SegmentFiles files;

  /// The epoch that is over; 0 while it is not.
  private volatile long fenced;

  /// To read what there is.
  LocalSegments(Disk disk) {
    this.disk = disk;
    this.files = null;
  }

  LocalSegments(Disk disk, SegmentFiles files) {
    this.disk = disk;
    this.files = files;
  }

  void fence(long epoch) {
    fenced = epoch;
  }

  private SegmentFiles owned() throws IOException {
    if (fenced != 0) {
      throw new FencedException(fenced);
    }
    SegmentFiles owned = files;
    if (owned == null) {
      throw new IOException(disk.description() + " is open for reading");
    }
    return owned;
  }

  private static String name(Kind kind, long number) {
    return switch (kind) {
      case LOG -> LogSegmentFiles.name(number);
      case CHECKPOINT -> Checkpoints.name(number);
    };
  }

  @Override
  public List<Long> numbers(Kind kind) throws IOException {
    List<Long> numbers = new ArrayList<>();
    for (String name : disk.names()) {
      switch (kind) {
        case LOG -> {
          if (LogSegmentFiles.isLogSegment(name)) {
            numbers.add(LogSegmentFiles.number(name));
          }
        }
        case CHECKPOINT -> {
          if (Checkpoints.isCheckpoint(name)) {
            numbers.add(Checkpoints.number(name));
          }
        }
      }
    }
    numbers.sort(Comparator.reverseOrder());
    return numbers;
  }

  @Override
  public SegmentInput open(Kind kind, long number) throws IOException {
    return disk.open(name(kind, number), Disk.Access.READ);
  }

  @Override
  public SegmentOutput create(Kind kind, long number) throws IOException {
    owned();
    String name = name(kind, number);
    disk.delete(name);
    return new Output(disk.create(name, Disk.Access.BUFFERED), name, null);
  }

  @Override
  public @Nullable SegmentOutput createInKept(Kind kind, long number) throws IOException {
    SegmentFiles owned = owned();
    Reserve.Held held = owned.lend();
    if (held == null) {
      return null;
    }
    String name = name(kind, number);
    try {
      disk.delete(name);
      return new Output(disk.open(held.name(), Disk.Access.DURABLE), name, held);
    } catch (IOException e) {
      owned.reserve().giveBack(held);
      throw e;
    }
  }

  @Override
  public void write(Kind kind, long number, ByteBuffer bytes, long nextBytesMax)
      throws IOException {
    SegmentFiles owned = owned();
    String name = name(kind, number);
    int length = bytes.remaining();
    owned.reserve().checkpointIs((int) Math.max(length, nextBytesMax));
    try {
      writeNew(name, bytes.duplicate());
    } catch (IOException e) {
      if (!owned.space().isFull(e, length)) {
        throw e;
      }
      Reserve.Held held = owned.reserve().take(length);
      if (held == null) {
        throw new IOException(
            "no " + length + " bytes for a checkpoint, neither free nor kept for it", e);
      }
      writeInto(held, owned.reserve(), name, bytes);
    }
    disk.forceDirectory();
  }

  private void writeNew(String name, ByteBuffer bytes) throws IOException {
    disk.delete(UNFINISHED);
    try {
      try (DiskFile file = disk.create(UNFINISHED, Disk.Access.BUFFERED)) {
        file.write(bytes, 0);
        file.force();
      }
      disk.rename(UNFINISHED, name);
    } catch (IOException e) {
      // On a full disk the unfinished file would hold the space that the next try needs.
      disk.delete(UNFINISHED);
      throw e;
    }
  }

  private void writeInto(Reserve.Held held, Reserve from, String name, ByteBuffer bytes)
      throws IOException {
    try {
      try (DiskFile file = disk.open(held.name(), Disk.Access.BUFFERED)) {
        file.write(bytes, 0);
        file.force();
      }
      disk.rename(held.name(), name);
    } catch (IOException e) {
      from.giveBack(held);
      throw e;
    }
  }

  @Override
  public void force() throws IOException {
    disk.forceDirectory();
    SegmentFiles owned = files;
    if (owned != null) {
      owned.reserve().admitOffered();
    }
  }

  @Override
  public void delete(Kind kind, long number) throws IOException {
    Reserve reserve = owned().reserve();
    String name = name(kind, number);
    // A log segment's file may have holes: the reserve could not rest on it.
    if (kind != Kind.CHECKPOINT || !reserve.offer(name, size(name))) {
      disk.delete(name);
    }
  }

  private long size(String name) throws IOException {
    try (DiskFile file = disk.open(name, Disk.Access.READ)) {
      return file.size();
    }
  }

  @Override
  public String description() {
    return disk.description();
  }

  private final class Output implements SegmentOutput {
    private final DiskFile file;
    private final String name;

    /// The file of the reserve that is written over; null: a new one.
    private final Reserve.@Nullable Held held;

    private long written;
    private int unforced;
    private boolean closed;

    Output(DiskFile file, String name, Reserve.@Nullable Held held) {
      this.file = file;
      this.name = name;
      this.held = held;
    }

    @Override
    public void write(ByteBuffer blocks) throws IOException {
      int length = blocks.remaining();
      file.write(blocks, written);
      written += length;
      unforced += length;
      if (held == null && unforced >= FORCED_BYTES) {
        file.force();
        unforced = 0;
      }
    }

    @Override
    public long room() {
      return held == null ? UNBOUNDED : held.bytes();
    }

    @Override
    public void finish() throws IOException {
      owned();
      if (held != null) {
        file.resize(written);
      }
      file.force();
      file.close();
      if (held != null) {
        disk.rename(held.name(), name);
      }
      closed = true;
    }

    @Override
    public void close() throws IOException {
      if (!closed) {
        closed = true;
        file.close();
        if (held != null) {
          owned().reserve().giveBack(held);
        }
      }
    }
  }
}
