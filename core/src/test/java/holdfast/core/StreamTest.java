package holdfast.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the consumers of a stream are given, and what is kept for them.
class StreamTest {
  private static final long CACHE = 600_000;
  private static final long HOUR_MS = 3_600_000;

  @TempDir Path directory;

  private StreamRig open() throws IOException {
    return open(CACHE, Limits.Paging.STANDARD);
  }

  private StreamRig open(long cacheBytes, Limits.Paging paging) throws IOException {
    return new StreamRig(directory, cacheBytes, paging);
  }

  private static List<Long> range(long from, long to) {
    return LongStream.range(from, to).boxed().toList();
  }

  private static void publish(StreamRig rig, int from, int to) {
    for (int id = from; id < to; id++) {
      rig.publish("s", id, 100, id * 1000L, Durability.DURABLE);
    }
    rig.rig.finish();
  }

  private List<Long> offsets(StreamRig rig, Object from) {
    rig.consume("s", "c" + from, 1000, from);
    rig.rig.finish();
    return rig.offsets();
  }

  @Test
  void aConsumerBeginsWhereItAsksTo() throws IOException {
    try (StreamRig rig = open()) {
      rig.declare("s");
      publish(rig, 0, 10);
      rig.rig.shard.at(HOUR_MS + 7_500);
      assertThat(offsets(rig, "first")).isEqualTo(range(0, 10));
      assertThat(offsets(rig, "last")).containsExactly(9L);
      assertThat(offsets(rig, "next")).isEmpty();
      assertThat(offsets(rig, 4)).isEqualTo(range(4, 10));
      assertThat(offsets(rig, -3)).isEqualTo(range(0, 10));
      assertThat(offsets(rig, 1000)).as("behind the end").isEmpty();
      assertThat(offsets(rig, Instant.ofEpochSecond(6))).isEqualTo(range(6, 10));
      assertThat(offsets(rig, Instant.ofEpochSecond(-6))).isEqualTo(range(0, 10));
      assertThat(offsets(rig, Instant.ofEpochSecond(99))).isEmpty();
      assertThat(offsets(rig, "1h")).isEqualTo(range(8, 10));
      rig.publish("s", 10, 10, 20_000, Durability.DURABLE);
      rig.rig.finish();
      assertThat(rig.offsets()).as("every one of them is given what comes").hasSize(10);
    }
  }

  @Test
  void aStartInTimeIsFoundAmongManySegments() throws IOException {
    try (StreamRig rig = open(0, PagingRig.TINY)) {
      rig.declare("s", "x-stream-max-segment-size-bytes", 1000);
      publish(rig, 0, 200);
      for (int second : new int[] {0, 1, 57, 100, 198, 199}) {
        assertThat(offsets(rig, Instant.ofEpochSecond(second))).isEqualTo(range(second, 200));
      }
    }
  }

  @Test
  void transientMessagesAreKeptAsWellAndConfirmedWhenDurable() throws IOException {
    try (StreamRig rig = open()) {
      rig.declare("s");
      rig.rig.submit(new Command.SelectConfirms(rig.rig.publisher, true));
      rig.consume("s", "c", 10, "first");
      rig.rig.finish();
      rig.rig.events.clear();
      rig.publish("s", 1, 10, 0, Durability.MEMORY);
      rig.rig.run();
      assertThat(rig.rig.events).isEmpty();
      rig.rig.finish();
      assertThat(rig.rig.events).hasAtLeastOneElementOfType(Event.Confirmed.class);
      assertThat(rig.offsets()).containsExactly(0L);
    }
    try (StreamRig rig = open()) {
      assertThat(offsets(rig, "first")).containsExactly(0L);
    }
  }

  @Test
  void creditBoundsWhatIsOutAndEveryOutcomeGivesItBack() throws IOException {
    try (StreamRig rig = open()) {
      rig.declare("s");
      publish(rig, 0, 10);
      Session session = rig.consume("s", "c", 2, "first");
      rig.rig.finish();
      assertThat(rig.offsets()).isEqualTo(range(0, 2));
      rig.settle(session, 1, false, Command.Outcome.RETURNED);
      rig.rig.finish();
      assertThat(rig.offsets()).as("not given again").isEqualTo(range(2, 3));
      rig.settle(session, 2, false, Command.Outcome.REJECTED);
      rig.settle(session, 3, false, Command.Outcome.ACCEPTED);
      rig.rig.finish();
      assertThat(rig.offsets()).isEqualTo(range(3, 5));
      rig.rig.submit(new Command.Recover(session, true));
      rig.rig.finish();
      assertThat(rig.offsets()).isEqualTo(range(5, 7));
      assertThat(rig.rig.queue("s").readyCount()).isEqualTo(10);
      assertThat(rig.rig.queue("s").unsettledCount()).isEqualTo(2);
    }
  }

