package holdfast.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class TimerSlackTest {
  @Test
  void aThreadsTimersEndWhenTheyAreDue() throws Exception {
    assumeThat(Path.of("/proc/thread-self")).as("a system with timer slack").exists();
    CompletableFuture<String> slack = new CompletableFuture<>();
    TimerSlack.without(Executors.defaultThreadFactory())
        .newThread(() -> {
          try {
            Path self = Files.readSymbolicLink(Path.of("/proc/thread-self"));
            Path of = Path.of("/proc", self.getFileName().toString(), "timerslack_ns");
            slack.complete(Files.readString(of).strip());
          } catch (Exception e) {
            slack.completeExceptionally(e);
          }
        })
        .start();
    assertThat(slack.get(10, TimeUnit.SECONDS)).isEqualTo("1");
  }
}
