package holdfast.amqp091;

import holdfast.amqp091.codec.FrameWriter;
import holdfast.core.Message;
import io.netty.buffer.ByteBuf;

/// A large body on its way to the peer: it leaves a frame at a time, as the peer takes it, so that
/// neither its connection's loop nor memory has all of it at once. On its connection's event loop.
final class LeavingBody {
  /// A body up to this size leaves in one go.
  static final int SMALL_BYTES_MAX = 128 * 1024;

  private static final int FRAME_OVERHEAD_BYTES = 8;

  private final int channel;
  private final Message message;
  private final int frameBytesMax;
  private final long eventBytes;
  private int done;

  /// @param eventBytes what its event counts for until all of it has left
  LeavingBody(int channel, Message message, int frameBytesMax, long eventBytes) {
    this.channel = channel;
    this.message = message;
    this.frameBytesMax = frameBytesMax;
    this.eventBytes = eventBytes;
  }

  /// The channel that must carry nothing else until it has left.
  int channel() {
    return channel;
  }

  long eventBytes() {
    return eventBytes;
  }

  boolean hasLeft() {
    return done == message.bodyBytes();
  }

  void writeFrame(ByteBuf out) {
    done += writeFrame(out, channel, message, done, frameBytesMax);
  }

  /// Writes the frame of a body that begins at `done`; returns how much it carries. A frame may be
  /// shorter than the peer allows.
  static int writeFrame(ByteBuf out, int channel, Message message, int done, int frameBytesMax) {
    int payloadMax = Math.min(frameBytesMax, SMALL_BYTES_MAX) - FRAME_OVERHEAD_BYTES;
    int length = Math.min(message.runAt(done), payloadMax);
    FrameWriter.contentBody(out, channel, message.arrayAt(done), message.offsetAt(done), length);
    return length;
  }
}
