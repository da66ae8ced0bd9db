package holdfast.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;

/// A disk that forgets: names and lengths are kept, bytes are not. What is measured over it is the
/// store's own work.
final class DiscardingDisk implements Disk {
  private final ConcurrentSkipListMap<String, AtomicLong> files = new ConcurrentSkipListMap<>();

  private record Discarded(AtomicLong length) implements DiskFile {
    /// Zeros: what no one wrote.
    @Override
    public int read(ByteBuffer target, long position) {
      int count = (int) Math.min(target.remaining(), Math.max(0, length.get() - position));
      for (int i = 0; i < count; i++) {
        target.put((byte) 0);
      }
      return count;
    }

    @Override
    public void write(ByteBuffer source, long position) {
      length.accumulateAndGet(position + source.remaining(), Math::max);
      source.position(source.limit());
    }

    @Override
    public void force() {}

    @Override
    public long size() {
      return length.get();
    }

    @Override
    public void resize(long bytes) {
      length.set(bytes);
    }

    @Override
    public void close() {}
  }

  @Override
  public List<String> names() {
    return List.copyOf(files.keySet());
  }

  @Override
  public DiskFile open(String name, Access access) throws IOException {
    AtomicLong length = files.get(name);
    if (length == null) {
      throw new NoSuchFileException(name);
    }
    return new Discarded(length);
  }

  @Override
  public DiskFile create(String name, Access access) throws IOException {
    AtomicLong length = new AtomicLong();
    if (files.putIfAbsent(name, length) != null) {
      throw new FileAlreadyExistsException(name);
    }
    return new Discarded(length);
  }

  @Override
  public void rename(String from, String to) throws IOException {
    AtomicLong length = files.remove(from);
    if (length == null) {
      throw new NoSuchFileException(from);
    }
    files.put(to, length);
  }

  @Override
  public void delete(String name) {
    files.remove(name);
  }

  @Override
  public void forceDirectory() {}

  @Override
  public long usableBytes() {
    return Long.MAX_VALUE;
  }

  @Override
  public String description() {
    return "a disk that forgets";
  }

  @Override
  public void close() {}
}
