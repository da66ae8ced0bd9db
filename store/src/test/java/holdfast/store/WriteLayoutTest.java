package holdfast.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// A write of many records is whole when every bit of it is what was sealed, and reading one that
/// is not never goes astray.
class WriteLayoutTest {
  private static final JournalId ID = new JournalId(12, 13);
  private static final int CAPACITY = 8192;

  private static ByteBuffer write(SplittableRandom dice, int records) {
    WriteBuffer buffer = new WriteBuffer(CAPACITY);
    buffer.begin(41, 6, 4096);
    RecordLayout.Payload payload = new RecordLayout.Payload();
    for (int i = 0; i < records; i++) {
      byte[] head = bytes(dice, dice.nextInt(30));
      byte[] body = bytes(dice, dice.nextInt(60));
      payload.head(head, 0, head.length).body(body, 0, body.length);
      int part = dice.nextInt();
      long batch = dice.nextLong();
      int crc = payload.crc(RecordLayout.PART, batch, part);
      buffer.put(RecordLayout.PART, batch, part, payload, crc, false);
    }
    buffer.seal(ID, 40, 3, 7);
    return buffer.sealed();
  }

  private static byte[] bytes(SplittableRandom dice, int count) {
    byte[] bytes = new byte[count];
    dice.nextBytes(bytes);
    return bytes;
  }

  private static boolean isWhole(ByteBuffer write) {
    WriteLayout.Header header = WriteLayout.decode(write, 0, ID, 6, CAPACITY);
    return header != null && WriteLayout.isWhole(write, 0, header);
  }

  @Test
  void everyFlippedBitOfManyRecordsAndTheirPaddingIsSeen() {
    for (long seed = 1; seed <= 5; seed++) {
      ByteBuffer write = write(new SplittableRandom(seed), 25);
      WriteLayout.Header header = WriteLayout.decode(write, 0, ID, 6, CAPACITY);
      assertThat(header).isNotNull();
      assertThat(isWhole(write)).as("seed %d", seed).isTrue();
      for (int bit = 0; bit < header.length() * 8; bit++) {
        byte whole = write.get(bit / 8);
        write.put(bit / 8, (byte) (whole ^ 1 << bit % 8));
        assertThat(isWhole(write)).as("seed %d, bit %d", seed, bit).isFalse();
        write.put(bit / 8, whole);
      }
    }
  }

  @Test
  void aRecordInPlaceOfAnotherIsSeenThoughItIsWholeItself() {
    ByteBuffer write = write(new SplittableRandom(1), 3);
    RecordLayout.Payload payload = new RecordLayout.Payload();
    int payloadBytes =
        RecordLayout.length(write, WriteLayout.HEADER_BYTES) - RecordLayout.HEADER_BYTES;
    byte[] other = new byte[payloadBytes];
    ByteBuffer place = write.duplicate().order(write.order()).position(WriteLayout.HEADER_BYTES);
    RecordLayout.put(place, RecordLayout.PART, 1, 2, payload.head(other, 0, other.length));
    assertThat(RecordLayout.isWhole(write, WriteLayout.HEADER_BYTES, write.limit())).isTrue();
    assertThat(isWhole(write)).isFalse();
  }

  @Test
  void aMarkIsWholeAndACutWriteIsNot() {
    ByteBuffer mark = write(new SplittableRandom(1), 0);
    assertThat(mark.remaining()).isEqualTo(4096);
    assertThat(isWhole(mark)).isTrue();
    ByteBuffer cut = write(new SplittableRandom(1), 60);
    assertThat(cut.remaining()).isGreaterThan(4096);
    assertThat(isWhole(cut)).isTrue();
    assertThat(isWhole(cut.slice(0, 4096).order(cut.order()))).isFalse();
  }

  @Test
  void garbageBehindAHeaderIsNotWholeAndNothingElse() {
    for (long seed = 1; seed <= 20_000; seed++) {
      SplittableRandom dice = new SplittableRandom(seed);
      ByteBuffer garbage = Bytes.alignedBuffer(4096);
      garbage.put(bytes(dice, 4096)).flip();
      int record = WriteLayout.HEADER_BYTES;
      garbage.putInt(record, dice.nextBoolean() ? dice.nextInt() : dice.nextInt(5000) - 10);
      WriteLayout.Header header =
          new WriteLayout.Header(
              0, 6, 1, dice.nextInt(64, 5000), dice.nextInt(), 0, 1, 0, dice.nextInt());
      assertThat(WriteLayout.isWhole(garbage, 0, header)).as("seed %d", seed).isFalse();
    }
  }
}
