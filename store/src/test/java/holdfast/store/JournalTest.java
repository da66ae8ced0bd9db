package holdfast.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The journal turned by hand: no writer's thread, so every step happens where the test says.
class JournalTest {
  private final StoreOptions options = StoreOptions.tiny();
  private final RecordLayout.Payload payload =
      new RecordLayout.Payload().head(new byte[4000], 0, 4000);

  @TempDir Path directory;

  private int rooms;
  private int moreRooms;
  private long told;

  private JournalFront journal(Disk disk) throws IOException {
    return journal(disk, options);
  }

  private JournalFront journal(Disk disk, StoreOptions options) throws IOException {
    LocalJournal.Start start = new LocalJournal.Start(JournalId.random(), 1, 1, 1, 0);
    return JournalOnly.front(
        disk,
        new SegmentFiles(disk, options),
        options,
        start,
        new JournalListener() {
          @Override
          public void durable(long position) {
            told = position;
          }

          @Override
          public void room() {
            rooms++;
          }

          @Override
          public void moreRoom() {
            moreRooms++;
          }

          @Override
          public void failed(StoreFailedException failure) {
            throw new AssertionError(failure);
          }
        },
        WriteTimes.IGNORED);
  }

  private long append(JournalFront journal) {
    return journal.append(RecordLayout.CLOSE, 0, 0, payload, true);
  }

  /// The writer may move on to the next segment between an append and the question where it went: a
  /// wrong answer would free a segment that holds a live entry.
  @Test
  void knowsTheSegmentOfARecordWhenTheWriterHasMovedOn() throws Exception {
    try (LocalDisk disk = LocalDisk.open(directory)) {
      JournalFront journal = journal(disk);
      while (journal.generation() == 1) {
        append(journal);
        journal.writeOnce();
      }
      assertThat(journal.generation()).isEqualTo(2);
      assertThat(Address.generation(journal.appendedAt())).isEqualTo(1);
      append(journal);
      assertThat(Address.generation(journal.appendedAt())).isEqualTo(2);
      journal.closeFile();
    }
  }

  @Test
  void confirmsAPositionWhenItsWriteHasReturnedAndNotBefore() throws Exception {
    try (LocalDisk disk = LocalDisk.open(directory)) {
      JournalFront journal = journal(disk);
      long first = append(journal);
      assertThat(append(journal)).as("one write takes what has gathered").isEqualTo(first);
      assertThat(journal.durable()).isLessThan(first);
      journal.writeOnce();
      assertThat(journal.durable()).isEqualTo(first);
      assertThat(told).isEqualTo(first);
      assertThat(append(journal)).isEqualTo(first + 1);
      journal.closeFile();
    }
  }

  @Test
  void keepsRoomForOthersFromWhoCanWait() throws Exception {
    try (LocalDisk disk = LocalDisk.open(directory)) {
      JournalFront journal = journal(disk);
      while (journal.hasRoomToSpare()) {
        append(journal);
      }
      assertThat(journal.hasRoom()).as("a step of somebody else").isTrue();
      assertThat(journal.isRoomWanted()).isTrue();
      assertThat(moreRooms).isZero();
      journal.writeOnce();
      assertThat(moreRooms).isEqualTo(1);
      assertThat(rooms).as("to somebody who was not refused").isZero();
      assertThat(journal.hasRoomToSpare()).isTrue();
      journal.closeFile();
    }
  }

  @Test
  void saysWhenThereIsRoomAgainToThoseWhoWereRefused() throws Exception {
    try (LocalDisk disk = LocalDisk.open(directory)) {
      JournalFront journal = journal(disk);
      while (journal.hasRoom()) {
        append(journal);
      }
      assertThat(rooms).isZero();
      assertThat(journal.awaitWork()).isTrue();
      journal.writeOnce();
      assertThat(rooms).isEqualTo(1);
      assertThat(journal.hasRoom()).isTrue();
      journal.writeOnce();
      assertThat(rooms).isEqualTo(1);
      journal.closeFile();
    }
  }

  private void appendPart(JournalFront journal, int bytes) {
    RecordLayout.Payload part = new RecordLayout.Payload().head(new byte[bytes], 0, bytes);
    journal.append(RecordLayout.PART, 1, 0, part, false);
  }

