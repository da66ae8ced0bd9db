package holdfast.store;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/// The journal as a row of files: what one epoch reads of those before it, and its end, which it
/// writes ([JournalTail]).
///
/// The first write N that is missing or damaged ends the journal. If anything later on disk calls N
/// durable, N had been confirmed: that is corruption, and the replay refuses. Otherwise N was never
/// confirmed: a torn tail, cut before N. Reads only; nothing is changed until [#begin], so a crash
/// before it leaves the same to be read.
final class LocalJournal implements Journal {
  private final Disk disk;
  private final SegmentFiles files;
  private final SyncPolicy sync;
  private final TreeMap<Long, SegmentLayout.Header> headers;

  /// Segments that are decided on and not made yet, oldest first. Guarded by itself.
  private final ArrayDeque<SegmentFiles.Plan> plans = new ArrayDeque<>();

  /// Held for each write: an epoch is over when none is under way and `fenced` is set.
  private final Object writing = new Object();

  private boolean fenced;
  private Start start;
  private @Nullable Cut cut;
  private @Nullable JournalTail tail;

  /// Where the journal goes on after recovery.
  ///
  /// @param generation its next segment; the one before is there, unless this is the first
  record Start(
      JournalId journalId, long epoch, long generation, long firstWrite, int previousCrc) {}

  /// Where the newest segment's valid writes end, when that is before the file's end.
  private record Cut(String segment, long bytes) {}

  /// @param headers of every segment that is there
  LocalJournal(
      Disk disk,
      SegmentFiles files,
      SyncPolicy sync,
      long epoch,
      TreeMap<Long, SegmentLayout.Header> headers) {
    this.disk = disk;
    this.files = files;
    this.sync = sync;
    this.headers = headers;
    JournalId id =
        headers.isEmpty() ? JournalId.random() : headers.lastEntry().getValue().journalId();
    start = new Start(id, epoch, 1, 1, 0);
  }

  /// One that goes on where somebody knows that it ended.
  LocalJournal(Disk disk, SegmentFiles files, SyncPolicy sync, Start start) {
    this(disk, files, sync, start.epoch, new TreeMap<>());
    this.start = start;
  }

  JournalId journalId() {
    return start.journalId;
  }

  /// On return no write of this epoch can complete any more.
  void fence() {
    synchronized (writing) {
      fenced = true;
    }
  }

  void requireOwner() throws FencedException {
    synchronized (writing) {
      if (fenced) {
        throw new FencedException(start.epoch);
      }
    }
  }

  // --- reading what earlier epochs left ---

  @Override
  public boolean has(long segment, JournalId journalId) {
    SegmentLayout.Header header = headers.get(segment);
    return header != null && header.journalId().equals(journalId);
  }

  @Override
  public void replay(long fromSegment, Replayed to) throws IOException {
    if (headers.isEmpty() && fromSegment == 1) {
      return;
    }
    requireContiguous(fromSegment);
    start = read(headers.tailMap(fromSegment), to);
  }

  private void requireContiguous(long from) throws CorruptionException {
    long expected = from;
    for (long generation : headers.tailMap(from).keySet()) {
      if (generation != expected) {
        break;
      }
      expected++;
    }
    if (headers.isEmpty() || expected != headers.lastKey() + 1) {
      throw new CorruptionException(
          "segment "
              + SegmentFiles.name(expected)
              + " is missing from "
              + disk.description()
              + " although later ones are there: confirmed messages would be lost");
    }
  }

  private Start read(SortedMap<Long, SegmentLayout.Header> segments, Replayed to)
      throws IOException {
    long epoch = 0;
    long write = 0;
    int previousCrc = 0;
    long newest = segments.lastKey();
    for (long generation = segments.firstKey(); generation <= newest; generation++) {
      SegmentLayout.Header next = segments.get(generation + 1);
      try (SegmentReader reader = new SegmentReader(disk, generation)) {
        SegmentLayout.Header header = reader.header();
        if (write != 0 && (header.firstWrite() != write || header.previousCrc() != previousCrc)) {
          throw new CorruptionException(
              "segment " + reader.name() + " does not follow the one before: its chain is broken");
        }
        if (epoch != 0 && header.epoch() != epoch) {
          to.newEpoch();
        }
        epoch = header.epoch();
        write = header.firstWrite();
        previousCrc = header.previousCrc();
        while (next == null || write < next.firstWrite()) {
          if (next == null && !reader.next(write, previousCrc)) {
            judgeEnd(reader, write, to);
            break;
          } else if (next != null) {
            requireNext(reader, write, previousCrc);
          }
          previousCrc = reader.write().crc();
          to.write(generation, write, reader.recordsOffset(), reader.recordsBytes());
          write++;
        }
      }
    }
    return new Start(start.journalId, start.epoch, newest + 1, write, previousCrc);
  }

