package holdfast.testkit;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// A file's bytes twice over: as a program sees them now, and as they are on stable storage. Made
/// of sectors that are replaced and never changed, so that a copy costs nothing but references.
final class SectorFile {
  static final int SECTOR_BYTES = 512;

  private static final byte[] ZEROS = new byte[SECTOR_BYTES];

  /// Null where nothing has been written: such a sector reads as zeros and takes no space.
  private byte[][] now = {};

  private byte[][] stable = {};
  private long size;
  private long stableSize;
  private int allocated;

  /// Sectors whose force failed. The next force succeeds and does not write them: what Linux does.
  private final BitSet dropped = new BitSet();

  long size() {
    return size;
  }

  long allocatedBytes() {
    return (long) allocated * SECTOR_BYTES;
  }

  int read(ByteBuffer target, long position) {
    int total = 0;
    while (target.hasRemaining() && position + total < size) {
      long at = position + total;
      int inSector = (int) (at % SECTOR_BYTES);
      int count = (int) Math.min(Math.min(SECTOR_BYTES - inSector, target.remaining()), size - at);
      target.put(sectorAt(now, at), inSector, count);
      total += count;
    }
    return total;
  }

  private static byte[] sectorAt(byte[][] sectors, long position) {
    int index = (int) (position / SECTOR_BYTES);
    byte[] sector = index < sectors.length ? sectors[index] : null;
    return sector == null ? ZEROS : sector;
  }

  /// Sectors of a range that would be new on the disk.
  int unallocated(long position, int length) {
    int count = 0;
    long last = (position + length - 1) / SECTOR_BYTES;
    for (long i = position / SECTOR_BYTES; length > 0 && i <= last; i++) {
      count += i >= now.length || now[(int) i] == null ? 1 : 0;
    }
    return count;
  }

  /// What the program sees from here on; stable only with [#settle] or [#force].
  void write(ByteBuffer source, long position) {
    int done = 0;
    while (source.hasRemaining()) {
      long at = position + done;
      int inSector = (int) (at % SECTOR_BYTES);
      int count = Math.min(SECTOR_BYTES - inSector, source.remaining());
      byte[] sector = sectorAt(now, at).clone();
      source.get(sector, inSector, count);
      put((int) (at / SECTOR_BYTES), Arrays.equals(sector, ZEROS) ? ZEROS : sector);
      done += count;
    }
    size = Math.max(size, position + done);
  }

  private void put(int index, byte[] sector) {
    if (index >= now.length) {
      now = Arrays.copyOf(now, Math.max(index + 1, now.length * 2));
    }
    allocated += now[index] == null ? 1 : 0;
    now[index] = sector;
    dropped.clear(index);
  }

  /// A range is on stable storage, and the size that it needs.
  void settle(long position, int length) {
    if (length == 0) {
      return;
    }
    if (stable.length < now.length) {
      stable = Arrays.copyOf(stable, now.length);
    }
    int last = (int) ((position + length - 1) / SECTOR_BYTES);
    for (int i = (int) (position / SECTOR_BYTES); i <= last; i++) {
      stable[i] = now[i];
    }
    stableSize = Math.max(stableSize, Math.min(size, position + length));
  }

  void force() {
    stable = Arrays.copyOf(stable, Math.max(stable.length, now.length));
    for (int i = 0; i < stable.length; i++) {
      if (!dropped.get(i)) {
        stable[i] = i < now.length ? now[i] : null;
      }
    }
    stableSize = size;
  }

  /// A force that fails: what it should have written is never written by a later one.
  void failForce() {
    for (int i = 0; i < now.length; i++) {
      if (now[i] != (i < stable.length ? stable[i] : null)) {
        dropped.set(i);
      }
    }
  }

  void resize(long bytes) {
    int whole = (int) ((bytes + SECTOR_BYTES - 1) / SECTOR_BYTES);
    for (int i = whole; i < now.length; i++) {
      allocated -= now[i] == null ? 0 : 1;
      now[i] = null;
    }
    int rest = (int) (bytes % SECTOR_BYTES);
    if (bytes < size && rest != 0 && whole - 1 < now.length && now[whole - 1] != null) {
      byte[] cut = Arrays.copyOf(Arrays.copyOf(now[whole - 1], rest), SECTOR_BYTES);
      put(whole - 1, cut);
    }
    size = bytes;
  }

  /// Changes bytes at rest: what the program sees and what is stable alike.
  void damage(long position, byte[] bytes) {
    write(ByteBuffer.wrap(bytes), position);
    settle(position, bytes.length);
  }

  SectorFile copy() {
    SectorFile copy = new SectorFile();
    copy.now = now.clone();
    copy.stable = stable.clone();
    copy.size = size;
    copy.stableSize = stableSize;
    copy.allocated = allocated;
    copy.dropped.or(dropped);
    return copy;
  }

  /// The file after a loss of power.
  ///
  /// @param survival the chance of each sector that was not forced
  SectorFile afterCrash(CrashMode mode, SplittableRandom dice, double survival) {
    SectorFile image = new SectorFile();
    boolean newSize = survives(mode, dice, survival);
    image.size = newSize ? size : stableSize;
    int count = (int) ((image.size + SECTOR_BYTES - 1) / SECTOR_BYTES);
    image.now = new byte[count][];
    for (int i = 0; i < count; i++) {
      byte @Nullable [] old = i < stable.length ? stable[i] : null;
      byte @Nullable [] young = i < now.length ? now[i] : null;
      byte @Nullable [] left = old;
      if (young != old && survives(mode, dice, survival)) {
        boolean torn = mode == CrashMode.ANY_SUBSET && dice.nextInt(40) == 0;
        left = torn ? torn(old, young, dice) : young;
      }
      image.now[i] = left;
      image.allocated += left == null ? 0 : 1;
    }
    image.stable = image.now.clone();
    image.stableSize = image.size;
    return image;
  }

  private static boolean survives(CrashMode mode, SplittableRandom dice, double survival) {
    return switch (mode) {
      case NOTHING_UNFORCED -> false;
      case EVERYTHING -> true;
      case ANY_SUBSET -> dice.nextDouble() < survival;
    };
  }

  private static byte[] torn(
      byte @Nullable [] old, byte @Nullable [] young, SplittableRandom dice) {
    byte[] sector = (old == null ? ZEROS : old).clone();
    int cut = dice.nextInt(SECTOR_BYTES);
    System.arraycopy(young == null ? ZEROS : young, 0, sector, 0, cut);
    return sector;
  }
}
