package holdfast.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// What is written can be read back, and what was not written by us is refused.
class LayoutsTest {
  private static final JournalId ID = new JournalId(0x1234_5678_9abc_def0L, -77);

  @Test
  void aSegmentHeaderReadsBackAndEveryFlippedBitIsSeen() throws Exception {
    SegmentLayout.Header header = new SegmentLayout.Header(ID, 7, 1 << 20, 99, 3, 0xdeadbeef);
    ByteBuffer block = SegmentLayout.encode(header);
    assertThat(SegmentLayout.decode(block, "a")).isEqualTo(header);
    for (int bit = 0; bit < SegmentLayout.BYTES * 8; bit++) {
      flip(block, bit);
      assertThat(SegmentLayout.decode(block, "a")).as("bit %d", bit).isNull();
      flip(block, bit);
    }
  }

  @Test
  void aWriteReadsBackAndEveryFlippedBitIsSeen() {
    WriteBuffer buffer = new WriteBuffer(8192);
    buffer.begin(41, 6, 4096);
    byte[] head = {1, 2, 3};
    byte[] body = new byte[700];
    new SplittableRandom(1).nextBytes(body);
    RecordLayout.Payload payload = new RecordLayout.Payload().head(head, 0, 3).body(body, 0, 700);
    int recordCrc = payload.crc(RecordLayout.CLOSE, 5, 2);
    buffer.put(RecordLayout.CLOSE, 5, 2, payload, recordCrc, true);
    int crc = buffer.seal(ID, 40, 3, 0x55aa55aa);
    ByteBuffer write = buffer.sealed();
    WriteLayout.Header header = WriteLayout.decode(write, 0, ID, 6, 8192);
    assertThat(header.crc()).isEqualTo(crc);
    assertThat(header.sequence()).isEqualTo(41);
    assertThat(header.durable()).isEqualTo(40);
    assertThat(header.epoch()).isEqualTo(3);
    assertThat(header.previousCrc()).isEqualTo(0x55aa55aa);
    assertThat(header.records()).isEqualTo(1);
    assertThat(WriteLayout.isWhole(write, 0, header)).isTrue();
    assertThat(RecordLayout.isWhole(write, 64, header.length())).isTrue();
    assertThat(RecordLayout.type(write, 64)).isEqualTo(RecordLayout.CLOSE);
    assertThat(RecordLayout.batch(write, 64)).isEqualTo(5);
    assertThat(RecordLayout.part(write, 64)).isEqualTo(2);
    assertThat(write.get(64 + RecordLayout.HEADER_BYTES + 3)).isEqualTo(body[0]);
    for (int bit = 0; bit < header.length() * 8; bit++) {
      flip(write, bit);
      WriteLayout.Header found = WriteLayout.decode(write, 0, ID, 6, 8192);
      assertThat(found != null && WriteLayout.isWhole(write, 0, found)).as("bit %d", bit).isFalse();
      flip(write, bit);
    }
  }

  @Test
  void aWriteOfAnotherJournalOrGenerationIsNotOurs() {
    WriteBuffer buffer = new WriteBuffer(4096);
    buffer.begin(1, 6, 4096);
    buffer.seal(ID, 0, 1, 0);
    assertThat(WriteLayout.decode(buffer.sealed(), 0, ID, 6, 4096)).isNotNull();
    assertThat(WriteLayout.decode(buffer.sealed(), 0, ID, 7, 4096)).isNull();
    assertThat(WriteLayout.decode(buffer.sealed(), 0, new JournalId(1, 2), 6, 4096)).isNull();
  }

  private static void flip(ByteBuffer bytes, int bit) {
    bytes.put(bit / 8, (byte) (bytes.get(bit / 8) ^ 1 << bit % 8));
  }

  @Test
  void operationsReadBackInTheirOrder() throws Exception {
    Fold fold = new Fold();
    Log first = fold.announce();
    Log second = fold.announce();
    ByteWriter header = new ByteWriter(8).u8(9);
    byte[] large = new byte[600];
    Batch batch =
        new Batch()
            .createLog(first)
            .createLog(second)
            .append(new Log[] {first, second}, new boolean[] {true, false}, 2, header, new byte[3])
            .append(new Log[] {first}, new boolean[1], 1, header, large)
            .settle(first, 0, 1)
            .put("schlüssel", new byte[] {4})
            .remove("key")
            .dispatched(second, 12)
            .trim(second, 3)
            .note(second, 4, new byte[] {1, 2})
            .deleteLog(first);
    Heard heard = new Heard();
    new OperationLayout.Scan().read(payload(batch), heard);
    assertThat(heard.said)
        .containsExactly(
            "create 1",
            "create 2",
            "entry 1+3",
            "append 1/0 true",
            "append 2/0 false",
            "entry 1+600",
            "append 1/1 false",
            "settle 1/0+1",
            "put schlüssel=1",
            "remove key",
            "dispatched 2/12",
            "trim 2/3",
            "note 2/4=2",
            "delete 1");
  }