  private void requireNext(SegmentReader reader, long write, int previousCrc) throws IOException {
    if (!reader.next(write, previousCrc)) {
      throw new CorruptionException(
          "segment "
              + reader.name()
              + " in "
              + disk.description()
              + " is damaged at offset "
              + reader.offset()
              + ": write "
              + write
              + ", which was confirmed, is not whole there");
    }
  }

  private void judgeEnd(SegmentReader reader, long write, Replayed to) throws IOException {
    WriteLayout.Header witness = reader.witness(write);
    if (witness != null || to.isCounted(write)) {
      throw new CorruptionException(
          "segment "
              + reader.name()
              + " in "
              + disk.description()
              + " is damaged at offset "
              + reader.offset()
              + ": write "
              + write
              + " is not whole there, and "
              + (witness != null ? "write " + witness.sequence() : "the checkpoint")
              + " says that it was confirmed. Nothing has been changed. Restore the file from a"
              + " copy, or look at what is left with `holdfast journal verify` and give up the"
              + " rest with `holdfast journal salvage`");
    }
    cut = new Cut(reader.name(), reader.offset());
  }

  // --- writing ---

  /// The first segment's header is on stable storage on return: it remembers where the one before
  /// it ends.
  @Override
  public Begin begin() throws IOException {
    Cut left = cut;
    // Where space is short and nothing else is at hand, the next segment needs what is cut.
    boolean early = left != null && !files.hasNext() && files.space().isShort();
    if (left != null && early) {
      giveBackTail(left);
    }
    forceLastSegment();
    SegmentFiles.Plan plan = files.reserve(start.generation);
    tail = new JournalTail(files, start, plan, sync);
    if (left != null && !early && !(files.space().isShort() && files.hasNext())) {
      giveBackTail(left);
    }
    return new Begin(plan.generation(), plan.bytes(), start.firstWrite);
  }

  /// What recovery has read may stand in the operating system's memory alone, written under another
  /// policy by a process that was killed. The next segment's header makes it final: that may not
  /// outlive it. Segments before the last one were forced before the next began.
  private void forceLastSegment() throws IOException {
    if (start.generation > 1) {
      try (DiskFile last = files.open(start.generation - 1, Disk.Access.BUFFERED)) {
        last.force();
      }
    }
  }

  /// What lies behind a cut is dead space: the next segment's header remembers the cut. While space
  /// is short the file is kept whole: it becomes the next segment in its turn, where what is given
  /// back to the disk might be gone.
  private void giveBackTail(Cut left) throws IOException {
    try (DiskFile file = disk.open(left.segment, Disk.Access.BUFFERED)) {
      if (left.bytes < file.size()) {
        file.resize(left.bytes);
      }
    }
  }

  @Override
  public long plan(long segment) {
    SegmentFiles.Plan plan = files.reserve(segment);
    synchronized (plans) {
      plans.add(plan);
    }
    return plan.bytes();
  }

  private SegmentFiles.Plan planOf(long generation) {
    synchronized (plans) {
      SegmentFiles.Plan plan = plans.remove();
      assert plan.generation() == generation : plan.generation() + " instead of " + generation;
      return plan;
    }
  }

  @Override
  public long append(WriteBuffer write, Completion completion) throws IOException {
    JournalTail end = tail();
    synchronized (writing) {
      requireOwner();
      if (write.generation() != end.generation()) {
        end.goOn(planOf(write.generation()), write.sequence());
      }
      return end.write(write);
    }
  }

  private JournalTail tail() {
    JournalTail end = tail;
    if (end == null) {
      throw new IllegalStateException("nothing is appended before the journal has begun");
    }
    return end;
  }

  @Override
  public boolean isBuffered() {
    return !(sync instanceof SyncPolicy.Sync);
  }

  @Override
  public void force() throws IOException {
    tail().force();
  }

  @Override
  public long forced() {
    return tail().forced();
  }

  @Override
  public String where() {
    return tail().segment();
  }

  @Override
  public void close(boolean forces) throws IOException {
    tail().close(forces);
  }

  // --- files ---

  @Override
  public SegmentInput open(long segment) throws IOException {
    return disk.open(SegmentFiles.name(segment), Disk.Access.READ);
  }

  @Override
  public SegmentInput openToScan(long segment) throws IOException {
    return disk.openToScan(SegmentFiles.name(segment));
  }

  @Override
  public void free(long before, LongPredicate isRead) throws IOException {
    requireOwner();
    files.free(before, isRead);
  }

  @Override
  public long bytes(long segment) {
    return files.bytes(segment);
  }

  @Override
  public long bytesFrom(long segment) {
    return files.bytesFrom(segment);
  }

  @Override
  public int segmentCount() {
    return files.segmentCount();
  }

  @Override
  public long diskBytes() {
    return files.diskBytes();
  }
}
