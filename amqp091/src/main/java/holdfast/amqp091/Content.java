package holdfast.amqp091;

import holdfast.amqp091.codec.BasicMethod;
import holdfast.amqp091.codec.BasicProperties;
import holdfast.amqp091.codec.Octets;
import holdfast.amqp091.codec.ProtocolException;
import holdfast.amqp091.codec.ReplyCode;
import holdfast.core.MemoryBudget;
import holdfast.core.Message;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Puts one message together from its method, its header and its body frames. One a channel, on the
/// connection's event loop.
///
/// Memory is taken as the body comes, never as its header announces, and counts against the
/// broker's limit while it is held.
final class Content {
  private static final byte[] NOTHING = {};

  private final MemoryBudget memory;
  private BasicMethod.@Nullable Publish publish;
  private @Nullable BasicProperties properties;

  /// The body so far, or its first piece.
  private byte[] body = NOTHING;

  /// The pieces so far of a body that is larger than one, the last of which may not be full yet.
  private final ArrayList<byte[]> pieces = new ArrayList<>();

  private int received;
  private long announced;
  private int pieceBytes;
  private long counted;

  Content(MemoryBudget memory) {
    this.memory = memory;
  }

  /// Whether a message has begun and is not complete.
  boolean isOpen() {
    return publish != null;
  }

  void begin(BasicMethod.Publish method) {
    publish = method;
    properties = null;
  }

  void expectHeader() {
    if (publish == null || properties != null) {
      throw unexpected("a content header came where none was expected");
    }
  }

  /// The header; true if the message is complete with it. `bytesMax` was checked by the caller.
  boolean header(long bodyBytes, BasicProperties header) {
    expectHeader();
    properties = header;
    announced = bodyBytes;
    pieceBytes = Message.pieceBytes(bodyBytes);
    received = 0;
    return bodyBytes == 0;
  }

  /// A piece of the body; true if the message is complete with it.
  boolean body(ByteBuf in, int index, int length) {
    if (properties == null) {
      throw unexpected("a content body came where none was expected");
    }
    if (received + (long) length > announced) {
      throw new ProtocolException(
          ReplyCode.FRAME_ERROR,
          "the body is longer than the " + announced + " bytes its header announced");
    }
    for (int done = 0; done < length; ) {
      int offset = received % pieceBytes;
      if (offset == 0 && received > 0) {
        beginPiece();
      }
      int now = Math.min(length - done, pieceBytes - offset);
      growTo(offset + now);
      Octets.copy(in, index + done, now, body, offset);
      received += now;
      done += now;
    }
    return received == announced;
  }

  /// The piece that was filled is whole; the next one grows in its turn.
  private void beginPiece() {
    pieces.add(body);
    body = NOTHING;
  }

  private void growTo(int bytes) {
    if (bytes > body.length) {
      long behind = (long) pieces.size() * pieceBytes;
      long most = Math.min(pieceBytes, announced - behind);
      // A body that has filled a piece may have the next one at once.
      long grown = pieces.isEmpty() ? Math.min(most, Math.max(body.length * 2L, bytes)) : most;
      count(grown - body.length);
      body = Arrays.copyOf(body, (int) grown);
    }
  }

  private void count(long bytes) {
    counted += bytes;
    memory.add(bytes);
  }

  BasicMethod.Publish publish() {
    BasicMethod.Publish method = publish;
    if (method == null) {
      throw new IllegalStateException("no message has begun");
    }
    return method;
  }

  BasicProperties properties() {
    BasicProperties header = properties;
    if (header == null) {
      throw new IllegalStateException("no header has come");
    }
    return header;
  }

  /// Whether the body of a complete message is larger than one piece.
  boolean isInPieces() {
    return !pieces.isEmpty();
  }

  /// The same of a body in pieces; [#takeBody] is then empty.
  byte[][] takePieces() {
    pieces.add(body);
    byte[][] whole = pieces.toArray(new byte[0][]);
    drop();
    return whole;
  }

  /// The body of a complete message; from here on it counts as the message's.
  byte[] takeBody() {
    byte[] whole = body;
    drop();
    return whole;
  }

  /// Forgets what has come so far.
  void drop() {
    memory.add(-counted);
    counted = 0;
    body = NOTHING;
    pieces.clear();
    publish = null;
    properties = null;
  }

  static ProtocolException unexpected(String text) {
    return new ProtocolException(ReplyCode.UNEXPECTED_FRAME, text);
  }
}
