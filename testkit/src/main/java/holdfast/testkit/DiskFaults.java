package holdfast.testkit;

import java.util.EnumMap;
import java.util.Map;

/// What is wrong with a [SimulatedDisk]: failures to come, the space it has, and the lies it tells.
/// Guarded by its disk's lock.
public final class DiskFaults {
  /// The kinds of operation that can fail.
  public enum Operation {
    READ,
    CREATE,
    WRITE,
    FORCE,
    RESIZE,
    RENAME,
    DELETE,
    FORCE_DIRECTORY
  }

  /// No name begins so.
  private static final String NONE = "/";

  private final Map<Operation, Long> countdowns = new EnumMap<>(Operation.class);
  private long shortWriteCountdown;
  private long capacityBytes = Long.MAX_VALUE;
  private boolean stayingFull;
  private long happened;
  private boolean ignoringForces;
  private String unforcedPrefix = NONE;
  private String lostPrefix = NONE;
  private boolean ignoringDirectoryForces;

  /// Lets the n-th operation of a kind from now on fail with an I/O error, once; `nth` counts from
  /// 1.
  public DiskFaults failAt(Operation operation, long nth) {
    countdowns.put(operation, nth);
    return this;
  }

  /// Lets the n-th write from now on put only a part of its bytes on the disk, and fail.
  public DiskFaults shortWriteAt(long nth) {
    shortWriteCountdown = nth;
    return this;
  }

  /// Bytes that fit; past them every write that needs new space fails.
  public DiskFaults capacityBytes(long bytes) {
    capacityBytes = bytes;
    return this;
  }

  /// A limit of space that outlives a crash, and holds for copies.
  public DiskFaults stayFull(boolean staying) {
    stayingFull = staying;
    return this;
  }

  /// Takes the limit of space over from another disk, if it is one to stay.
  void likewiseFull(DiskFaults other) {
    if (other.stayingFull) {
      stayingFull = true;
      capacityBytes = other.capacityBytes;
    }
  }

  /// Failures so far, those for want of space included.
  public long happened() {
    return happened;
  }

  void countFull() {
    happened++;
  }

  long capacityBytes() {
    return capacityBytes;
  }

  /// A disk that acknowledges writes and forces and keeps them in memory.
  public DiskFaults ignoreForces(boolean lying) {
    ignoringForces = lying;
    return this;
  }

  /// Whether a write or a force of this file is acknowledged and kept in memory.
  boolean ignoresForcesOf(String name) {
    return ignoringForces || name.startsWith(unforcedPrefix);
  }

  /// The same for files of some names alone.
  public DiskFaults ignoreForcesOf(String prefix) {
    unforcedPrefix = prefix;
    return this;
  }

  /// A disk that acknowledges writes to files of these names and puts zeros there.
  public DiskFaults loseWritesTo(String prefix) {
    lostPrefix = prefix;
    return this;
  }

  boolean losesWritesTo(String name) {
    return name.startsWith(lostPrefix);
  }

  /// The lies of another disk's: its image after a crash is on the same disk.
  void takeLiesOf(DiskFaults other) {
    ignoringForces = other.ignoringForces;
    ignoringDirectoryForces = other.ignoringDirectoryForces;
    unforcedPrefix = other.unforcedPrefix;
    lostPrefix = other.lostPrefix;
  }

  /// A file system that acknowledges the force of a directory and does nothing.
  public DiskFaults ignoreDirectoryForces(boolean lying) {
    ignoringDirectoryForces = lying;
    return this;
  }

  boolean ignoringDirectoryForces() {
    return ignoringDirectoryForces;
  }

  /// Forgets failures to come and the limit of space; the lies stay.
  public void heal() {
    countdowns.clear();
    shortWriteCountdown = 0;
    capacityBytes = Long.MAX_VALUE;
    stayingFull = false;
  }

  /// Counts an operation; true when it is the one to fail.
  boolean hits(Operation operation) {
    Long left = countdowns.get(operation);
    if (left == null) {
      return false;
    }
    if (left > 1) {
      countdowns.put(operation, left - 1);
      return false;
    }
    countdowns.remove(operation);
    happened++;
    return true;
  }

  boolean hitsShortWrite() {
    boolean hit = shortWriteCountdown > 0 && --shortWriteCountdown == 0;
    happened += hit ? 1 : 0;
    return hit;
  }
}
