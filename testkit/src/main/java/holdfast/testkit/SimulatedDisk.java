package holdfast.testkit;

import holdfast.store.Disk;
import holdfast.store.DiskFile;
import holdfast.testkit.DiskFaults.Operation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// A disk in memory that keeps exactly what [Disk] promises and nothing more, so that a test can
/// take the power away between or within any two operations and look at what is left.
///
/// A durable write is stable when it returns; a buffered one after its file's force; a name after
/// the directory's force, apart from the bytes of the file. While a durable write is under way it
/// is like a buffered one: any of its sectors may survive, one of them torn.
///
/// Everything random comes from the seed. Every method holds the disk's lock.
public final class SimulatedDisk implements Disk {
  private static final double[] SURVIVAL = {0.03, 0.3, 0.5, 0.7, 0.97};

  private final SplittableRandom dice;
  private final DiskFaults faults = new DiskFaults();
  private NameTable names = new NameTable();
  private long operations;
  private long crashAt = Long.MAX_VALUE;
  private boolean dead;
  private long readBytes;
  private final Map<String, Integer> creations = new HashMap<>();

  public SimulatedDisk(long seed) {
    this(new SplittableRandom(seed));
  }

  private SimulatedDisk(SplittableRandom dice) {
    this.dice = dice;
  }

  /// What is wrong with this disk.
  public DiskFaults faults() {
    return faults;
  }

  /// Operations so far that change the disk: one of them, counted from 1, may be the last.
  public synchronized long operations() {
    return operations;
  }

  /// Bytes read so far.
  public synchronized long readBytes() {
    return readBytes;
  }

  /// How many times a file of this name has been created.
  public synchronized int creations(String name) {
    return creations.getOrDefault(name, 0);
  }

  /// Takes the power away in the middle of an operation: [SimulatedCrash] is thrown there and by
  /// everything after it. Counted as [#operations] is.
  public synchronized void crashAt(long operation) {
    crashAt = operation;
  }

  /// The disk after a loss of power now; this one is dead from here on.
  public synchronized SimulatedDisk crash(CrashMode mode) {
    dead = true;
    SimulatedDisk image = new SimulatedDisk(dice.split());
    double survival = SURVIVAL[dice.nextInt(SURVIVAL.length)];
    image.names = names.afterCrash(mode, dice, survival);
    image.faults.likewiseFull(faults);
    image.faults.takeLiesOf(faults);
    return image;
  }

  /// The same content on a second disk without faults; this one lives on.
  public synchronized SimulatedDisk copy() {
    SimulatedDisk copy = new SimulatedDisk(dice.split());
    copy.names = names.copy();
    copy.faults.likewiseFull(faults);
    return copy;
  }

  /// Bytes that files take, holes left out.
  public synchronized long usedBytes() {
    return names.allocatedBytes();
  }

  /// Bytes of a file where nothing was ever written: a write there needs room on the disk.
  public synchronized long holeBytes(String name) throws IOException {
    SectorFile file = existing(name);
    return (long) file.unallocated(0, (int) file.size()) * SectorFile.SECTOR_BYTES;
  }

  /// A file's bytes.
  public synchronized byte[] content(String name) throws IOException {
    SectorFile file = existing(name);
    byte[] bytes = new byte[(int) file.size()];
    file.read(ByteBuffer.wrap(bytes), 0);
    return bytes;
  }

  /// Changes bytes of a file at rest.
  public synchronized void overwrite(String name, long offset, byte[] bytes) throws IOException {
    existing(name).damage(offset, bytes);
  }

  /// Flips one bit of a file at rest.
  public synchronized void flipBit(String name, long offset, int bit) throws IOException {
    byte[] one = new byte[1];
    existing(name).read(ByteBuffer.wrap(one), offset);
    one[0] = (byte) (one[0] ^ 1 << bit);
    existing(name).damage(offset, one);
  }

  /// Zeroes the sector around an offset of a file at rest.
  public synchronized void zeroSector(String name, long offset) throws IOException {
    long start = offset - offset % SectorFile.SECTOR_BYTES;
    existing(name).damage(start, new byte[SectorFile.SECTOR_BYTES]);
  }

  private SectorFile existing(String name) throws IOException {
    SectorFile file = names.find(name);
    if (file == null) {
      throw new NoSuchFileException(name);
    }
    return file;
  }

  private void alive() {
    if (dead) {
      throw new SimulatedCrash("earlier");
    }
  }

  /// Counts an operation; true when the power goes away in its middle.
  private boolean isLast() {
    alive();
    return ++operations == crashAt;
  }

  private SimulatedCrash die(Operation operation) {
    dead = true;
    return new SimulatedCrash("in operation " + operations + ", " + operation);
  }

  private void failIfDue(Operation operation, String what) throws IOException {
    if (faults.hits(operation)) {
      throw new IOException("Input/output error: " + operation + " " + what);
    }
  }

  @Override
  public synchronized List<String> names() {
    alive();
    return names.list();
  }

  @Override
  public synchronized DiskFile open(String name, Access access) throws IOException {
    alive();
    return new OpenFile(name, existing(name), access, false);
  }

  /// Insists on whole blocks and aligned memory, as reads past a page cache do.
  @Override
  public synchronized DiskFile openToScan(String name) throws IOException {
    alive();
    return new OpenFile(name, existing(name), Access.READ, true);
  }

