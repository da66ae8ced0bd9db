package holdfast.store;

import java.io.IOException;

/// An epoch of a directory in which there is a journal and nothing else.
final class JournalOnly implements Epoch {
  private final LocalJournal.Start start;
  private final LocalJournal journal;
  private final Segments segments;

  private JournalOnly(
      Disk disk, SegmentFiles files, StoreOptions options, LocalJournal.Start start) {
    this.start = start;
    journal = new LocalJournal(disk, files, options.sync(), start);
    segments = new LocalSegments(disk, files);
  }

  /// The front of a journal that goes on where `start` says.
  static JournalFront front(
      Disk disk,
      SegmentFiles files,
      StoreOptions options,
      LocalJournal.Start start,
      JournalListener listener,
      WriteTimes times)
      throws IOException {
    JournalOnly epoch = new JournalOnly(disk, files, options, start);
    return new JournalFront(epoch, epoch.journal.begin(), options, listener, times);
  }

  @Override
  public long number() {
    return start.epoch();
  }

  @Override
  public JournalId journalId() {
    return start.journalId();
  }

  @Override
  public Journal journal() {
    return journal;
  }

  @Override
  public Segments segments() {
    return segments;
  }
}