  @Test
  void whoReadsFromTheDiskIsGivenAllInOrderAndMemoryIsGivenBack() throws IOException {
    try (StreamRig rig = open(0, PagingRig.TINY)) {
      rig.declare("s");
      publish(rig, 0, 300);
      long idle = rig.rig.memory.used();
      assertThat(idle).as("an entry on disk takes nothing").isZero();
      Session slow = rig.consume("s", "slow", 5, "first");
      rig.consume("s", "a", 1000, "first");
      rig.consume("s", "b", 1000, 100);
      rig.rig.finish();
      List<StreamRig.Given> given = rig.given();
      for (StreamRig.Given one : given) {
        assertThat(one.id()).isEqualTo((int) one.offset());
      }
      assertThat(of(given, "slow")).isEqualTo(range(0, 5));
      assertThat(of(given, "a")).isEqualTo(range(0, 300));
      assertThat(of(given, "b")).isEqualTo(range(100, 300));
      for (long tag = 5; tag < 300; tag += 5) {
        rig.settle(slow, tag, true, Command.Outcome.ACCEPTED);
        rig.rig.finish();
      }
      assertThat(of(rig.given(), "slow")).isEqualTo(range(5, 300));
      rig.rig.submit(new Command.DeleteQueue(rig.rig.publisher, "s", false, false, true));
      rig.rig.finish();
      for (Session session : List.copyOf(rig.rig.client.sessions())) {
        rig.rig.submit(new Command.Settle(session, 0, true, Command.Outcome.ACCEPTED));
      }
      rig.rig.finish();
      assertThat(rig.rig.memory.used()).isZero();
    }
  }

  @Test
  void whatIsReadForAPlaceThatWasGivenUpMeanwhileIsNotTaken() throws IOException {
    try (StreamRig rig = open(0, PagingRig.TINY)) {
      rig.declare("s");
      publish(rig, 0, 30);
      Session session = rig.consume("s", "c", 3, "first");
      rig.rig.run();
      while (rig.rig.background()) {
        // The first entries are read.
      }
      rig.rig.run(); // out of credit, with the next read under way and the rest let go of
      rig.settle(session, 0, true, Command.Outcome.ACCEPTED);
      List<Long> all = new java.util.ArrayList<>();
      for (int i = 0; i < 30; i++) {
        rig.rig.run();
        rig.rig.finish();
        all.addAll(rig.offsets());
        rig.settle(session, 0, true, Command.Outcome.ACCEPTED);
      }
      assertThat(all).isEqualTo(range(0, 30));
    }
  }

  private static List<Long> of(List<StreamRig.Given> given, String tag) {
    return given.stream().filter(g -> g.tag().equals(tag)).map(StreamRig.Given::offset).toList();
  }

  @Test
  void consumersAtTheEndShareOneCopy() throws IOException {
    try (StreamRig rig = open()) {
      rig.declare("s");
      for (int i = 0; i < 20; i++) {
        rig.consume("s", "c" + i, 100, "next");
      }
      rig.rig.finish();
      publish(rig, 0, 50);
      assertThat(rig.offsets()).hasSize(20 * 50);
      long messages = 50L * (300 + Entry.FOOTPRINT_BYTES + 10);
      long deliveries = 20L * 50 * Entry.FOOTPRINT_BYTES;
      assertThat(rig.rig.memory.used()).isLessThan(messages + deliveries);
    }
  }

  @Test
  void theOldestSegmentsGoWhenThereIsTooMuchAndOffsetsStay() throws IOException {
    try (StreamRig rig = open()) {
      rig.declare("s", "x-max-length-bytes", 5000, "x-stream-max-segment-size-bytes", 1000);
      publish(rig, 0, 100);
      assertThat(rig.stream("s").count()).isBetween(40L, 55L);
      List<Long> kept = offsets(rig, "first");
      assertThat(kept.getLast()).isEqualTo(99);
      assertThat(kept).hasSize((int) rig.stream("s").count());
    }
    try (StreamRig rig = open()) {
      long count = rig.stream("s").count();
      publish(rig, 100, 101);
      assertThat(offsets(rig, 0)).isEqualTo(range(100 - count, 101));
    }
  }

  @Test
  void theOldestSegmentsGoWhenTheyAreTooOldAndTheNewestStays() throws IOException {
    try (StreamRig rig = open()) {
      rig.declare("s", "x-max-age", "1m", "x-stream-max-segment-size-bytes", 1000);
      publish(rig, 0, 100);
      rig.rig.shard.at(110_000);
      rig.rig.queue("s").stream().retain(110_000);
      rig.rig.finish();
      assertThat(rig.stream("s").count()).isBetween(50L, 60L);
      rig.rig.shard.at(1_000_000);
      rig.rig.queue("s").stream().retain(1_000_000);
      rig.rig.finish();
      assertThat(rig.stream("s").count()).isBetween(1L, 10L);
      assertThat(offsets(rig, "first").getLast()).isEqualTo(99);
    }
  }

