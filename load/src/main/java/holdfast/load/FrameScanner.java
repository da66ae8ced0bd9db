package holdfast.load;

import static holdfast.amqp091.codec.FrameLayout.BODY;
import static holdfast.amqp091.codec.FrameLayout.CONTENT_BODY_SIZE;
import static holdfast.amqp091.codec.FrameLayout.END;
import static holdfast.amqp091.codec.FrameLayout.HEADER;
import static holdfast.amqp091.codec.FrameLayout.HEARTBEAT;
import static holdfast.amqp091.codec.FrameLayout.METHOD;
import static holdfast.amqp091.codec.FrameLayout.PAYLOAD;

import holdfast.amqp091.codec.BasicMethod;
import holdfast.amqp091.codec.CodecLimits;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// Reads the frames of one connection where they lie in the read buffer, and makes no object of
/// them: deliveries, confirms and returns end in calls, other methods are handed on undecoded.
/// Owned by the connection's loop.
///
/// A frame that is cut by the end of a buffer is carried over to the next, but of a body only as
/// much as is looked at.
final class FrameScanner {
  /// Takes what has been read.
  interface Sink {
    /// One message, when all of it is there.
    ///
    /// @param consumer the code in its consumer tag, [HotFrames#tag]
    /// @param stamp the first eight octets of the body; 0 if there are not [HotFrames#STAMP_BYTES]
    /// @param time the eight octets behind them
    void delivered(
        int consumer, long tag, boolean redelivered, long stamp, long time, long bodyBytes);

    /// `basic.ack` or `basic.nack`.
    void settled(long tag, boolean multiple, boolean refused);

    /// A message came back as unroutable.
    void returned();

    /// Any other method: `length` octets of the buffer, class and method id first.
    void method(int channel, ByteBuffer in, int at, int length);
  }

  private static final int OVERHEAD = CodecLimits.FRAME_OVERHEAD_BYTES;
  private static final int DELIVER = BasicMethod.CLASS_ID << 16 | BasicMethod.Deliver.ID;
  private static final int ACK = BasicMethod.CLASS_ID << 16 | BasicMethod.Ack.ID;
  private static final int NACK = BasicMethod.CLASS_ID << 16 | BasicMethod.Nack.ID;
  private static final int RETURN = BasicMethod.CLASS_ID << 16 | BasicMethod.Return.ID;
  private static final int IDS = 4;

  /// Of a body this much is carried over: what is looked at.
  private static final int BODY_CARRIED = PAYLOAD + HotFrames.STAMP_BYTES;

  private enum Content {
    NONE,
    DELIVERED,
    RETURNED
  }

  private final Sink sink;
  private final int payloadBytesMax;
  private ByteBuffer carry = ByteBuffer.wrap(new byte[512]);
  private int carried;

  /// Octets of a body frame, its end included, that are still to come and are not looked at.
  private int skip;

  // The message whose content is being read.
  private Content content = Content.NONE;
  private int consumer;
  private long tag;
  private boolean redelivered;
  private long bodyBytes;

  /// Octets of the body whose frames have not begun.
  private long bodyLeft;

  private long stamp;
  private long time;

  FrameScanner(Sink sink, int frameBytesMax) {
    this.sink = sink;
    payloadBytesMax = frameBytesMax - OVERHEAD;
  }

  /// Reads the octets from `from` to `to`, all of them.
  void feed(ByteBuffer in, int from, int to) {
    int at = from;
    while (at < to) {
      if (skip > 0) {
        at = skipBody(in, at, to);
        continue;
      }
      if (carried > 0) {
        at = completeCarried(in, at, to);
        continue;
      }
      int here = to - at;
      if (here >= OVERHEAD) {
        long head = in.getLong(at);
        int size = size(head);
        if (here - OVERHEAD >= size) {
          checkEnd(in.get(at + PAYLOAD + size));
          whole(in, at, head, size);
          at += OVERHEAD + size;
          continue;
        }
        if ((int) (head >>> 56) == BODY && here >= BODY_CARRIED) {
          beginBody(in, at + PAYLOAD, size);
          skip = OVERHEAD + size - here;
          return;
        }
      }
      carry(in, at, here);
      return;
    }
  }

  private int skipBody(ByteBuffer in, int at, int to) {
    int here = Math.min(skip, to - at);
    skip -= here;
    if (skip == 0) {
      checkEnd(in.get(at + here - 1));
      endBody();
    }
    return at + here;
  }

