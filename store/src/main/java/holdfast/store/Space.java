package holdfast.store;

import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// How much of the disk is free, as looked at last, and whether publishers must wait until there is
/// more. Nothing here touches a file. Any thread; what [#shortage] says is one volatile read away.
final class Space {
  /// Once publishers wait, they go on waiting until this much more than the limit is free.
  private static final long MARGIN_BYTES_MAX = 16L * 1024 * 1024;

  private final Disk disk;
  private final long freeBytesMin;
  private final Runnable changed;

  /// What moving the entries of one journal segment takes: it must be there beyond the limit, or
  /// the reserve would be needed while publishers still publish.
  private volatile long workBytes;

  private volatile long freeBytes;
  private volatile boolean low;
  private volatile @Nullable String unknown;
  private volatile @Nullable String spareLacks;
  private volatile @Nullable String reserveLacks;
  private volatile boolean told;
  private volatile boolean hurried;

  /// @param changed called, without any lock held, when a shortage has begun or ended
  Space(Disk disk, long freeBytesMin, Runnable changed) {
    this.disk = disk;
    this.freeBytesMin = freeBytesMin;
    this.changed = changed;
    look();
  }

  /// Asks the disk, and tells when the answer matters. Not to be called under a lock.
  void look() {
    try {
      long free = disk.usableBytes();
      freeBytes = free;
      long limit = freeBytesMin + workBytes;
      low = free < limit + (low ? Math.min(limit / 4, MARGIN_BYTES_MAX) : 0);
      unknown = null;
    } catch (IOException e) {
      unknown = "how much of the disk is free cannot be told: " + e;
    }
    tell();
  }

  /// Whether somebody waits for the thread that fills files.
  void hurry(boolean waited) {
    hurried = waited;
  }

  boolean isHurried() {
    return hurried;
  }

  /// Tells, once, that a shortage has begun or ended. Not to be called under a lock.
  void tell() {
    boolean isShort = isShort();
    if (isShort != told) {
      told = isShort;
      changed.run();
    }
  }

  /// Why publishers must wait, in words for a person; null if they need not.
  @Nullable String shortage() {
    if (low) {
      return String.format(
          Locale.ROOT,
          "low on disk: %d bytes are free in %s, the limit is %d",
          freeBytes,
          disk.description(),
          freeBytesMin + workBytes);
    }
    String lacks = spareLacks;
    lacks = lacks != null ? lacks : reserveLacks;
    return lacks != null ? lacks : unknown;
  }

  boolean isShort() {
    return shortage() != null;
  }

  /// Bytes that were free when the disk was asked last.
  long freeBytes() {
    return freeBytes;
  }

  /// Segments have this size now.
  void segmentsAre(long bytes) {
    workBytes = bytes;
  }

  /// Whether publishers could go on if so much were taken of what was free when the disk was asked
  /// last.
  boolean has(long bytes) {
    return freeBytes - freeBytesMin - workBytes >= bytes;
  }

  /// Whether so much may be kept for the worst: never what the limit leaves to others. Asks the
  /// disk.
  boolean mayKeep(long bytes) {
    look();
    return freeBytes - freeBytesMin >= bytes;
  }

  /// Whether so much may be taken ahead of need. Asks the disk.
  boolean mayTake(long bytes) {
    look();
    return has(bytes);
  }

  /// Says what is the matter with the next segment; null: nothing.
  void spareLacks(@Nullable String what) {
    spareLacks = what;
  }

  /// Says what is the matter with the reserve; null: nothing.
  void reserveLacks(@Nullable String what) {
    reserveLacks = what;
  }

  /// Whether a failure to write so many new bytes means that there is no room for them. The text is
  /// the system's, in its language, and a write that was cut short has none: so the disk is asked
  /// as well.
  boolean isFull(IOException e, long bytes) {
    String text = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    look();
    return text.contains("no space left")
        || text.contains("quota")
        || text.contains("short write")
        || freeBytes < bytes;
  }
}
