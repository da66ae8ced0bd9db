package holdfast.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// A disk that is read to its end although the device refuses some of it: a block that cannot be
/// read counts as zeros, is told as damage, and then fails every checksum as it should. Nothing can
/// be written through it.
///
/// Counts what is read. For one thread.
final class PatientDisk implements Disk {
  private final Disk disk;
  private final ReadProgress progress;
  private final List<Damage> unreadable = new ArrayList<>();
  private long bytesRead;
  private long bytesTotal;

  PatientDisk(Disk disk, ReadProgress progress) {
    this.disk = disk;
    this.progress = progress;
  }

  /// Adds to what will be read in all.
  void expect(long bytes) {
    bytesTotal += bytes;
  }

  List<Damage> unreadable() {
    return unreadable;
  }

  @Override
  public List<String> names() throws IOException {
    return disk.names();
  }

  @Override
  public DiskFile open(String name, Access access) throws IOException {
    if (access != Access.READ) {
      throw readOnly();
    }
    return new PatientFile(name, disk.open(name, Access.READ));
  }

  private IOException readOnly() {
    return new IOException(description() + " is only looked at, never changed");
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
    return disk.usableBytes();
  }

  @Override
  public String description() {
    return disk.description();
  }

  @Override
  public void close() throws IOException {
    disk.close();
  }

  private final class PatientFile implements DiskFile {
    private final String name;
    private final DiskFile file;

    PatientFile(String name, DiskFile file) {
      this.name = name;
      this.file = file;
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
      int from = target.position();
      int read;
      try {
        read = file.read(target, position);
      } catch (IOException refused) {
        target.position(from);
        read = readByBlock(target, position);
      }
      bytesRead += read;
      progress.read(bytesRead, Math.max(bytesRead, bytesTotal));
      return read;
    }

    private int readByBlock(ByteBuffer target, long position) throws IOException {
      long end = Math.min(position + target.remaining(), file.size());
      int total = 0;
      for (long at = position; at < end; ) {
        int count = (int) (Math.min(end, (at / BLOCK_BYTES + 1) * BLOCK_BYTES) - at);
        byte[] block = new byte[count];
        try {
          file.read(ByteBuffer.wrap(block), at);
        } catch (IOException e) {
          tell(at, e);
        }
        target.put(block);
        total += count;
        at += count;
      }
      return total;
    }

    private void tell(long at, IOException e) {
      boolean known = unreadable.stream().anyMatch(d -> d.file().equals(name) && d.offset() == at);
      if (!known) {
        unreadable.add(new Damage(name, at, "the disk does not give it back: " + e, false));
      }
    }

    @Override
    public void write(ByteBuffer source, long position) throws IOException {
      throw readOnly();
    }

    @Override
    public void force() throws IOException {
      throw readOnly();
    }

    @Override
    public void resize(long bytes) throws IOException {
      throw readOnly();
    }

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
