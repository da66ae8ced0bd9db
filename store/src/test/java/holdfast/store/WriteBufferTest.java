package holdfast.store;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WriteBufferTest {
  private static final int CAPACITY = 64 * 1024;
  private static final int RECORD_BYTES = 1000;

  private final WriteBuffer buffer = new WriteBuffer(CAPACITY);

  private void put(byte type) {
    RecordLayout.Payload payload =
        new RecordLayout.Payload().head(new byte[RECORD_BYTES], 0, RECORD_BYTES);
    buffer.put(type, 0, 0, payload, payload.crc(type, 0, 0), false);
  }

  /// So that who waits for a small record waits for a small write.
  @Test
  void offersNoMoreRoomOnceAQuarterIsPartsOfLargeBodies() {
    buffer.begin(1, 1, SegmentLayout.BYTES);
    while (buffer.roomOffered() > 0) {
      put(RecordLayout.PART);
    }
    assertThat(buffer.gatheredBytes()).isBetween(CAPACITY / 4, CAPACITY / 4 + RECORD_BYTES + 32);
    assertThat(buffer.room()).as("for a step that has begun").isGreaterThan(CAPACITY / 2);
    buffer.begin(2, 1, SegmentLayout.BYTES);
    assertThat(buffer.roomOffered()).isEqualTo(buffer.room());
  }

  @Test
  void offersAllOfItToOthers() {
    buffer.begin(1, 1, SegmentLayout.BYTES);
    while (buffer.room() > 2 * RECORD_BYTES) {
      assertThat(buffer.roomOffered()).isEqualTo(buffer.room());
      put(RecordLayout.CLOSE);
    }
  }
}