  @Override
  public synchronized DiskFile create(String name, Access access) throws IOException {
    boolean last = isLast();
    if (names.find(name) != null) {
      throw new FileAlreadyExistsException(name);
    }
    failIfDue(Operation.CREATE, name);
    creations.merge(name, 1, Integer::sum);
    SectorFile file = new SectorFile();
    names.create(name, file);
    if (last) {
      throw die(Operation.CREATE);
    }
    return new OpenFile(name, file, access, false);
  }

  @Override
  public synchronized void rename(String from, String to) throws IOException {
    boolean last = isLast();
    existing(from);
    failIfDue(Operation.RENAME, from);
    names.rename(from, to);
    if (last) {
      throw die(Operation.RENAME);
    }
  }

  @Override
  public synchronized void delete(String name) throws IOException {
    boolean last = isLast();
    failIfDue(Operation.DELETE, name);
    names.delete(name);
    if (last) {
      throw die(Operation.DELETE);
    }
  }

  @Override
  public synchronized void forceDirectory() throws IOException {
    if (isLast()) {
      throw die(Operation.FORCE_DIRECTORY);
    }
    failIfDue(Operation.FORCE_DIRECTORY, "");
    if (!faults.ignoringDirectoryForces()) {
      names.force();
    }
  }

  @Override
  public synchronized long usableBytes() {
    alive();
    return Math.max(0, faults.capacityBytes() - names.allocatedBytes());
  }

  @Override
  public String description() {
    return "simulated disk";
  }

  @Override
  public void close() {}

  private final class OpenFile implements DiskFile {
    private final String name;
    private final SectorFile file;
    private final Access access;
    private final boolean byBlock;
    private boolean closed;

    OpenFile(String name, SectorFile file, Access access, boolean byBlock) {
      this.name = name;
      this.file = file;
      this.access = access;
      this.byBlock = byBlock;
    }

    private void requireOpen(boolean toChange) throws IOException {
      if (closed) {
        throw new IOException(name + " is closed");
      }
      if (toChange && access == Access.READ) {
        throw new IOException(name + " is open for reading");
      }
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
      synchronized (SimulatedDisk.this) {
        alive();
        requireOpen(false);
        if (byBlock && !isAligned(target, position)) {
          throw new IOException("Invalid argument: an unaligned read of " + name);
        }
        failIfDue(Operation.READ, name);
        int count = file.read(target, position);
        readBytes += count;
        return count;
      }
    }

    private static boolean isAligned(ByteBuffer target, long position) {
      return target.isDirect()
          && target.alignmentOffset(target.position(), BLOCK_BYTES) == 0
          && position % BLOCK_BYTES == 0
          && target.remaining() % BLOCK_BYTES == 0;
    }

    @Override
    public void write(ByteBuffer source, long position) throws IOException {
      synchronized (SimulatedDisk.this) {
        requireOpen(true);
        boolean last = isLast();
        int length = source.remaining();
        if (access == Access.DURABLE
            && (position % BLOCK_BYTES != 0 || length % BLOCK_BYTES != 0)) {
          throw new IOException("Invalid argument: an unaligned durable write to " + name);
        }
        long needed = (long) file.unallocated(position, length) * SectorFile.SECTOR_BYTES;
        if (needed > 0 && needed > usableBytes()) {
          faults.countFull();
          writeWhatFits(source, position);
          throw new IOException("No space left on device: " + name);
        }
        boolean cut = faults.hitsShortWrite();
        if (cut || faults.hits(Operation.WRITE)) {
          source.limit(source.position() + dice.nextInt(length + 1));
          file.write(source, position);
          throw new IOException((cut ? "short write: " : "Input/output error: WRITE ") + name);
        }
        if (faults.losesWritesTo(name)) {
          source.position(source.limit());
          file.write(ByteBuffer.allocate(length), position);
        } else {
          file.write(source, position);
        }
        if (last) {
          throw die(Operation.WRITE);
        }
        if (access == Access.DURABLE && !faults.ignoresForcesOf(name)) {
          file.settle(position, length);
        }
      }
    }

    /// A full disk takes nothing of a write, or its beginning, as it likes.
    private void writeWhatFits(ByteBuffer source, long position) throws IOException {
      long sectors = usableBytes() / SectorFile.SECTOR_BYTES;
      int length = source.remaining();
      if (sectors > 1 && dice.nextBoolean()) {
        int fits = (int) Math.min(length - 1, (sectors - 1) * SectorFile.SECTOR_BYTES);
        source.limit(source.position() + fits);
        file.write(source, position);
        throw new IOException("short write: " + fits + " of " + length + " bytes to " + name);
      }
    }

    @Override
    public void force() throws IOException {
      synchronized (SimulatedDisk.this) {
        requireOpen(true);
        if (isLast()) {
          throw die(Operation.FORCE);
        }
        if (faults.hits(Operation.FORCE)) {
          file.failForce();
          throw new IOException("Input/output error: FORCE " + name);
        }
        if (!faults.ignoresForcesOf(name)) {
          file.force();
        }
      }
    }

    @Override
    public long size() throws IOException {
      synchronized (SimulatedDisk.this) {
        alive();
        requireOpen(false);
        return file.size();
      }
    }

    @Override
    public void resize(long bytes) throws IOException {
      synchronized (SimulatedDisk.this) {
        requireOpen(true);
        boolean last = isLast();
        failIfDue(Operation.RESIZE, name);
        file.resize(bytes);
        if (last) {
          throw die(Operation.RESIZE);
        }
      }
    }

    @Override
    public void close() {
      synchronized (SimulatedDisk.this) {
        closed = true;
      }
    }
  }
}
