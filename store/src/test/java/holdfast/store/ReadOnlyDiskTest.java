package holdfast.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadOnlyDiskTest {
  @TempDir Path dir;

  @Test
  void refusesADirectoryThatIsHeldAndSaysByWhom() throws Exception {
    try (LocalDisk held = LocalDisk.open(dir)) {
      assertThatThrownBy(() -> ReadOnlyDisk.open(dir))
          .isInstanceOf(DirectoryLockedException.class)
          .hasMessageContaining(dir.toString())
          .hasMessageContaining("this process itself");
      assertThat(held.names()).contains("lock");
    }
  }

  @Test
  void refusesADirectoryThatAnotherProcessHoldsAndNamesIt() throws Exception {
    Path lock = Files.createFile(dir.resolve("lock"));
    Process holder =
        new ProcessBuilder(
                "python3",
                "-c",
                "import fcntl,sys,time\n"
                    + "f=open(sys.argv[1],'w'); fcntl.lockf(f, fcntl.LOCK_EX)\n"
                    + "print('held',flush=True); sys.stdin.read()",
                lock.toString())
            .start();
    try {
      assertThat(holder.inputReader().readLine()).isEqualTo("held");
      assertThatThrownBy(() -> ReadOnlyDisk.open(dir))
          .isInstanceOf(DirectoryLockedException.class)
          .hasMessageContaining("process " + holder.pid());
    } finally {
      holder.destroy();
      holder.waitFor();
    }
  }

  @Test
  void keepsABrokerOutWhileItIsLookedAt() throws Exception {
    LocalDisk.open(dir).close();
    try (ReadOnlyDisk looking = ReadOnlyDisk.open(dir)) {
      assertThatThrownBy(() -> LocalDisk.open(dir)).isInstanceOf(DirectoryLockedException.class);
      assertThat(looking.description()).isEqualTo(dir.toString());
    }
    LocalDisk.open(dir).close();
  }

  @Test
  void changesNothing() throws Exception {
    Files.writeString(dir.resolve("file"), "bytes");
    try (ReadOnlyDisk disk = ReadOnlyDisk.open(dir)) {
      assertThat(disk.names()).containsExactly("file");
      for (Disk.Access access : List.of(Disk.Access.BUFFERED, Disk.Access.DURABLE)) {
        assertThatThrownBy(() -> disk.open("file", access)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> disk.create("new", access)).isInstanceOf(IOException.class);
      }
      assertThatThrownBy(() -> disk.delete("file")).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> disk.rename("file", "other")).isInstanceOf(IOException.class);
    }
    assertThat(dir.resolve("file")).hasContent("bytes");
    assertThat(dir.resolve("lock")).doesNotExist();
  }

  @Test
  void refusesWhatIsNotThereAndWhatIsNoDirectory() throws Exception {
    assertThatThrownBy(() -> ReadOnlyDisk.open(dir.resolve("none")))
        .isInstanceOf(NoSuchFileException.class);
    Path file = Files.writeString(dir.resolve("file"), "bytes");
    assertThatThrownBy(() -> ReadOnlyDisk.open(file)).isInstanceOf(NotDirectoryException.class);
  }
}
