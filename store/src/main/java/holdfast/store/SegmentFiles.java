package holdfast.store;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/// The journal's files: which segments exist, which are spare, how one becomes active and how one
/// is given back. Called by the journal's writer and by the background thread. What both change is
/// guarded by this object's lock, under which there is no device work: the writer calls [#reserve]
/// while appenders wait.
///
/// A segment is made of a spare. Failing that, where there is ample space, of one of the [Reserve]
/// if another is left there, or of an unfilled file; where there is not, of any of the reserve, or
/// of a small file that is filled first. So what the journal writes has its room on the disk before
/// the disk is full.
final class SegmentFiles {
  private static final String ACTIVE_PREFIX = "journal-";
  private static final String SPARE_PREFIX = "spare-";
  private static final String SUFFIX = ".seg";

  /// A spare in the making, and a segment for which there was no spare.
  private static final String UNFINISHED = "spare.tmp";

  private static final String UNSPARED = "segment.tmp";

  /// Segments grow while so many of the larger size fit into what is free.
  private static final int GROWTH_ROOM = 8;

  /// Of files that are there already, so many times as many stay spare as are made ready: while
  /// entries move, segments go round in a larger circle, and filling one anew would take from the
  /// device what the move needs.
  private static final int CIRCLE = 3;

  /// Looks, one a second, without a new segment: then those beyond what is made ready go.
  private static final int CIRCLE_LOOKS = 30;

  private final Disk disk;
  private final StoreOptions options;
  private final Space space;
  private final Reserve reserve;
  private final ArrayDeque<Spare> spares = new ArrayDeque<>();

  /// Generation -> size in bytes on disk, of every segment that is not spare.
  private final TreeMap<Long, Long> segments = new TreeMap<>();

  /// Given back, under a name that is not on stable storage yet. Owned by the background thread.
  private final ArrayList<Spare> returned = new ArrayList<>();

  /// Segment -> where its file may begin to have holes: its end, or behind its last write. Of
  /// segments that are not here nobody knows. Guarded by the lock.
  private final Map<Long, Long> filled = new HashMap<>();

  private long spareNumber;
  private long nextBytes;
  private boolean preparing;
  private int quietLooks;

  /// A file that can become a segment.
  record Spare(String name, long bytes) {}

  /// For a journal by itself: with a reserve that nobody fills.
  SegmentFiles(Disk disk, StoreOptions options) {
    this(disk, options, new Space(disk, options.diskFreeBytesMin(), () -> {}));
  }

  private SegmentFiles(Disk disk, StoreOptions options, Space space) {
    this(disk, options, space, new Reserve(disk, space, options.segmentBytesFirst()));
  }

  SegmentFiles(Disk disk, StoreOptions options, Space space, Reserve reserve) {
    this.disk = disk;
    this.options = options;
    this.space = space;
    this.reserve = reserve;
    this.nextBytes = options.segmentBytesFirst();
  }