  /// Adds to what is carried until that is a frame, or as much of a body as is looked at.
  private int completeCarried(ByteBuffer in, int from, int to) {
    int at = from;
    if (carried < OVERHEAD) {
      int here = Math.min(OVERHEAD - carried, to - at);
      carry(in, at, here);
      at += here;
      if (carried < OVERHEAD) {
        return at;
      }
    }
    long head = carry.getLong(0);
    int size = size(head);
    boolean isBody = (int) (head >>> 56) == BODY;
    int wanted = isBody ? Math.min(OVERHEAD + size, BODY_CARRIED) : OVERHEAD + size;
    int here = Math.min(wanted - carried, to - at);
    carry(in, at, here);
    at += here;
    if (carried < wanted) {
      return at;
    }
    carried = 0;
    if (wanted == OVERHEAD + size) {
      checkEnd(carry.get(PAYLOAD + size));
      whole(carry, 0, head, size);
    } else {
      beginBody(carry, PAYLOAD, size);
      skip = OVERHEAD + size - wanted;
    }
    return at;
  }

  private void carry(ByteBuffer in, int at, int length) {
    if (carried + length > carry.capacity()) {
      carry = ByteBuffer.wrap(Arrays.copyOf(carry.array(), 2 * (carried + length)));
    }
    carry.put(carried, in, at, length);
    carried += length;
  }

  private int size(long head) {
    long size = head >>> 8 & 0xFFFF_FFFFL;
    if (size > payloadBytesMax) {
      throw new BrokenStream("a frame of " + size + " octets is above what was agreed on");
    }
    return (int) size;
  }

  private static void checkEnd(byte end) {
    if ((end & 0xFF) != END) {
      throw new BrokenStream("a frame does not end where its size says");
    }
  }

  private void whole(ByteBuffer in, int at, long head, int size) {
    switch ((int) (head >>> 56)) {
      case METHOD -> method(in, at + PAYLOAD, (int) (head >>> 40) & 0xFFFF, size);
      case HEADER -> {
        bodyBytes = in.getLong(at + PAYLOAD + CONTENT_BODY_SIZE);
        bodyLeft = bodyBytes;
        stamp = 0;
        time = 0;
        if (bodyBytes == 0) {
          endBody();
        }
      }
      case BODY -> {
        beginBody(in, at + PAYLOAD, size);
        endBody();
      }
      case HEARTBEAT -> {}
      default -> throw new BrokenStream("a frame of unknown type " + (head >>> 56));
    }
  }

  private void method(ByteBuffer in, int at, int channel, int size) {
    if (size < IDS) {
      throw new BrokenStream("a method without a name");
    }
    switch (in.getInt(at)) {
      case DELIVER -> {
        int tagBytes = in.get(at + IDS) & 0xFF;
        int behind = at + IDS + 1 + tagBytes;
        consumer = tagBytes == HotFrames.TAG_BYTES ? HotFrames.code(in.getInt(at + IDS + 1)) : -1;
        tag = in.getLong(behind);
        redelivered = in.get(behind + Long.BYTES) != 0;
        content = Content.DELIVERED;
      }
      case ACK ->
          sink.settled(in.getLong(at + IDS), (in.get(at + IDS + Long.BYTES) & 1) != 0, false);
      case NACK ->
          sink.settled(in.getLong(at + IDS), (in.get(at + IDS + Long.BYTES) & 1) != 0, true);
      case RETURN -> content = Content.RETURNED;
      default -> sink.method(channel, in, at, size);
    }
  }

  private void beginBody(ByteBuffer in, int at, int size) {
    if (bodyLeft == bodyBytes && size >= HotFrames.STAMP_BYTES) {
      stamp = in.getLong(at);
      time = in.getLong(at + Long.BYTES);
    }
    bodyLeft -= size;
    if (bodyLeft < 0) {
      throw new BrokenStream("a body is longer than its header says");
    }
  }

  private void endBody() {
    if (bodyLeft > 0) {
      return;
    }
    Content ended = content;
    content = Content.NONE;
    switch (ended) {
      case DELIVERED -> sink.delivered(consumer, tag, redelivered, stamp, time, bodyBytes);
      case RETURNED -> sink.returned();
      case NONE -> throw new BrokenStream("content that belongs to no method");
    }
  }
}
