package holdfast.store;

/// The platform thread that writes the journal. Nobody interrupts it: an interrupt would close the
/// channel under a write.
final class JournalWriter extends Thread {
  private final Journal journal;

  JournalWriter(Journal journal) {
    super("journal-writer");
    this.journal = journal;
    setDaemon(true);
  }

  @Override
  public void run() {
    try {
      while (journal.awaitWork()) {
        if (!journal.writeOnce()) {
          return;
        }
      }
    } catch (InterruptedException | RuntimeException | Error e) {
      // A writer that is gone must not look like one that is slow.
      journal.failFor(e);
    }
  }
}