  static String name(long generation) {
    return ACTIVE_PREFIX + HexFormat.of().toHexDigits(generation) + SUFFIX;
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

  /// Takes stock at open. Segments stay, needed or not, until the first [#free]: what they are good
  /// for takes time to find out.
  void adopt() throws IOException {
    disk.delete(UNFINISHED);
    disk.delete(UNSPARED);
    List<String> spare = new ArrayList<>();
    for (String name : disk.names()) {
      if (isSegment(name)) {
        segments.put(generation(name), sizeOf(name));
      } else if (isSpare(name)) {
        spare.add(name);
      }
    }
    for (String name : spare) {
      giveBack(name, sizeOf(name));
    }
    if (!spare.isEmpty()) {
      forceReturned();
    }
  }

  /// A file that is not needed any more and has no holes: the next segment, if it has the right
  /// size. Smaller ones go, or sizes would never grow; but not while space is short, for then any
  /// that a buffer fits into is better than none.
  private void giveBack(String name, long bytes) throws IOException {
    boolean useful;
    synchronized (this) {
      useful =
          wantsBack()
              && bytes >= (space.isShort() ? segmentBytesMin() : nextBytes)
              && bytes <= options.segmentBytesMax()
              && bytes % Disk.BLOCK_BYTES == 0;
    }
    if (useful) {
      String spare = nextSpareName();
      disk.rename(name, spare);
      returned.add(new Spare(spare, bytes));
    } else if (!reserve.offer(name, bytes)) {
      disk.delete(name);
    }
  }

  /// The same for a segment, whose file may have holes: behind its last write if it was not filled
  /// before, and anywhere if an earlier process wrote it.
  private void giveBackSegment(long generation) throws IOException {
    String name = name(generation);
    long bytes;
    long filledTo;
    boolean wanted;
    synchronized (this) {
      bytes = segments.getOrDefault(generation, 0L);
      filledTo = filled.getOrDefault(generation, (long) SegmentLayout.BYTES);
      wanted = bytes >= segmentBytesMin() && (wantsBack() || !reserve.isWhole() || space.isShort());
    }
    // Where there is space enough, a new file costs no more than filling an old one.
    boolean worthFilling = space.isShort() || filledTo > bytes / 2;
    if (!wanted || !worthFilling || !isFilled(name, filledTo, bytes)) {
      disk.delete(name);
      return;
    }
    giveBack(name, bytes);
  }

  /// Whether one more file would stay spare; under the lock.
  private boolean wantsBack() {
    int coming = spares.size() + returned.size() + (preparing ? 1 : 0);
    return coming < options.spareSegments() * (space.isShort() ? 1 : CIRCLE);
  }

  private boolean isFilled(String name, long from, long bytes) throws IOException {
    if (from >= bytes) {
      return true;
    }
    try (DiskFile file = disk.open(name, Disk.Access.BUFFERED)) {
      Zeros.fill(file, from, bytes, space::isHurried);
      return true;
    } catch (IOException e) {
      if (space.isFull(e, bytes)) {
        return false;
      }
      throw e;
    }
  }

  /// The smallest file that the journal can write a whole buffer to.
  private long segmentBytesMin() {
    return (long) SegmentLayout.BYTES + options.bufferBytes();
  }

  /// Lets what was given back be used. Not before its new name is on stable storage: the next
  /// segment's header overwrites the old one, and after a loss of power it must not be found under
  /// the old segment's name.
  private void forceReturned() throws IOException {
    disk.forceDirectory();
    synchronized (this) {
      spares.addAll(returned);
      if (!spares.isEmpty()) {
        space.spareLacks(null);
      }
    }
    returned.clear();
    reserve.admitOffered();
  }

  private String nextSpareName() throws IOException {
    List<String> taken = disk.names();
    synchronized (this) {
      String name;
      do {
        name = SPARE_PREFIX + spareNumber++ + SUFFIX;
      } while (taken.contains(name));
      return name;
    }
  }

  private long sizeOf(String name) throws IOException {
    try (DiskFile file = disk.open(name, Disk.Access.READ)) {
      return file.size();
    }
  }

  /// The next segment's size, and the file it will be made of if there is one ready.
  synchronized Plan reserve(long generation) {
    Spare spare = spares.poll();
    quietLooks = 0;
    long bytes = nextBytes;
    if (spare == null && reserve.largest() > 0) {
      // Never more than the reserve could stand in for, should the space be gone when it is needed.
      bytes = Math.min(bytes, Math.max(reserve.largest(), options.segmentBytesFirst()));
    }
    if (spare == null && isAmple(bytes)) {
      spare = spareOf(reserve.borrow(options.segmentBytesFirst()));
    } else if (spare == null) {
      spare = spareOf(reserve.take(segmentBytesMin()));
      bytes = segmentBytesLast();
    }
    bytes = spare != null ? spare.bytes() : bytes;
    reserve.segmentsAre(Math.min(bytes, options.segmentBytesMax()));
    long larger = Math.min(options.segmentBytesMax(), nextBytes * 2);
    if (space.has(GROWTH_ROOM * larger)) {
      nextBytes = larger;
    }
    return new Plan(generation, bytes, spare);
  }

  private boolean isAmple(long bytes) {
    return !space.isShort() && space.has(2 * bytes);
  }

  /// A small segment's size, where all that was kept is used up: so that there is room for it.
  private long segmentBytesLast() {
    long half = space.freeBytes() / 2 / Disk.BLOCK_BYTES * Disk.BLOCK_BYTES;
    return Math.clamp(half, segmentBytesMin(), options.segmentBytesFirst());
  }

  private static @Nullable Spare spareOf(Reserve.@Nullable Held held) {
    return held == null ? null : new Spare(held.name(), held.bytes());
  }

  /// A segment that is decided on and does not exist yet.
  record Plan(long generation, long bytes, @Nullable Spare spare) {}

  /// Makes a planned segment real: its header and its name are on stable storage on return.
  DiskFile activate(Plan plan, SegmentLayout.Header header) throws IOException {
    String name = name(plan.generation);
    Spare spare = plan.spare != null ? plan.spare : lateSpare(plan.bytes);
    String from = spare != null ? spare.name() : UNSPARED;
    boolean hasHoles = spare == null && create(from, plan.bytes);
    space.tell();
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
      segments.put(plan.generation, spare != null ? spare.bytes() : plan.bytes);
      if (!hasHoles) {
        filled.put(plan.generation, spare != null ? spare.bytes() : plan.bytes);
      }
    }
    return file;
  }

