package holdfast.store;

import org.jspecify.annotations.Nullable;

/// The platform thread that forces a journal of buffered writes: every so often while there is
/// something to force, and when a checkpoint waits for a position. There is none under
/// [SyncPolicy.Sync]; a simulation calls [JournalFront#forceOnce] instead of this.
///
/// Guarded by its own lock, which is never held while forcing.
final class JournalFlusher extends Thread {
  private static final long NEVER = Long.MAX_VALUE;

  private final JournalFront journal;

  /// How long a write waits for its force; [#NEVER] if only those wait that ask.
  private final long everyNanos;

  private final Object lock = new Object();

  // Guarded by the lock.
  private boolean dirty;
  private long dirtySince;
  private boolean asked;
  private boolean ended;

  JournalFlusher(JournalFront journal, long everyNanos) {
    super("journal-flusher");
    this.journal = journal;
    this.everyNanos = everyNanos;
    setDaemon(true);
  }

  /// The flusher that a policy asks for, or null.
  static @Nullable JournalFlusher of(JournalFront journal, SyncPolicy sync) {
    return switch (sync) {
      case SyncPolicy.Sync ignored -> null;
      case SyncPolicy.Interval interval ->
          new JournalFlusher(journal, interval.everyMs() * 1_000_000);
      case SyncPolicy.Written ignored -> new JournalFlusher(journal, NEVER);
    };
  }

  /// A write has returned.
  ///
  /// @param asked whether somebody waits until it is forced
  void wrote(boolean asked) {
    synchronized (lock) {
      if (!dirty) {
        dirty = true;
        dirtySince = System.nanoTime();
        lock.notifyAll();
      }
      if (asked && !this.asked) {
        this.asked = true;
        lock.notifyAll();
      }
    }
  }

  @Override
  public void run() {
    try {
      while (awaitWork()) {
        if (!journal.forceOnce()) {
          return;
        }
      }
    } catch (InterruptedException | RuntimeException | Error e) {
      // Without its flusher the journal would promise what it no longer keeps.
      journal.failFor(e);
    }
  }

  private boolean awaitWork() throws InterruptedException {
    synchronized (lock) {
      while (!ended && !asked) {
        if (!dirty || everyNanos == NEVER) {
          lock.wait();
          continue;
        }
        long left = dirtySince + everyNanos - System.nanoTime();
        if (left <= 0) {
          break;
        }
        lock.wait(left / 1_000_000, (int) (left % 1_000_000));
      }
      dirty = false;
      asked = false;
      return !ended;
    }
  }

  /// Ends the thread once the force that is under way has returned; what it has not forced then is
  /// forced when the journal's file is closed.
  void end() {
    synchronized (lock) {
      ended = true;
      lock.notifyAll();
    }
  }
}
