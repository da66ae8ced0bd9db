package holdfast.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// What is known of a stream's segments after a start.
class StreamSegmentsTest {
  private static final int FULL = 1_000;

  private static StreamSegments filled(long first, int count) {
    StreamSegments segments = new StreamSegments(first);
    for (int i = 0; i < count; i++) {
      segments.count(message(i), FULL);
    }
    return segments;
  }

  private static Message message(long timeMs) {
    return new Message(
        "", "", PropertyFormat.NONE, new byte[0], new byte[100], Durability.DURABLE, timeMs);
  }

  private static StreamSegments recovered(StreamSegments from, long low, long next) {
    StreamSegments segments = new StreamSegments(low);
    for (StreamSegments.Segment one = from.takeUnnoted(); one != null; one = from.takeUnnoted()) {
      segments.recovered(one.first, one.value(), low);
    }
    segments.check(low, next);
    return segments;
  }

  @Test
  void fullSegmentsAreKnownAtOnce() {
    StreamSegments segments = recovered(filled(20, 35), 20, 55);
    assertThat(segments.count()).isEqualTo(3);
    assertThat(segments.bytes()).isEqualTo(3_000);
    assertThat(segments.counted()).isEqualTo(50);
    assertThat(segments.takeStray()).isNull();
    StreamSegments.Segment segment = segments.since(15);
    assertThat(segment).isNotNull();
    assertThat(segment.first).isEqualTo(30);
    assertThat(segments.since(30)).as("behind what is counted").isNull();
  }

  @Test
  void notesOfAnotherNumberingGo() {
    StreamSegments segments = recovered(filled(20, 35), 0, 35);
    assertThat(segments.count()).isZero();
    assertThat(segments.bytes()).isZero();
    assertThat(segments.counted()).isZero();
    assertThat(segments.hasUnnoted()).isTrue();
    assertThat(segments.takeStray()).isEqualTo(20);
    StreamSegments shorter = recovered(filled(0, 35), 0, 25);
    assertThat(shorter.counted()).isZero();
    assertThat(shorter.takeStray()).isZero();
  }
}
