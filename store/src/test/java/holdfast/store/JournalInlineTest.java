package holdfast.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A caller who writes the journal in place of its thread.
@Timeout(60)
class JournalInlineTest {
  private static final long NEVER_MS = 3_600_000;
  private static final String FIRST_SEGMENT = "journal-0000000000000001.seg";

  @TempDir Path directory;

  @Test
  void writesAndTellsOnTheCallingThread() throws Exception {
    try (JournalRig rig = new JournalRig(directory, JournalRig.options("sync", NEVER_MS))) {
      rig.start();
      int inline = 0;
      for (long expected = 1; expected <= 20; expected++) {
        long position = rig.append();
        if (rig.journal.commitInline()) {
          inline++;
          assertThat(rig.journal.durable()).isEqualTo(position).isEqualTo(expected);
          assertThat(rig.teller).isSameAs(Thread.currentThread());
        } else {
          // The writer's thread was awake to note that something is to be marked, and came first.
          rig.await(() -> rig.journal.durable() >= position);
        }
      }
      assertThat(inline).isGreaterThan(10);
      assertThat(rig.journal.commitInline()).as("nothing left to write").isTrue();
      assertThat(rig.journal.writes()).isEqualTo(20);
      assertThat(rig.journal.forced()).isEqualTo(20);
    }
  }

  @Test
  void leavesItToTheWriterWhileAWriteIsUnderWay() throws Exception {
    try (JournalRig rig = new JournalRig(directory, JournalRig.options("sync", NEVER_MS))) {
      CountDownLatch begun = new CountDownLatch(1);
      CountDownLatch goOn = new CountDownLatch(1);
      rig.hook =
          operation -> {
            begun.countDown();
            awaitOrThrow(goOn);
          };
      rig.start();
      rig.append();
      rig.journal.kick();
      begun.await();
      long second = rig.append();
      assertThat(rig.journal.commitInline()).isFalse();
      assertThat(rig.positions).isEmpty();
      rig.hook = JournalRig.NOTHING;
      goOn.countDown();
      rig.await(() -> rig.journal.durable() >= second);
      assertThat(rig.positions).containsExactly(1L, 2L);
    }
  }

  private static void awaitOrThrow(CountDownLatch latch) throws IOException {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @Test
  void leavesWhatGathersMeanwhileToTheWriter() throws Exception {
    try (JournalRig rig = new JournalRig(directory, JournalRig.options("sync", NEVER_MS))) {
      rig.start();
      rig.commit();
      AtomicBoolean once = new AtomicBoolean();
      rig.hook =
          operation -> {
            if (once.compareAndSet(false, true)) {
              rig.append();
              rig.journal.kick();
            }
          };
      rig.append();
      rig.commitInline();
      rig.await(() -> rig.journal.durable() >= 3);
      assertThat(rig.teller).isNotSameAs(Thread.currentThread());
      assertThat(rig.positions).containsExactly(1L, 2L, 3L);
    }
  }

  @Test
  void isMarkedByTheWriterOnceTheJournalIsIdle() throws Exception {
    try (JournalRig rig = new JournalRig(directory, JournalRig.options("sync", 5))) {
      rig.start();
      for (long round = 0; round < 20; round++) {
        long position = rig.append();
        rig.commitInline();
        assertThat(position).isEqualTo(2 * round + 1);
        rig.await(() -> rig.journal.durable() >= position + 1);
      }
    }
  }

  @Test
  void survivesAThreadThatIsInterruptedAllTheTime() throws Exception {
    try (JournalRig rig = new JournalRig(directory, JournalRig.options("sync", NEVER_MS))) {
      rig.start();
      Thread caller = Thread.currentThread();
      AtomicBoolean ended = new AtomicBoolean();
      Thread pest =
          new Thread(() -> {
            while (!ended.get()) {
              caller.interrupt();
              Thread.onSpinWait();
            }
          });
      pest.start();
      int segments = 0;
      int inline = 0;
      try {
        for (int i = 0; i < 500; i++) {
          long position = rig.append();
          if (rig.journal.commitInline()) {
            inline++;
          } else {
            // The writer, woken to watch for idleness, was there first.
            rig.journal.kick();
            while (rig.journal.durable() < position) {
              Thread.onSpinWait();
            }
          }
          assertThat(rig.journal.durable()).isEqualTo(position);
        }
        segments = (int) rig.journal.generation();
      } finally {
        ended.set(true);
        while (pest.isAlive()) {
          Thread.onSpinWait();
        }
        assertThat(Thread.interrupted()).as("the interrupt is still the caller's").isTrue();
      }
      assertThat(segments).isGreaterThan(10);
      assertThat(inline).isPositive();
      assertThat(rig.failures).isEmpty();
    }
  }

  @Test
  void keepsTheOrderWhenInlineCallersAndTheWriterTakeTurns() throws Exception {
    try (JournalRig rig = new JournalRig(directory, JournalRig.options("sync", 1))) {
      rig.start();
      Object appending = new Object();
      List<Thread> callers =
          LongStream.range(0, 3)
              .mapToObj(n ->
                  new Thread(() -> {
                    for (int i = 0; i < 400; i++) {
                      synchronized (appending) {
                        if (rig.journal.hasRoom()) {
                          rig.append();
                        }
                      }
                      if (!rig.journal.commitInline()) {
                        rig.journal.kick();
                      }
                    }
                  }))
              .toList();
      callers.forEach(Thread::start);
      for (Thread caller : callers) {
        caller.join();
      }
      long last = rig.commit();
      assertThat(rig.positions)
          .startsWith(LongStream.rangeClosed(1, last).boxed().toArray(Long[]::new));
    }
  }

  @Test
  void failsForGoodAndTellsItOnce() throws Exception {
    try (JournalRig rig = new JournalRig(directory, JournalRig.options("sync", NEVER_MS))) {
      rig.start();
      rig.append();
      assertThat(rig.journal.commitInline()).isTrue();
      rig.hook =
          operation -> {
            throw new IOException("short write: 17 of 4096 bytes");
          };
      rig.append();
      long begun = System.nanoTime();
      assertThatThrownBy(rig.journal::commitInline)
          .isInstanceOf(StoreFailedException.class)
          .hasMessageContaining(FIRST_SEGMENT)
          .hasMessageContaining("short write");
      assertThat(System.nanoTime() - begun).isLessThan(1_000_000_000);
      rig.hook = JournalRig.NOTHING;
      assertThatThrownBy(rig.journal::commitInline).isInstanceOf(StoreFailedException.class);
      assertThatThrownBy(rig::append).isInstanceOf(StoreFailedException.class);
      rig.join();
      assertThat(rig.journal.durable()).isEqualTo(1);
      assertThat(rig.positions).containsExactly(1L);
      assertThat(rig.failures).hasSize(1);
    }
  }
}
