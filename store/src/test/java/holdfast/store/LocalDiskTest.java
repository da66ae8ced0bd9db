package holdfast.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalDiskTest {
  @TempDir Path dir;

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