  @Test
  void takesAPartOrTwoAWriteAndSaysWhenTheNextMayGo() throws Exception {
    try (LocalDisk disk = LocalDisk.open(directory)) {
      JournalFront journal = journal(disk);
      assertThat(journal.hasRoomForPart()).isTrue();
      appendPart(journal, options.partBytesMax() / 2);
      assertThat(journal.hasRoomForPart()).isTrue();
      appendPart(journal, options.partBytesMax());
      assertThat(journal.hasRoomForPart()).isFalse();
      assertThat(journal.hasRoomForPart()).isFalse();
      assertThat(journal.hasRoom()).as("what is small passes").isTrue();
      append(journal);
      assertThat(moreRooms).isZero();
      journal.writeOnce();
      assertThat(moreRooms).as("told once, however often it was asked").isEqualTo(1);
      assertThat(journal.hasRoomForPart()).isTrue();
      appendPart(journal, options.partBytesMax());
      journal.writeOnce();
      assertThat(moreRooms).as("nobody has asked since").isEqualTo(1);
      assertThat(rooms).isZero();
      journal.closeFile();
    }
  }

  /// Parts are lazy, and one is less than a quarter of a buffer: nothing else would start the write
  /// that the next one waits for, but for the mark that an idle journal writes.
  @Test
  @Timeout(60)
  void writesAPartThatNobodyAwaitsWhenAnotherIsRefused() throws Exception {
    StoreOptions neverIdle = JournalRig.options("sync", 3_600_000);
    try (LocalDisk disk = LocalDisk.open(directory)) {
      JournalFront journal = journal(disk, neverIdle);
      appendPart(journal, neverIdle.partBytesMax());
      CompletableFuture<Boolean> work = new CompletableFuture<>();
      Thread writer =
          Thread.ofPlatform()
              .daemon()
              .start(() -> {
                try {
                  work.complete(journal.awaitWork());
                } catch (InterruptedException e) {
                  work.completeExceptionally(e);
                }
              });
      while (writer.getState() != Thread.State.TIMED_WAITING) {
        Thread.onSpinWait();
      }
      assertThat(journal.hasRoomForPart()).isFalse();
      journal.kick();
      assertThat(work.get(20, TimeUnit.SECONDS)).isTrue();
      writer.join();
      journal.writeOnce();
      assertThat(moreRooms).isEqualTo(1);
      journal.closeFile();
    }
  }

  @Test
  void refusesARecordThatDoesNotFit() throws Exception {
    try (LocalDisk disk = LocalDisk.open(directory)) {
      JournalFront journal = journal(disk);
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 20; i++) {
                  append(journal);
                }
              })
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("without asking for room");
      journal.closeFile();
    }
  }

  @Test
  void hasRoomForAWholeStepWheneverItSaysSo() throws Exception {
    try (LocalDisk disk = LocalDisk.open(directory)) {
      JournalFront journal = journal(disk);
      int part = options.partBytesMax();
      RecordLayout.Payload batch = new RecordLayout.Payload().head(new byte[2 * part], 0, 2 * part);
      RecordLayout.Payload slice = new RecordLayout.Payload().head(new byte[part], 0, part);
      RecordLayout.Payload small = new RecordLayout.Payload().head(new byte[61], 0, 61);
      for (int gathered = 0; gathered < 400; gathered++) {
        for (int i = 0; i < gathered && journal.hasRoom(); i++) {
          journal.append(RecordLayout.CLOSE, 0, 0, small, true);
        }
        if (journal.hasRoom()) {
          journal.append(RecordLayout.CLOSE, 0, 0, batch, true);
          journal.append(RecordLayout.PART, 1, 0, slice, false);
        }
        journal.writeOnce();
      }
      journal.closeFile();
    }
  }

  @Test
  void endsWithTheMarkWhenItIsStopped() throws Exception {
    try (LocalDisk disk = LocalDisk.open(directory)) {
      JournalFront journal = journal(disk);
      long position = append(journal);
      journal.stop();
      journal.writeRest();
      assertThat(journal.durable()).isEqualTo(position + 1);
      assertThat(journal.writes()).isEqualTo(2);
      journal.closeFile();
    }
  }
}
