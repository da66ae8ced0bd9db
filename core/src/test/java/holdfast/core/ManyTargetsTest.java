package holdfast.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What one step writes stays within the room that was asked for, to however many queues it goes.
class ManyTargetsTest {
  private static final int QUEUES = 90;
  private static final int MESSAGES = 300;

  @TempDir private Path directory;

  private PagingRig rig(Map<String, Object> arguments) throws IOException {
    PagingRig rig = new PagingRig(directory, 1_000_000_000, 600_000_000, Limits.Paging.STANDARD);
    for (int i = 0; i < QUEUES; i++) {
      declare(rig, "q" + i, arguments);
      rig.bindToFanout("q" + i);
    }
    rig.finish();
    return rig;
  }

  private static void declare(PagingRig rig, String name, Map<String, Object> arguments) {
    rig.submit(
        new Command.DeclareQueue(
            rig.publisher, name, "", false, true, false, false, Arguments.of(arguments), true));
  }

  @Test
  void whenManyMessagesDieAtOnce() throws IOException {
    PagingRig rig = rig(Map.of());
    declare(rig, "short", Map.of("x-message-ttl", 10L, "x-dead-letter-exchange", "amq.fanout"));
    rig.shard.at(1);
    for (int i = 0; i < MESSAGES; i++) {
      rig.publish("", "short", i, 4, true);
    }
    rig.finish();
    rig.shard.at(1000);
    rig.finish();
    assertThat(rig.queue("short").readyCount()).isZero();
    assertThat(rig.queue("q0").readyCount()).isEqualTo(MESSAGES);
  }

  @Test
  void whenManyQueuesRefuseAMessage() throws IOException {
    PagingRig rig =
        rig(
            Map.of(
                "x-max-length",
                0L,
                "x-overflow",
                "reject-publish-dlx",
                "x-dead-letter-exchange",
                "",
                "x-dead-letter-routing-key",
                "dead"));
    declare(rig, "dead", Map.of());
    rig.finish();
    rig.publish("amq.fanout", "", 1, 1500, true);
    rig.finish();
    assertThat(rig.queue("dead").readyCount()).isEqualTo(QUEUES);
    rig.submit(new Command.PurgeQueue(rig.publisher, "dead", true));
    rig.finish();
    assertThat(rig.memory.used()).isZero();
  }
}
