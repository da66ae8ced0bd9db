package holdfast.amqp091;

import holdfast.store.Disk;
import holdfast.store.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/// A disk that can be stopped: writes and forces then wait until it goes on.
final class StallingDisk implements Disk {
  private final Disk disk;
  private boolean stalled;

  StallingDisk(Disk disk) {
    this.disk = disk;
  }

  synchronized void stall() {
    stalled = true;
  }

  synchronized void goOn() {
    stalled = false;
    notifyAll();
  }

  private synchronized void pass() {
    while (stalled) {
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  @Override
  public List<String> names() throws IOException {
    return disk.names();
  }

  @Override
  public DiskFile open(String name, Access access) throws IOException {
    return new StallingFile(disk.open(name, access));
  }

  @Override
  public DiskFile create(String name, Access access) throws IOException {
    return new StallingFile(disk.create(name, access));
  }

  @Override
  public void rename(String from, String to) throws IOException {
    pass();
    disk.rename(from, to);
  }

  @Override
  public void delete(String name) throws IOException {
    pass();
    disk.delete(name);
  }

  @Override
  public void forceDirectory() throws IOException {
    pass();
    disk.forceDirectory();
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

  private final class StallingFile implements DiskFile {
    private final DiskFile file;

    StallingFile(DiskFile file) {
      this.file = file;
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
      return file.read(target, position);
    }

    @Override
    public void write(ByteBuffer source, long position) throws IOException {
      pass();
      file.write(source, position);
    }

    @Override
    public void force() throws IOException {
      pass();
      file.force();
    }

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public void resize(long bytes) throws IOException {
      file.resize(bytes);
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
