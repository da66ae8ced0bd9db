package holdfast.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalDiskTest {
  private static final long MIB = 1024 * 1024;

  @TempDir Path dir;

  @Test
  void deletesWhatIsLargeAndWhatIsNotThere() throws Exception {
    try (LocalDisk disk = LocalDisk.open(dir)) {
      for (long bytes : List.of(0L, 1L, MIB, MIB + 1, 3 * MIB, 64 * MIB)) {
        try (DiskFile file = disk.create("file", Disk.Access.BUFFERED)) {
          file.resize(bytes);
        }
        disk.delete("file");
        assertThat(disk.names()).containsExactly("lock");
      }
      disk.delete("file");
    }
  }

  @Test
  void finishesWhatALifeBeforeBeganToDelete() throws Exception {
    Files.write(dir.resolve("deleted-journal-0000000000000001.seg"), new byte[(int) (3 * MIB)]);
    Files.write(dir.resolve("journal-0000000000000002.seg"), new byte[10]);
    try (LocalDisk disk = LocalDisk.open(dir)) {
      assertThat(disk.names()).containsExactlyInAnyOrder("lock", "journal-0000000000000002.seg");
    }
  }

  @Test
  void givesALargeFileBackBeforeItsNameGoes() throws Exception {
    Path file = dir.resolve("journal-0000000000000001.seg");
    try (LocalDisk disk = LocalDisk.open(dir)) {
      Files.write(file, new byte[(int) (3 * MIB)]);
      try (FileChannel watched = FileChannel.open(file, StandardOpenOption.READ)) {
        disk.delete(file.getFileName().toString());
        // The file itself is still there for whoever has it open: the last piece of it.
        assertThat(watched.size()).isEqualTo(MIB);
      }
    }
  }

  @Test
  void deletesWhereTheOtherNameCannotBeHad() throws Exception {
    Files.createDirectories(dir.resolve("deleted-file").resolve("in the way"));
    try (LocalDisk disk = LocalDisk.open(dir)) {
      Files.write(dir.resolve("file"), new byte[(int) (3 * MIB)]);
      disk.delete("file");
      assertThat(disk.names()).containsExactlyInAnyOrder("lock", "deleted-file");
    }
    LocalDisk.open(dir).close();
  }

  @Test
  void onceClosedReachesNothingOfWhoeverOwnsTheDirectoryNext() throws Exception {
    LocalDisk closed = LocalDisk.open(dir);
    closed.close();
    try (LocalDisk next = LocalDisk.open(dir)) {
      next.create("theirs", Disk.Access.BUFFERED).close();
      List<ThrowingCallable> attempts =
          List.of(
              () -> closed.create("mine", Disk.Access.DURABLE),
              () -> closed.open("theirs", Disk.Access.BUFFERED),
              () -> closed.openToScan("theirs"),
              () -> closed.rename("theirs", "mine"),
              () -> closed.delete("theirs"));
      for (ThrowingCallable attempt : attempts) {
        assertThatThrownBy(attempt)
            .isInstanceOf(IOException.class)
            .hasMessage(dir.toAbsolutePath() + " is closed");
      }
      assertThat(next.names()).containsExactlyInAnyOrder("lock", "theirs");
    }
  }
}
