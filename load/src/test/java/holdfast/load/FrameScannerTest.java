package holdfast.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import holdfast.amqp091.codec.BasicMethod;
import holdfast.amqp091.codec.BasicProperties;
import holdfast.amqp091.codec.ConfirmMethod;
import holdfast.amqp091.codec.FrameWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FrameScannerTest {
  private static final int FRAME_BYTES = 4096;

  private final ByteBuf wire = Unpooled.buffer();

  /// Writes down what it is told, a line each.
  private static final class Notes implements FrameScanner.Sink {
    final List<String> lines = new ArrayList<>();

    @Override
    public void delivered(
        int consumer, long tag, boolean redelivered, long stamp, long time, long bodyBytes) {
      lines.add(
          "delivered %d %d %s %d %d %d"
              .formatted(consumer, tag, redelivered, stamp, time, bodyBytes));
    }

    @Override
    public void settled(long tag, boolean multiple, boolean refused) {
      lines.add("settled %d %s %s".formatted(tag, multiple, refused));
    }

    @Override
    public void returned() {
      lines.add("returned");
    }

    @Override
    public void method(int channel, ByteBuffer in, int at, int length) {
      lines.add("method %d %x %d".formatted(channel, in.getInt(at), length));
    }
  }

  private void deliver(int consumer, long tag, boolean redelivered, int bodyBytes) {
    FrameWriter.deliver(wire, 1, HotFrames.tag(consumer), tag, redelivered, "exchange", "key");
    content(tag, bodyBytes);
  }

  private void content(long tag, int bodyBytes) {
    byte[] body = new byte[bodyBytes];
    Arrays.fill(body, (byte) 0xCE);
    if (bodyBytes >= HotFrames.STAMP_BYTES) {
      ByteBuffer.wrap(body).putLong(100 + tag).putLong(200 + tag);
    }
    byte[] properties = BasicProperties.EMPTY.toBuilder().deliveryMode(2).build().raw();
    FrameWriter.content(wire, 1, properties, body, 0, bodyBytes, FRAME_BYTES);
  }

  private List<String> everything() {
    deliver(0, 1, false, 16);
    deliver(HotFrames.CONSUMERS_MAX - 1, 2, true, 40);
    FrameWriter.ack(wire, 1, 7, false);
    deliver(3, 3, false, 0);
    deliver(4, 4, false, 15);
    FrameWriter.heartbeat(wire);
    FrameWriter.ack(wire, 1, 9, true);
    deliver(5, 5, false, 2 * FRAME_BYTES + 100);
    FrameWriter.method(wire, 1, new BasicMethod.Nack(12, true, false));
    FrameWriter.method(wire, 1, new BasicMethod.Return(312, "NO_ROUTE", "exchange", "key"));
    content(6, 20);
    FrameWriter.method(wire, 1, new ConfirmMethod.SelectOk());
    deliver(6, 7, false, FRAME_BYTES - 8);
    return List.of(
        "delivered 0 1 false 101 201 16",
        "delivered 16777215 2 true 102 202 40",
        "settled 7 false false",
        "delivered 3 3 false 0 0 0",
        "delivered 4 4 false 0 0 15",
        "settled 9 true false",
        "delivered 5 5 false 105 205 8292",
        "settled 12 true true",
        "returned",
        "method 1 55000b 4",
        "delivered 6 7 false 107 207 4088");
  }

  private List<String> read(int... cuts) {
    Notes notes = new Notes();
    FrameScanner scanner = new FrameScanner(notes, FRAME_BYTES);
    int from = 0;
    for (int cut : cuts) {
      feed(scanner, from, cut);
      from = cut;
    }
    feed(scanner, from, wire.readableBytes());
    return notes.lines;
  }

  /// Each piece in a buffer of its own, in which it does not stand at the start.
  private void feed(FrameScanner scanner, int from, int to) {
    ByteBuffer in = ByteBuffer.allocateDirect(to - from + 3);
    in.put(3, wire.array(), from, to - from);
    scanner.feed(in, 3, to - from + 3);
  }

  @Test
  void readsWhatTheCodecWrites() {
    List<String> expected = everything();
    assertThat(read()).isEqualTo(expected);
  }

  @Test
  void aCutAnywhereChangesNothing() {
    List<String> expected = everything();
    for (int cut = 1; cut < wire.readableBytes(); cut++) {
      assertThat(read(cut)).as("cut at %d", cut).isEqualTo(expected);
    }
  }

  @Test
  void manyCutsChangeNothing() {
    List<String> expected = everything();
    int all = wire.readableBytes();
    int[] everywhere = new int[all - 1];
    Arrays.setAll(everywhere, i -> i + 1);
    assertThat(read(everywhere)).isEqualTo(expected);
    for (int seed = 0; seed < 500; seed++) {
      int[] cuts = new Random(seed).ints(1 + seed % 40, 1, all).sorted().distinct().toArray();
      assertThat(read(cuts)).as("seed %d", seed).isEqualTo(expected);
    }
  }

  @Test
  void aMessageIsDeliveredWhenItsLastOctetIsThere() {
    deliver(0, 1, false, 6000);
    Notes notes = new Notes();
    FrameScanner scanner = new FrameScanner(notes, FRAME_BYTES);
    feed(scanner, 0, wire.readableBytes() - 1);
    assertThat(notes.lines).isEmpty();
    feed(scanner, wire.readableBytes() - 1, wire.readableBytes());
    assertThat(notes.lines).hasSize(1);
  }

  @Test
  void damageIsNoticed() {
    deliver(0, 1, false, 16);
    wire.setByte(wire.readableBytes() - 1, 0);
    assertThatThrownBy(this::read).isInstanceOf(BrokenStream.class).hasMessageContaining("end");
    wire.clear();
    FrameWriter.ack(wire, 1, 1, false);
    wire.setInt(3, FRAME_BYTES);
    assertThatThrownBy(this::read).isInstanceOf(BrokenStream.class).hasMessageContaining("above");
    wire.clear();
    content(1, 20);
    assertThatThrownBy(this::read)
        .isInstanceOf(BrokenStream.class)
        .hasMessageContaining("no method");
  }
}
