package holdfast.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is refused of a stream, and in which words.
class StreamRulesTest {
  private static final String S = "queue 's' in vhost '/'";

  @TempDir Path directory;
  private StreamRig rig;

  @BeforeEach
  void open() throws IOException {
    rig = new StreamRig(directory, 600_000, Limits.Paging.STANDARD);
  }

  @AfterEach
  void close() throws IOException {
    rig.close();
  }

  private String declared(boolean durable, boolean exclusive, boolean autoDelete) {
    Arguments arguments = Arguments.of(Map.of("x-queue-type", "stream"));
    rig.rig.submit(
        new Command.DeclareQueue(
            rig.rig.publisher, "s", "", false, durable, exclusive, autoDelete, arguments, true));
    return rig.error();
  }

  private String declaredWith(String name, Object value) {
    rig.rig.events.clear();
    rig.declare("s", name, value);
    return rig.error();
  }

  @Test
  void itIsDurableAndOutlivesItsClients() {
    String error = "PRECONDITION_FAILED: invalid property '%s' for " + S;
    assertThat(declared(false, false, false)).isEqualTo(error.formatted("non-durable"));
    assertThat(declared(true, true, false)).isEqualTo(error.formatted("exclusive-owner"));
    assertThat(declared(true, false, true)).isEqualTo(error.formatted("auto-delete"));
  }

  @Test
  void itHasAName() {
    rig.rig.submit(
        new Command.DeclareQueue(
            rig.rig.publisher,
            "",
            "generated",
            false,
            true,
            false,
            false,
            Arguments.of(Map.of("x-queue-type", "stream")),
            true));
    assertThat(rig.error())
        .isEqualTo("PRECONDITION_FAILED: Cannot declare a server-named queue for type stream");
  }

  @Test
  void whatMeansNothingForAStreamIsRefused() {
    for (String name :
        List.of(
            "x-message-ttl",
            "x-expires",
            "x-dead-letter-exchange",
            "x-max-length",
            "x-max-priority",
            "x-overflow",
            "x-unknown")) {
      assertThat(declaredWith(name, 5L))
          .isEqualTo(
              "PRECONDITION_FAILED: invalid arg '" + name + "' for " + S + " of queue type stream");
    }
  }

  @Test
  void limitsMustMeanSomething() {
    String error = "PRECONDITION_FAILED: invalid arg '%s' for " + S + ": ";
    for (Object age : new Object[] {"7", "D", "7d", "0D", "-1D", "1.5h", "", 7L, "123456789Y"}) {
      assertThat(declaredWith("x-max-age", age))
          .isEqualTo(
              error.formatted("x-max-age")
                  + "'"
                  + age
                  + "' is not a number and one of Y, M, D, h, m, s");
    }
    assertThat(declaredWith("x-max-length-bytes", -1L))
        .startsWith(error.formatted("x-max-length-bytes"));
    assertThat(declaredWith("x-max-length-bytes", "5"))
        .startsWith(error.formatted("x-max-length-bytes"));
    assertThat(declaredWith("x-stream-max-segment-size-bytes", 0L))
        .startsWith(error.formatted("x-stream-max-segment-size-bytes"));
    assertThat(declaredWith("x-stream-max-segment-size-bytes", 3_000_000_001L))
        .endsWith("Exceeded max value for x-stream-max-segment-size-bytes");
    assertThat(declaredWith("x-single-active-consumer", "yes"))
        .startsWith(error.formatted("x-single-active-consumer"));
    assertThat(declaredWith("x-stream-filter-size-bytes", 15L))
        .startsWith(error.formatted("x-stream-filter-size-bytes"));
    assertThat(declaredWith("x-initial-cluster-size", 3L)).isEqualTo("none");
  }

  @Test
  void agesAreCountedInTheirUnits() {
    assertThat(StreamRetention.ageMs("1s")).isEqualTo(1_000);
    assertThat(StreamRetention.ageMs("2m")).isEqualTo(120_000);
    assertThat(StreamRetention.ageMs("3h")).isEqualTo(3 * 3_600_000);
    assertThat(StreamRetention.ageMs("7D")).isEqualTo(7 * 86_400_000L);
    assertThat(StreamRetention.ageMs("1M")).isEqualTo(30 * 86_400_000L);
    assertThat(StreamRetention.ageMs("99999999Y")).isEqualTo(99_999_999L * 365 * 86_400_000);
  }

  @Test
  void aConsumerNeedsAPrefetchAndSettles() {
    rig.declare("s");
    Session session = rig.rig.newSession();
    rig.consume(session, "s", "c", Map.of());
    assertThat(rig.error())
        .isEqualTo("PRECONDITION_FAILED: consumer prefetch count is not set for stream " + S);
    rig.rig.submit(new Command.SetPrefetch(session, 10, false));
    rig.rig.submit(new Command.Consume(session, "s", "c", "", true, false, Arguments.NONE, true));
    assertThat(rig.error())
        .isEqualTo("NOT_IMPLEMENTED: automatic acknowledgement not supported by stream " + S);
    rig.rig.submit(new Command.SetPrefetch(session, 10, true));
    rig.consume(session, "s", "c", Map.of());
    assertThat(rig.error()).isEqualTo("NOT_IMPLEMENTED: " + S + " does not support global qos");
  }

  @Test
  void aConsumersArgumentsMustMeanSomething() {
    rig.declare("s");
    Session session = rig.rig.newSession();
    rig.rig.submit(new Command.SetPrefetch(session, 10, false));
    for (Object offset : new Object[] {"begin", "7", "7d", true, 1.5}) {
      rig.consume(session, "s", "c", Map.of("x-stream-offset", offset));
      assertThat(rig.error()).contains("invalid arg 'x-stream-offset' for " + S);
    }
    rig.consume(session, "s", "c", Map.of("x-stream-filter", 5L));
    assertThat(rig.error()).contains("invalid arg 'x-stream-filter' for " + S);
    rig.consume(session, "s", "c", Map.of("x-other", 5L));
    assertThat(rig.error()).contains("invalid arg 'x-other'");
    rig.rig.declare("q", true);
    rig.consume(session, "q", "c", Map.of("x-stream-offset", "first"));
    assertThat(rig.error()).contains("invalid arg 'x-stream-offset'").contains("queue 'q'");
    assertThat(rig.rig.queue("s").consumers().all()).isEmpty();
  }

  @Test
  void itIsNeitherGotFromNorPurged() {
    rig.declare("s");
    rig.rig.submit(new Command.Get(rig.rig.newSession(), "s", false));
    assertThat(rig.error())
        .isEqualTo("NOT_IMPLEMENTED: basic.get not supported by stream queues " + S);
    rig.rig.submit(new Command.PurgeQueue(rig.rig.publisher, "s", false));
    assertThat(rig.error())
        .isEqualTo("NOT_IMPLEMENTED: queue.purge not supported by stream queues " + S);
  }

  @Test
  void aSecondDeclarationMeansTheSameStreamOrIsRefused() {
    rig.declare("s", "x-max-age", "7D");
    assertThat(declaredWith("x-max-age", "7D")).isEqualTo("none");
    assertThat(declaredWith("x-max-age", "8D")).contains("inequivalent arg 'x-max-age' for " + S);
    rig.rig.declare("s", true);
    assertThat(rig.error()).contains("inequivalent arg");
  }
}
