package holdfast.store;

/// The platform thread that writes the journal, and keeps the flusher that its policy asks for.
/// Nobody interrupts it.
final class JournalWriter extends Thread {
  private final JournalFront journal;

  JournalWriter(JournalFront journal) {
    super("journal-writer");
    this.journal = journal;
    setDaemon(true);
  }

  @Override
  public void run() {
    JournalFlusher flusher = journal.flusher();
    try {
      if (flusher != null) {
        flusher.start();
      }
      while (journal.awaitWork()) {
        long before = journal.writtenBytes();
        if (!journal.writeOnce()) {
          break;
        }
        journal.throttle().rest(journal.writtenBytes() - before);
      }
    } catch (InterruptedException | RuntimeException | Error e) {
      // A writer that is gone must not look like one that is slow.
      journal.failFor(e);
    } finally {
      if (flusher != null) {
        flusher.end();
      }
    }
  }
}
