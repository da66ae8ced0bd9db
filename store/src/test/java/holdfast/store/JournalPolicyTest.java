package holdfast.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is confirmed and what is forced under each policy, and what happens when the disk fails.
@Timeout(60)
class JournalPolicyTest {
  private static final long NEVER_MS = 3_600_000;
  private static final String FIRST_SEGMENT = "journal-0000000000000001.seg";

  @TempDir Path directory;

  private JournalRig rig(String sync) throws IOException {
    return new JournalRig(directory, JournalRig.options(sync, NEVER_MS));
  }

  @Test
  void confirmsWhatIsForcedUnderSync() throws Exception {
    try (JournalRig rig = rig("sync")) {
      rig.append();
      assertThat(rig.journal.forced()).isZero();
      rig.journal.writeOnce();
      assertThat(rig.journal.durable()).isEqualTo(1);
      assertThat(rig.journal.forced()).isEqualTo(1);
      rig.journal.forceOnce();
      assertThat(rig.operations).doesNotContain("force " + FIRST_SEGMENT);
      assertThat(rig.operations).noneMatch(operation -> operation.contains("BUFFERED"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"written", "interval:100ms"})
  void confirmsWhatIsWrittenAndForcesItLaterUnderTheOthers(String sync) throws Exception {
    try (JournalRig rig = rig(sync)) {
      rig.append();
      rig.journal.writeOnce();
      assertThat(rig.journal.durable()).isEqualTo(1);
      assertThat(rig.journal.forced()).isZero();
      rig.append();
      rig.journal.writeOnce();
      rig.journal.forceOnce();
      assertThat(rig.journal.forced()).isEqualTo(2);
      rig.journal.forceOnce();
      assertThat(rig.operations)
          .containsSubsequence("open " + FIRST_SEGMENT + " BUFFERED", "force " + FIRST_SEGMENT)
          .containsOnlyOnce("force " + FIRST_SEGMENT);
    }
  }

  @Test
  void forcesByItselfAfterTheInterval() throws Exception {
    try (JournalRig rig = rig("interval:20ms")) {
      rig.start();
      for (int i = 0; i < 5; i++) {
        long begun = System.nanoTime();
        long position = rig.commit();
        rig.await(() -> rig.journal.forced() >= position);
        assertThat(System.nanoTime() - begun).isGreaterThanOrEqualTo(20_000_000);
      }
      assertThat(rig.operations.stream().filter(("force " + FIRST_SEGMENT)::equals)).hasSize(5);
    }
  }

  @Test
  void forcesOnlyWhenAskedUnderWritten() throws Exception {
    try (JournalRig rig = rig("written")) {
      rig.start();
      long position = rig.commit();
      assertThat(rig.journal.forced()).isZero();
      long flushed = rig.journal.flush();
      assertThat(flushed).isGreaterThan(position);
      rig.await(() -> rig.journal.forced() >= flushed);
      assertThat(rig.operations).containsOnlyOnce("force " + FIRST_SEGMENT);
    }
  }

  @Test
  void saysInEveryWriteWhatIsForcedAndNotWhatIsConfirmed() throws Exception {
    try (JournalRig rig = rig("written")) {
      for (int i = 0; i < 4; i++) {
        rig.append();
        rig.journal.writeOnce();
        if (i == 1) {
          rig.journal.forceOnce();
        }
      }
    }
    assertThat(durableSequences())
        .as("four writes and the mark")
        .containsExactly(0L, 0L, 2L, 2L, 4L);
  }

  private List<Long> durableSequences() throws IOException {
    List<Long> found = new ArrayList<>();
    try (LocalDisk disk = LocalDisk.open(directory);
        SegmentReader reader = new SegmentReader(disk, 1)) {
      int previousCrc = 0;
      for (long sequence = 1; reader.next(sequence, previousCrc); sequence++) {
        found.add(reader.write().durable());
        previousCrc = reader.write().crc();
      }
    }
    return found;
  }

  @Test
  void forcesASegmentBeforeTheNextOneHasAHeader() throws Exception {
    try (JournalRig rig = rig("written")) {
      while (rig.journal.generation() < 3) {
        rig.append();
        rig.journal.writeOnce();
      }
      rig.append();
      rig.journal.writeOnce();
      assertThat(rig.journal.forced()).isPositive();
      assertThat(rig.operations)
          .containsSubsequence(
              "force " + FIRST_SEGMENT,
              "rename to journal-0000000000000002.seg",
              "force journal-0000000000000002.seg",
              "rename to journal-0000000000000003.seg");
    }
  }

  @Test
  void forcesAtACleanStopAndMarksTheEnd() throws Exception {
    try (JournalRig rig = rig("interval:60s")) {
      rig.start();
      rig.commit();
      rig.append(false);
    }
    assertThat(durableSequences()).containsExactly(0L, 0L, 2L);
  }

  @Test
  void forcesTheLastSegmentThatRecoveryReadBeforeItGoesOn() throws Exception {
    rig("written").close();
    try (JournalRig rig = new JournalRig(directory, JournalRig.options("sync", NEVER_MS), 2)) {
      assertThat(rig.operations)
          .containsSubsequence("force " + FIRST_SEGMENT, "rename to journal-0000000000000002.seg");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"sync", "written", "interval:1ms"})
  void failsForGoodWithinASecondWhenAWriteFails(String sync) throws Exception {
    try (JournalRig rig = rig(sync)) {
      rig.start();
      rig.commit();
      rig.hook =
          operation -> {
            if (operation.startsWith("write")) {
              throw new IOException("Input/output error");
            }
          };
      rig.append();
      long begun = System.nanoTime();
      rig.journal.kick();
      rig.await(() -> !rig.failures.isEmpty());
      assertThat(System.nanoTime() - begun).isLessThan(1_000_000_000);
      rig.hook = JournalRig.NOTHING;
      rig.join();
      assertThatThrownBy(rig::append).isInstanceOf(StoreFailedException.class);
      assertThat(rig.journal.writeOnce()).isFalse();
      assertThat(rig.journal.durable()).isEqualTo(1);
      assertThat(rig.failures).hasSize(1);
    }
  }

  @Test
  void neverForcesAgainAfterAForceThatFailed() throws Exception {
    AtomicInteger forces = new AtomicInteger();
    try (JournalRig rig = rig("interval:1ms")) {
      rig.hook =
          operation -> {
            if (operation.equals("force " + FIRST_SEGMENT) && forces.incrementAndGet() == 1) {
              throw new IOException("Input/output error");
            }
          };
      rig.start();
      rig.commit();
      rig.await(() -> !rig.failures.isEmpty());
      rig.join();
      assertThat(rig.failures).hasSize(1);
      assertThat(rig.failures.getFirst()).hasMessageContaining("Input/output error");
      assertThatThrownBy(rig::append).isInstanceOf(StoreFailedException.class);
      assertThat(rig.journal.forceOnce()).isFalse();
      assertThat(rig.journal.forced()).isZero();
    }
    assertThat(forces).as("not even at the end").hasValue(1);
  }

  /// The writer may come to the end of a segment before it hears that the flusher has failed.
  @Test
  void takesAForceThatFailedForFinalThoughTheJournalHasNotHeardOfIt() throws Exception {
    try (JournalRig rig = rig("sync")) {
      SyncPolicy written = new SyncPolicy.Written();
      var start = new LocalJournal.Start(rig.journalId, 1, 9, 1, 0);
      SegmentFiles.Plan plan = rig.files.reserve(9);
      JournalTail tail = new JournalTail(rig.files, start, plan, written);
      WriteBuffer write = new WriteBuffer(4096);
      write.begin(1, 9, SegmentLayout.BYTES);
      tail.write(write);
      rig.hook =
          operation -> {
            throw new IOException("Input/output error");
          };
      assertThatThrownBy(tail::force).hasMessageContaining("Input/output error");
      rig.hook = JournalRig.NOTHING;
      assertThatThrownBy(tail::force).hasMessageContaining("failed before");
      assertThat(tail.forced()).isZero();
      tail.close(false);
    }
  }

  @Test
  void confirmsNothingThatReturnsFromTheDiskAfterAFailedForce() throws Exception {
    try (JournalRig rig = rig("written")) {
      CountDownLatch writing = new CountDownLatch(1);
      CountDownLatch failed = new CountDownLatch(1);
      rig.append();
      rig.journal.writeOnce();
      rig.hook =
          operation -> {
            if (operation.startsWith("force")) {
              throw new IOException("Input/output error");
            }
            writing.countDown();
            try {
              failed.await();
            } catch (InterruptedException e) {
              throw new IOException(e);
            }
          };
      rig.start();
      rig.append();
      rig.journal.kick();
      writing.await();
      assertThat(rig.journal.forceOnce()).isFalse();
      failed.countDown();
      rig.join();
      assertThat(rig.journal.durable()).isEqualTo(1);
      assertThat(rig.positions).containsExactly(1L);
      assertThat(rig.failures).hasSize(1);
    }
  }

  @Test
  void restsAfterWritesByTheirBytesWhenItIsSlowedAndNeverInTheWayOfAppenders() throws Exception {
    try (JournalRig rig = rig("sync")) {
      rig.start();
      rig.commit();
      rig.journal.slow(1);
      long writtenBefore = rig.journal.writtenBytes();
      long last = 0;
      long begun = System.nanoTime();
      for (int i = 0; i < 20; i++) {
        long before = rig.journal.writtenBytes();
        long position = 0;
        while (rig.journal.hasRoom()) {
          position = rig.append();
        }
        rig.journal.kick();
        boolean inline = rig.journal.commitInline();
        assertThat(inline).as("the writer rests, the caller may not").isFalse();
        long awaited = position;
        rig.await(() -> rig.journal.durable() >= awaited && rig.journal.hasRoom());
        last = rig.journal.writtenBytes() - before;
      }
      long rested = rig.journal.writtenBytes() - writtenBefore - last;
      assertThat(rested).isGreaterThan(300_000);
      assertThat(System.nanoTime() - begun).isGreaterThanOrEqualTo(50 * rested);
      rig.journal.slow(0);
      rig.commit();
      rig.append();
      rig.commitInline();
    }
  }

  @Test
  void restsInProportion() {
    Throttle throttle = new Throttle();
    long shortest = Long.MAX_VALUE;
    throttle.set(0.3);
    for (int i = 0; i < 20 && shortest > 90_000_000; i++) {
      long begun = System.nanoTime();
      throttle.rest(2_000_000);
      shortest = Math.min(shortest, System.nanoTime() - begun);
    }
    assertThat(shortest).isBetween(30_000_000L, 90_000_000L);
    throttle.set(-1);
    assertThat(throttle.isOn()).isFalse();
  }

  @Test
  void tellsTheLengthOfEveryWrite() throws Exception {
    try (JournalRig rig = rig("sync")) {
      rig.append();
      rig.append();
      rig.journal.writeOnce();
      rig.journal.writeOnce();
      assertThat(rig.writtenBytes).containsExactly(8192L, 4096L);
      assertThat(rig.journal.writtenBytes()).isEqualTo(12_288);
    }
  }

  @Test
  void writesALazyRecordOfAnIdleJournalWithTheMark() throws Exception {
    try (JournalRig rig = new JournalRig(directory, JournalRig.options("sync", 5))) {
      rig.start();
      rig.commit();
      rig.await(() -> rig.journal.durable() == 2);
      long position = rig.append(false);
      rig.await(() -> rig.journal.durable() >= position);
    }
  }
}
