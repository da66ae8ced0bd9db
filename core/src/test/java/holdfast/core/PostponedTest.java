package holdfast.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Messages of a few bytes for many queues, handed in before anybody could be told to stop.
class PostponedTest {
  private static final int QUEUES = 90;
  private static final int MESSAGES = 5_000;
  private static final long MEMORY = 4_000_000;

  @TempDir private Path directory;

  private PagingRig rig() throws IOException {
    PagingRig rig = new PagingRig(directory, MEMORY, MEMORY, Limits.Paging.STANDARD);
    for (int i = 0; i < QUEUES; i++) {
      rig.declare("q" + i, false);
      rig.bindToFanout("q" + i);
    }
    rig.finish();
    for (int i = 0; i < MESSAGES; i++) {
      rig.publish("amq.fanout", "", i, 4, false);
    }
    rig.run();
    return rig;
  }

  @Test
  void takeNoMoreMemoryThanThereIs() throws IOException {
    PagingRig rig = rig();
    assertThat(rig.memory.used()).isBetween(MEMORY, MEMORY * 3 / 2);
    assertThat(rig.queue("q0").readyCount()).isPositive().isLessThan(MESSAGES);
  }

  @Test
  void goOnInTheirOrderWhenThereIsMemoryAgain() throws IOException {
    PagingRig rig = rig();
    Session reader = rig.newSession();
    int next = 0;
    while (next < MESSAGES) {
      rig.submit(new Command.Get(reader, "q0", true));
      for (int i = 1; i < QUEUES; i++) {
        rig.submit(new Command.Get(reader, "q" + i, true));
      }
      rig.run();
      for (Event event : rig.events) {
        if (event instanceof Event.Got got && got.message().routingKey().isEmpty()) {
          int id = PagingRig.idOf(got.message());
          assertThat(id).isBetween(next - 1, next);
          next = Math.max(next, id + 1);
        }
      }
      rig.events.clear();
      assertThat(rig.memory.used()).isLessThan(MEMORY * 3 / 2);
    }
    rig.run();
    assertThat(rig.memory.used()).isZero();
  }

  @Test
  void areForgottenWithAClientThatIsGone() throws IOException {
    PagingRig rig = rig();
    long ready = rig.queue("q0").readyCount();
    rig.submit(new Command.CloseSession(rig.publisher));
    rig.run();
    assertThat(rig.events).as("still to be done").noneMatch(e -> e instanceof Event.SessionClosed);
    rig.client.lose();
    rig.submit(new Command.Resume(rig.client.control()));
    rig.run();
    assertThat(rig.events).anyMatch(e -> e instanceof Event.SessionClosed);
    assertThat(rig.queue("q0").readyCount()).isEqualTo(ready);
    for (int i = 0; i < QUEUES; i++) {
      rig.submit(new Command.PurgeQueue(rig.client.control(), "q" + i, true));
    }
    rig.run();
    assertThat(rig.memory.used()).isZero();
  }
}