  @Test
  void aStartCountsWhatWasNotNoted() throws IOException {
    long bytes;
    int segments;
    try (StreamRig rig = open()) {
      rig.declare("s", "x-stream-max-segment-size-bytes", 1000);
      publish(rig, 0, 95);
      bytes = rig.stream("s").bytes();
      segments = rig.stream("s").segmentCount();
      assertThat(segments).isBetween(9, 10);
    }
    try (StreamRig rig = open(0, PagingRig.TINY)) {
      assertThat(rig.stream("s").bytes()).as("known at once").isBetween(bytes * 8 / 10, bytes - 1);
      rig.rig.queue("s").stream().retain(0);
      publish(rig, 95, 96);
      assertThat(rig.stream("s").bytes()).isEqualTo(bytes + 101);
      assertThat(rig.stream("s").segmentCount()).isEqualTo(segments);
    }
  }

  @Test
  void otherLimitsHoldAtOnce() throws IOException {
    try (StreamRig rig = open()) {
      rig.declare("s", "x-stream-max-segment-size-bytes", 1000);
      publish(rig, 0, 100);
      assertThat(rig.stream("s").count()).isEqualTo(100);
      rig.stream("s").retention(new StreamRetention(3000, StreamRetention.UNLIMITED, 1000));
      rig.rig.finish();
      assertThat(rig.stream("s").count()).isBetween(20L, 35L);
    }
  }

  @Test
  void whoFallsBehindWhatIsKeptGoesOnWithTheOldest() throws IOException {
    try (StreamRig rig = open(0, PagingRig.TINY)) {
      rig.declare("s", "x-max-length-bytes", 3000, "x-stream-max-segment-size-bytes", 1000);
      Session slow = rig.consume("s", "slow", 1, "first");
      publish(rig, 0, 1);
      publish(rig, 1, 100);
      assertThat(rig.offsets()).containsExactly(0L);
      for (long tag = 1; tag < 50; tag++) {
        rig.settle(slow, tag, false, Command.Outcome.ACCEPTED);
        rig.rig.finish();
      }
      List<Long> rest = rig.offsets();
      assertThat(rest).isSorted().doesNotHaveDuplicates().endsWith(98L, 99L);
      assertThat(rest).hasSizeBetween(20, 40);
    }
  }

  @Test
  void theNextOfSingleActiveConsumersGoesOnWhereTheFirstWas() throws IOException {
    try (StreamRig rig = open()) {
      rig.declare("s", "x-single-active-consumer", true);
      publish(rig, 0, 10);
      Session first = rig.consume("s", "a", 4, "first");
      rig.consume("s", "b", 100, "next");
      rig.rig.finish();
      assertThat(of(rig.given(), "a")).isEqualTo(range(0, 4));
      rig.settle(first, 1, false, Command.Outcome.ACCEPTED);
      rig.settle(first, 2, false, Command.Outcome.ACCEPTED);
      rig.settle(first, 4, false, Command.Outcome.ACCEPTED);
      rig.rig.finish();
      assertThat(of(rig.given(), "a")).isEqualTo(range(4, 7));
      rig.rig.submit(new Command.Cancel(first, "a", true));
      rig.rig.finish();
      assertThat(of(rig.given(), "b")).as("from the oldest not settled").isEqualTo(range(2, 10));
    }
  }

  @Test
  void aFilterPassesOverWhatIsNotWanted() {
    PropertyFormat format = new Valued();
    StreamFilter eu = StreamFilter.of(Arguments.of(Map.of("x-stream-filter", "eu")));
    StreamFilter both =
        StreamFilter.of(
            Arguments.of(
                Map.of("x-stream-filter", List.of("eu", "us"), "x-stream-match-unfiltered", true)));
    assertThat(StreamFilter.of(Arguments.NONE)).isNull();
    assertThat(eu.wants(message(format, "eu"))).isTrue();
    assertThat(eu.wants(message(format, "us"))).isFalse();
    assertThat(eu.wants(message(format, ""))).isFalse();
    assertThat(both.wants(message(format, "us"))).isTrue();
    assertThat(both.wants(message(format, ""))).isTrue();
    assertThat(both.wants(message(format, "asia"))).isFalse();
  }

  private static Message message(PropertyFormat format, String value) {
    byte[] properties = value.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    return new Message("", "s", format, properties, new byte[4], Durability.DURABLE, 0);
  }

  /// Properties that are a filter value and nothing else.
  private static final class Valued implements PropertyFormat {
    @Override
    public int id() {
      return 5;
    }

    @Override
    public Arguments headers(byte[] properties) {
      String value = new String(properties, java.nio.charset.StandardCharsets.UTF_8);
      return value.isEmpty()
          ? Arguments.NONE
          : Arguments.of(Map.of("x-stream-filter-value", value));
    }

    @Override
    public long expirationMs(byte[] properties) {
      return -1;
    }

    @Override
    public int priority(byte[] properties) {
      return -1;
    }

    @Override
    public byte[] edited(
        byte[] properties, Arguments headers, java.util.Set<String> removed, boolean noExpiration) {
      return properties;
    }
  }
}
