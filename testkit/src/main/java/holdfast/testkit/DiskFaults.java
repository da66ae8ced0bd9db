package holdfast.testkit;

import java.util.EnumMap;
import java.util.Map;

/// What is wrong with a [SimulatedDisk]: failures to come, the space it has, and the lies it tells.
/// Guarded by its disk's lock.
public final class DiskFaults {
  /// The kinds of operation that change a disk.
  public enum Operation {
    CREATE,
    WRITE,
    FORCE,
    RESIZE,
    RENAME,
    DELETE,
    FORCE_DIRECTORY
  }

  private final Map<Operation, Long> countdowns = new EnumMap<>(Operation.class);
  private long shortWriteCountdown;
  private long capacityBytes = Long.MAX_VALUE;
  private boolean ignoringForces;
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

  long capacityBytes() {
    return capacityBytes;
  }

  /// A disk that acknowledges writes and forces and keeps them in memory.
  public DiskFaults ignoreForces(boolean lying) {
    ignoringForces = lying;
    return this;
  }

  boolean ignoringForces() {
    return ignoringForces;
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
    return true;
  }

  boolean hitsShortWrite() {
    return shortWriteCountdown > 0 && --shortWriteCountdown == 0;
  }
}