  /// A segment is written up to here, and no further.
  synchronized void ends(long generation, long bytes) {
    filled.putIfAbsent(generation, bytes);
  }

  /// A segment that is there.
  DiskFile open(long generation, Disk.Access access) throws IOException {
    return disk.open(name(generation), access);
  }

  /// A file for a segment that was planned without one: it may be long ago.
  private @Nullable Spare lateSpare(long bytes) {
    space.look();
    synchronized (this) {
      for (Spare spare : spares) {
        if (spare.bytes() >= bytes) {
          spares.remove(spare);
          return spare;
        }
      }
      return isAmple(bytes) ? null : spareOf(reserve.take(bytes));
    }
  }

  /// Makes a file with no zeros at hand; returns whether it has holes. Where there is ample space
  /// an unfilled one is as safe and half as fast, and nobody waits for it. Where there is not, a
  /// hole would be a write that fails: then the zeros come first.
  private boolean create(String name, long bytes) throws IOException {
    boolean ample = isAmple(bytes);
    disk.delete(name);
    try (DiskFile created = disk.create(name, Disk.Access.BUFFERED)) {
      if (ample) {
        created.resize(bytes);
        created.force();
      } else {
        Zeros.fill(created, 0, bytes, () -> true);
      }
      return ample;
    } catch (IOException e) {
      disk.delete(name);
      if (!space.isFull(e, bytes)) {
        throw e;
      }
      throw new IOException(
          "the disk is full: there are no "
              + bytes
              + " bytes for the next journal segment in "
              + disk.description()
              + " ("
              + space.freeBytes()
              + " are free), and what was kept for it is used up: make room and start again",
          e);
    }
  }

  /// Whether a file is at hand for the next segment, whatever is free on the disk.
  synchronized boolean hasNext() {
    return !spares.isEmpty() || reserve.count(segmentBytesMin()) > 0;
  }

  /// A file of the reserve for entries that must leave the journal on a full disk. Null if there is
  /// none but the one that the journal itself may need next.
  synchronized Reserve.@Nullable Held lend() {
    int kept = spares.isEmpty() ? 1 : 0;
    return reserve.count(segmentBytesMin()) > kept ? reserve.take(segmentBytesMin()) : null;
  }

  Reserve reserve() {
    return reserve;
  }

  Space space() {
    return space;
  }