  private static ByteBuffer payload(Batch batch) {
    ByteBuffer record = Bytes.alignedBuffer(8192);
    RecordLayout.put(record, RecordLayout.CLOSE, 0, 0, batch.payload());
    int length = RecordLayout.length(record, 0) - RecordLayout.HEADER_BYTES;
    return record.slice(RecordLayout.HEADER_BYTES, length);
  }

  @Test
  void hostileOperationsAreMalformedAndNothingElse() {
    for (long seed = 1; seed <= 20_000; seed++) {
      SplittableRandom dice = new SplittableRandom(seed);
      byte[] bytes = new byte[dice.nextInt(60)];
      dice.nextBytes(bytes);
      if (bytes.length > 0 && dice.nextBoolean()) {
        bytes[0] = (byte) (1 + dice.nextInt(9));
      }
      try {
        new OperationLayout.Scan().read(ByteBuffer.wrap(bytes), new Heard());
      } catch (ByteReader.MalformedException | CorruptionException expected) {
        assertThat(expected).hasMessageMatching("(?s).+");
      }
    }
  }

  @Test
  void hostileCheckpointsAreCorruptAndNothingElse() {
    JournalFront.Place place = new JournalFront.Place(1, 1, 0);
    Fold fold = new Fold();
    fold.define("key", new byte[] {1});
    fold.create(1);
    CheckpointBuilder builder =
        new CheckpointBuilder(fold, new CheckpointHead(ID, 1, 0, 1, 1, place, 2));
    assertThat(builder.step(place)).isTrue();
    byte[] whole = builder.toBytes();
    for (int bit = 0; bit < whole.length * 8; bit++) {
      byte[] damaged = whole.clone();
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      assertThatThrownBy(() -> Checkpoint.read(1, number -> damaged))
          .isInstanceOf(CorruptionException.class);
    }
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> Checkpoint.read(1, number -> cut))
          .isInstanceOf(CorruptionException.class);
    }
  }

  @Test
  void numbersAndStringsReadBack() {
    long[] numbers = {0, 1, 127, 128, 16_383, 16_384, Integer.MAX_VALUE, Long.MAX_VALUE, -1};
    ByteWriter out = new ByteWriter(1);
    for (long number : numbers) {
      out.varint(number).fixed64(number);
    }
    out.string("plain").string("ümläut €").bytes(new byte[] {1, 2});
    ByteReader in = new ByteReader(out.toBytes());
    for (long number : numbers) {
      assertThat(in.varint()).isEqualTo(number);
      assertThat(in.fixed64()).isEqualTo(number);
    }
    assertThat(in.string()).isEqualTo("plain");
    assertThat(in.string()).isEqualTo("ümläut €");
    assertThat(in.bytes()).containsExactly(1, 2);
    assertThat(in.hasMore()).isFalse();
    assertThatThrownBy(in::u8).isInstanceOf(ByteReader.MalformedException.class);
  }

  @Test
  void aLengthPastTheEndIsMalformedBeforeAnythingIsAllocated() {
    byte[] bytes = new ByteWriter(16).varint(Integer.MAX_VALUE - 8).u8(1).toBytes();
    assertThatThrownBy(() -> new ByteReader(bytes).bytes())
        .isInstanceOf(ByteReader.MalformedException.class);
    byte[] endless = new byte[11];
    Arrays.fill(endless, (byte) 0xff);
    assertThatThrownBy(() -> new ByteReader(endless).varint())
        .isInstanceOf(ByteReader.MalformedException.class);
  }

  /// Writes down what it is told.
  private static final class Heard implements OperationLayout.Reader {
    final List<String> said = new ArrayList<>();

    @Override
    public void createLog(long log) {
      said.add("create " + log);
    }

    @Override
    public void deleteLog(long log) {
      said.add("delete " + log);
    }

    @Override
    public void entry(OperationLayout.Entry entry) {
      String body = entry.isInParts() ? "parts " + entry.bodyId + "+" : "entry ";
      said.add(body + entry.headerLength + "+" + entry.bodyLength);
    }

    @Override
    public void appended(long log, long sequence, boolean offered) {
      said.add("append " + log + "/" + sequence + " " + offered);
    }

    @Override
    public void settled(long log, long first, long count) {
      said.add("settle " + log + "/" + first + "+" + count);
    }

    @Override
    public void put(String key, byte[] value) {
      said.add("put " + key + "=" + value.length);
    }

    @Override
    public void removed(String key) {
      said.add("remove " + key);
    }

    @Override
    public void dispatched(long log, long upTo) {
      said.add("dispatched " + log + "/" + upTo);
    }

    @Override
    public void trimmed(long log, long upTo) {
      said.add("trim " + log + "/" + upTo);
    }

    @Override
    public void noted(long log, long sequence, byte[] note) {
      said.add("note " + log + "/" + sequence + "=" + note.length);
    }
  }
}
