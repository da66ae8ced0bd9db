package holdfast.amqp091.codec;

import io.netty.buffer.ByteBuf;

/// The eight octets that open a connection.
///
/// ```
///   0   1   2   3   4   5   6   7
/// +---+---+---+---+---+---+---+---+
/// | A | M | Q | P | 0 | 0 | 9 | 1 |
/// +---+---+---+---+---+---+---+---+
/// ```
///
/// Whoever opens with anything else is answered with these octets and the connection is closed.
public final class ProtocolHeader {
  /// Octets needed at most to tell.
  public static final int BYTES = 8;

  private static final long AMQP_0_9_1 = 0x41_4D_51_50_00_00_09_01L;

  /// What the first octets of a connection say.
  public enum Match {
    /// All eight are there and right.
    YES,
    /// One of them is wrong: no need to wait for the rest.
    NO,
    /// Right so far.
    INCOMPLETE
  }

  private ProtocolHeader() {}

  /// Looks at the readable octets and moves no index.
  public static Match match(ByteBuf in) {
    int present = Math.min(in.readableBytes(), BYTES);
    for (int i = 0; i < present; i++) {
      byte expected = (byte) (AMQP_0_9_1 >>> (56 - 8 * i));
      if (in.getByte(in.readerIndex() + i) != expected) {
        return Match.NO;
      }
    }
    return present == BYTES ? Match.YES : Match.INCOMPLETE;
  }

  /// Appends the header.
  public static void write(ByteBuf out) {
    out.writeLong(AMQP_0_9_1);
  }
}
