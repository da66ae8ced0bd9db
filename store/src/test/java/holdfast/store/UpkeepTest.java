package holdfast.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Who writes faster than entries leave the journal is held back from three quarters of its limit
/// on, and all the way at the limit: a start never replays more.
class UpkeepTest {
  private static final int KIB = 1024;
  private static final long JOURNAL_BYTES = 2048 * KIB;

  /// Small buffers, so that little of a segment stays empty at its end.
  private static final StoreOptions OPTIONS =
      new StoreOptions(
          256 * KIB,
          256 * KIB,
          8 * KIB,
          KIB,
          3_600_000,
          1,
          JOURNAL_BYTES,
          KIB,
          SyncPolicy.SYNC,
          64 * KIB);

  @TempDir Path directory;

  private static final class Deaf implements Store.Listener {
    @Override
    public void durable(long position) {}

    @Override
    public void room() {}

    @Override
    public void fetched() {}

    @Override
    public void failed(StoreFailedException failure) {
      throw failure;
    }

    @Override
    public void warned(String what, Exception cause) {
      throw new AssertionError(what, cause);
    }
  }

  @Test
  void holdsTheJournalBackFromThreeQuartersOfItsLimitOn() {
    assertThat(Upkeep.overload(0, 1000)).isNotPositive();
    assertThat(Upkeep.overload(750, 1000)).isZero();
    assertThat(Upkeep.overload(875, 1000)).isEqualTo(0.5);
    assertThat(Upkeep.overload(1000, 1000)).isEqualTo(1);
  }

  /// Nothing leaves the journal here, for the background stands still. A held journal is one that
  /// nobody writes inline.
  @Test
  void letsTheJournalGoWhileItHasRoomAndWhenEntriesHaveLeft() throws IOException {
    ArrayDeque<Runnable> background = new ArrayDeque<>();
    try (Store store =
        Store.open(
            LocalDisk.open(directory), OPTIONS, new Deaf(), background::add, background::add)) {
      Log log = store.newLog();
      store.write(new Batch().createLog(log), true);
      while (write(store, log)) {
        assertThat(store.writtenBytes()).as("written and not held").isLessThan(JOURNAL_BYTES);
      }
      // Heads of segments, and what stays empty at their ends, count too: 5% at most.
      assertThat(store.writtenBytes())
          .isBetween(JOURNAL_BYTES * 70 / 100, JOURNAL_BYTES * 76 / 100);
      assertThat(write(store, log)).as("held from there on").isFalse();

      store.write(new Batch().settle(log, log.low(), (int) (log.next() - log.low())), true);
      store.writeOnce();
      store.tend();
      assertThat(write(store, log)).as("nothing live is left behind").isTrue();
    }
  }

  /// Writes an entry, and tends as an owner does. False if the journal was held back.
  private static boolean write(Store store, Log log) {
    ByteWriter header = new ByteWriter(8);
    store.write(
        new Batch().append(new Log[] {log}, new boolean[1], 1, header, new byte[900]), true);
    boolean free = store.commitInline();
    store.writeOnce();
    store.tend();
    return free;
  }
}
