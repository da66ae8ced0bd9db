package holdfast.store;

import java.io.IOException;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What one owner of a directory has to do with it: the journal's files, the segments beside them,
/// and the space that is left for both.
final class LocalEpoch implements Epoch, Room {
  private static final Runnable NOBODY = () -> {};

  private final Disk disk;
  private final long number;
  private final Space space;
  private final Reserve reserve;
  private final SegmentFiles files;
  private final LocalJournal journal;
  private final LocalSegments segments;
  private volatile Runnable listener = NOBODY;

  LocalEpoch(
      Disk disk, StoreOptions options, long number, TreeMap<Long, SegmentLayout.Header> headers) {
    this.disk = disk;
    this.number = number;
    space = new Space(disk, options.diskFreeBytesMin(), () -> listener.run());
    reserve = new Reserve(disk, space, options.segmentBytesFirst());
    files = new SegmentFiles(disk, options, space, reserve);
    journal = new LocalJournal(disk, files, options.sync(), number, headers);
    segments = new LocalSegments(disk, files);
  }

  /// On return nothing of this epoch can be completed any more.
  void fence() {
    segments.fence(number);
    journal.fence();
  }

  @Override
  public long number() {
    return number;
  }

  @Override
  public JournalId journalId() {
    return journal.journalId();
  }

  @Override
  public Journal journal() {
    return journal;
  }

  @Override
  public Segments segments() {
    return segments;
  }

  @Override
  public Room room() {
    return this;
  }

  @Override
  public void recovered() throws IOException {
    reserve.adopt();
    files.adopt();
  }

  @Override
  public Calibration.@Nullable Found calibrate() throws IOException {
    return Calibration.of(disk);
  }

  // --- the room ---

  @Override
  public void onChange(Runnable listener) {
    this.listener = listener;
  }

  @Override
  public void look() {
    space.look();
    files.look();
  }

  @Override
  public @Nullable String shortage() {
    return space.shortage();
  }

  @Override
  public long freeBytes() {
    return space.freeBytes();
  }

  @Override
  public long keptBytesInOne() {
    return reserve.largest();
  }

  @Override
  public long keptBytes() {
    return reserve.bytes();
  }

  @Override
  public void hurry(boolean waited) {
    space.hurry(waited);
  }

  @Override
  public boolean isTight() {
    return files.isTight();
  }

  @Override
  public boolean isFull(IOException e, long bytes) {
    return space.isFull(e, bytes);
  }

  @Override
  public boolean wantsPreparing() {
    return files.wantsSpare() || files.hasSurplus() || !reserve.isWhole();
  }

  @Override
  public void prepare() throws IOException {
    journal.requireOwner();
    files.dropSurplus();
    files.prepareSpare();
    reserve.fill();
  }
}
