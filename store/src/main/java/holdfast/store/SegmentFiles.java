package holdfast.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The journal's files: which segments exist, which are spare, how one becomes active and how one
/// is given back. Called by the journal's writer and by the background thread. What both change is
/// guarded by this object's lock, under which there is no device work: the writer calls [#reserve]
/// while appenders wait.
final class SegmentFiles {
  private static final String ACTIVE_PREFIX = "journal-";
  private static final String SPARE_PREFIX = "spare-";
  private static final String SUFFIX = ".seg";

  /// Zeros go to the disk in pieces of this size: commits wait behind one of them at most, where
  /// they would wait behind all of them if they were forced at the end.
  private static final int FILL_BYTES = 512 * 1024;

  private final Disk disk;
  private final StoreOptions options;
  private final ArrayDeque<Spare> spares = new ArrayDeque<>();

  /// Generation -> size in bytes on disk, of every segment that is not spare.
  private final TreeMap<Long, Long> segments = new TreeMap<>();

  /// Given back, under a name that is not on stable storage yet. Owned by the background thread.
  private final ArrayList<Spare> returned = new ArrayList<>();

  private long spareNumber;
  private long nextBytes;
  private boolean preparing;

  /// A file that can become a segment.
  record Spare(String name, long bytes) {}

  SegmentFiles(Disk disk, StoreOptions options) {
    this.disk = disk;
    this.options = options;
    this.nextBytes = options.segmentBytesFirst();
  }

  static String name(long generation) {
    return String.format(Locale.ROOT, "%s%016x%s", ACTIVE_PREFIX, generation, SUFFIX);
  }

  static boolean isSegment(String name) {
    return name.startsWith(ACTIVE_PREFIX) && name.endsWith(SUFFIX);
  }

  static boolean isSpare(String name) {
    return name.startsWith(SPARE_PREFIX);
  }

  static long generation(String name) {
    return Long.parseUnsignedLong(
        name, ACTIVE_PREFIX.length(), name.length() - SUFFIX.length(), 16);
  }

  /// Takes stock at open: the segments that recovery kept, everything else recycled or deleted.
  void adopt(Set<Long> kept) throws IOException {
    List<String> unneeded = new ArrayList<>();
    for (String name : disk.names()) {
      if (isSegment(name) && kept.contains(generation(name))) {
        segments.put(generation(name), sizeOf(name));
      } else if (isSegment(name) || isSpare(name)) {
        unneeded.add(name);
      }
    }
    for (String name : unneeded) {
      giveBack(name);
    }
    if (!unneeded.isEmpty()) {
      forceReturned();
    }
  }

  /// A file whose segment is no longer needed: the next segment, if it has the right size. Smaller
  /// ones go, or sizes would never grow.
  private void giveBack(String name) throws IOException {
    long bytes = sizeOf(name);
    boolean useful;
    synchronized (this) {
      int coming = spares.size() + returned.size() + (preparing ? 1 : 0);
      useful =
          coming < options.spareSegments()
              && bytes >= nextBytes
              && bytes <= options.segmentBytesMax()
              && bytes % Disk.BLOCK_BYTES == 0;
    }
    if (!useful) {
      disk.delete(name);
      return;
    }
    String spare = nextSpareName();
    disk.rename(name, spare);
    returned.add(new Spare(spare, bytes));
  }

  /// Lets what was given back be used. Not before its new name is on stable storage: the next
  /// segment's header overwrites the old one, and after a loss of power it must not be found under
  /// the old segment's name.
  private void forceReturned() throws IOException {
    disk.forceDirectory();
    synchronized (this) {
      spares.addAll(returned);
    }
    returned.clear();
  }

  private String nextSpareName() throws IOException {
    List<String> taken = disk.names();
    synchronized (this) {
      String name;
      do {
        name = String.format(Locale.ROOT, "%s%d%s", SPARE_PREFIX, spareNumber++, SUFFIX);
      } while (taken.contains(name));
      return name;
    }
  }

  private long sizeOf(String name) throws IOException {
    try (DiskFile file = disk.open(name, Disk.Access.READ)) {
      return file.size();
    }
  }

  /// The next segment's size, and the spare it will be made of if there is one ready.
  synchronized Plan reserve(long generation) {
    Spare spare = spares.poll();
    long bytes = spare != null ? spare.bytes() : nextBytes;
    nextBytes = Math.min(options.segmentBytesMax(), nextBytes * 2);
    return new Plan(generation, bytes, spare);
  }

  /// A segment that is decided on and does not exist yet.
  record Plan(long generation, long bytes, @Nullable Spare spare) {}

  /// Makes a planned segment real: its header and its name are on stable storage on return.
  DiskFile activate(Plan plan, SegmentLayout.Header header) throws IOException {
    String name = name(plan.generation);
    Spare spare = plan.spare;
    String from = spare != null ? spare.name() : nextSpareName();
    if (spare == null) {
      // No zeros at hand: an unfilled file is as safe and half as fast, and nobody waits for it.
      try (DiskFile created = disk.create(from, Disk.Access.BUFFERED)) {
        created.resize(plan.bytes);
        created.force();
      }
    }
    DiskFile file = disk.open(from, Disk.Access.DURABLE);
    try {
      file.write(SegmentLayout.encode(header), 0);
      disk.rename(from, name);
      disk.forceDirectory();
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
    synchronized (this) {
      segments.put(plan.generation, plan.bytes);
    }
    return file;
  }

  /// Whether the background thread should fill a spare now.
  synchronized boolean wantsSpare() {
    return !preparing && spares.size() < options.spareSegments();
  }

  /// Fills one spare with zeros. Runs on the background thread.
  void prepareSpare() throws IOException {
    long bytes;
    synchronized (this) {
      if (!wantsSpare()) {
        return;
      }
      preparing = true;
      bytes = nextBytes;
    }
    try {
      String name = nextSpareName();
      try {
        fillWithZeros(name, bytes);
      } catch (IOException e) {
        // On a full disk half a spare would hold the space that everything else needs.
        disk.delete(name);
        throw e;
      }
      synchronized (this) {
        spares.add(new Spare(name, bytes));
      }
    } finally {
      synchronized (this) {
        preparing = false;
      }
    }
  }

  private void fillWithZeros(String name, long bytes) throws IOException {
    try (DiskFile file = disk.create(name, Disk.Access.DURABLE)) {
      ByteBuffer zeros = Bytes.alignedBuffer(FILL_BYTES);
      Pace pace = new Pace();
      for (long at = 0; at < bytes; at += FILL_BYTES) {
        pace.begin();
        file.write(zeros.clear().limit((int) Math.min(FILL_BYTES, bytes - at)), at);
        pace.rest();
      }
      file.force();
    }
  }

  /// Gives back every segment below `before` that is not in `needed`.
  void free(long before, Set<Long> needed) throws IOException {
    List<Long> unneeded;
    synchronized (this) {
      unneeded = new ArrayList<>(segments.headMap(before).keySet());
    }
    unneeded.removeAll(needed);
    for (long generation : unneeded) {
      giveBack(name(generation));
      synchronized (this) {
        segments.remove(generation);
      }
    }
    if (!unneeded.isEmpty() || !returned.isEmpty()) {
      forceReturned();
    }
  }

  synchronized long diskBytes() {
    return segments.values().stream().mapToLong(Long::longValue).sum()
        + spares.stream().mapToLong(Spare::bytes).sum();
  }

  synchronized int segmentCount() {
    return segments.size();
  }
}
