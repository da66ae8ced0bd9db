package holdfast.load;

import holdfast.amqp091.codec.BasicMethod;
import holdfast.amqp091.codec.BasicProperties;
import holdfast.amqp091.codec.FrameLayout;
import holdfast.amqp091.codec.FrameWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;

/// The frames that are written again and again, encoded once; and what stands in a body.
///
/// ```
/// body:   | stamp, 64 bits | time in ns, 64 bits | filling |
/// stamp:  | run, 12 bits | producer, 16 bits | number, 36 bits |
/// ```
///
/// The number counts the messages from that producer to that queue. The time is that of the
/// machine's monotonic clock: when the message was due, or else when it was written.
final class HotFrames {
  /// What of a body says where a message comes from; the least that one can be long.
  static final int STAMP_BYTES = 16;

  static final int PRODUCERS_MAX = 1 << 16;
  static final int RUNS = 1 << 12;

  static final int ACK_BYTES = 21;
  static final int TAG_BYTES = 4;
  static final int CONSUMERS_MAX = 1 << 24;

  private static final int NUMBER_BITS = 36;
  private static final int PRODUCER_BITS = 16;

  /// The first of 64 letters in a row that may all stand in a consumer tag.
  private static final int LETTER = '0';

  private HotFrames() {}

  static long stamp(int run, int producer) {
    return ((long) run << PRODUCER_BITS | producer) << NUMBER_BITS;
  }

  static int run(long stamp) {
    return (int) (stamp >>> (NUMBER_BITS + PRODUCER_BITS));
  }

  static int producer(long stamp) {
    return (int) (stamp >>> NUMBER_BITS) & (PRODUCERS_MAX - 1);
  }

  static long number(long stamp) {
    return stamp & ((1L << NUMBER_BITS) - 1);
  }

  /// The consumer tag that says `code`, four letters long.
  static String tag(int code) {
    char[] letters = new char[TAG_BYTES];
    for (int i = 0; i < TAG_BYTES; i++) {
      letters[i] = (char) (LETTER + (code >>> 6 * (TAG_BYTES - 1 - i) & 63));
    }
    return new String(letters);
  }

  static int code(int letters) {
    int digits = letters - LETTER * 0x01010101;
    return digits >>> 24 << 18
        | (digits >>> 16 & 63) << 12
        | (digits >>> 8 & 63) << 6
        | digits & 63;
  }

  static byte[] publish(int channel, String exchange, String key, boolean mandatory) {
    ByteBuf out = Unpooled.buffer();
    FrameWriter.method(out, channel, new BasicMethod.Publish(exchange, key, mandatory, false));
    return octets(out);
  }

  /// Header and body frames of a message; the stamp stands at [#stampAt].
  static byte[] content(int channel, BasicProperties properties, int bodyBytes, int frameBytesMax) {
    byte[] body = new byte[bodyBytes];
    Arrays.fill(body, (byte) 'h');
    ByteBuf out = Unpooled.buffer();
    FrameWriter.content(out, channel, properties.raw(), body, 0, bodyBytes, frameBytesMax);
    return octets(out);
  }

  static int stampAt(BasicProperties properties) {
    return 2 * FrameLayout.PAYLOAD + FrameLayout.CONTENT_PROPERTIES + properties.raw().length + 1;
  }

  /// `basic.ack` on channel 1: [FrameWriter#ack] in fewer pieces.
  static void ack(ByteBuf out, long tag, boolean multiple) {
    out.writeLong(0x01_0001_0000000D_00L);
    out.writeMedium(0x3C_0050);
    out.writeLong(tag);
    out.writeShort((multiple ? 0x100 : 0) | FrameLayout.END);
  }

  private static byte[] octets(ByteBuf out) {
    return Arrays.copyOf(out.array(), out.readableBytes());
  }
}