  /// Whether the oldest segment must be cleared so that its file can be the next: space is short,
  /// and there is no spare.
  synchronized boolean isTight() {
    return spares.isEmpty() && space.isShort();
  }

  /// Whether the background thread should fill a spare now.
  synchronized boolean wantsSpare() {
    return !preparing && spares.size() < options.spareSegments();
  }

  /// Whether spares are there that would rather be free space.
  synchronized boolean hasSurplus() {
    return spares.size() > options.spareSegments()
        && (space.isShort() || quietLooks > CIRCLE_LOOKS);
  }

  /// About once a second.
  synchronized void look() {
    quietLooks++;
  }

  /// Gives those back. Runs on the background thread.
  void dropSurplus() throws IOException {
    boolean dropped = false;
    while (hasSurplus()) {
      Spare spare;
      synchronized (this) {
        spare = spares.pollLast();
      }
      if (spare != null && !reserve.offer(spare.name(), spare.bytes())) {
        disk.delete(spare.name());
      }
      dropped = true;
    }
    if (dropped) {
      forceReturned();
    }
  }

  /// Fills one spare with zeros, as large as the disk's limit allows. Runs on the background
  /// thread.
  void prepareSpare() throws IOException {
    synchronized (this) {
      if (!wantsSpare()) {
        return;
      }
      preparing = true;
    }
    try {
      long bytes = affordable();
      if (bytes == 0) {
        space.spareLacks("low on disk: the next journal segment cannot be made ready");
        return;
      }
      try (DiskFile file = newFile()) {
        Zeros.fill(file, 0, bytes, space::isHurried);
      } catch (IOException e) {
        // On a full disk half a spare would hold the space that everything else needs.
        disk.delete(UNFINISHED);
        space.spareLacks("the next journal segment cannot be made ready: " + e.getMessage());
        throw e;
      }
      String name = nextSpareName();
      disk.rename(UNFINISHED, name);
      synchronized (this) {
        spares.add(new Spare(name, bytes));
        space.spareLacks(null);
      }
    } finally {
      synchronized (this) {
        preparing = false;
      }
    }
  }

  private DiskFile newFile() throws IOException {
    disk.delete(UNFINISHED);
    return disk.create(UNFINISHED, Disk.Access.BUFFERED);
  }

  /// The size of the next segment, or a smaller one that leaves the disk's limit alone; 0 if none
  /// does.
  private long affordable() {
    long bytes;
    synchronized (this) {
      bytes = nextBytes;
    }
    while (!space.mayTake(bytes)) {
      if (bytes / 2 < options.segmentBytesFirst()) {
        return 0;
      }
      bytes = bytes / 2 / Disk.BLOCK_BYTES * Disk.BLOCK_BYTES;
    }
    return bytes;
  }

  /// Gives back every segment below `before`, but for those that somebody reads: they go the next
  /// time.
  void free(long before, LongPredicate isRead) throws IOException {
    List<Long> unneeded;
    synchronized (this) {
      unneeded = new ArrayList<>(segments.headMap(before).keySet());
    }
    unneeded.removeIf(isRead::test);
    for (long generation : unneeded) {
      giveBackSegment(generation);
      synchronized (this) {
        segments.remove(generation);
        filled.remove(generation);
      }
    }
    if (!unneeded.isEmpty() || !returned.isEmpty()) {
      forceReturned();
    }
  }

  synchronized long diskBytes() {
    return segments.values().stream().mapToLong(Long::longValue).sum()
        + spares.stream().mapToLong(Spare::bytes).sum()
        + reserve.bytes();
  }

  synchronized int segmentCount() {
    return segments.size();
  }

  /// Bytes of a segment's file.
  synchronized long bytes(long generation) {
    return segments.getOrDefault(generation, 0L);
  }

  /// Bytes of all segments from `from` on.
  synchronized long bytesFrom(long from) {
    return segments.tailMap(from).values().stream().mapToLong(Long::longValue).sum();
  }
}
