package holdfast.cost;

import holdfast.amqp091.codec.BasicMethod;
import holdfast.amqp091.codec.ChannelMethod;
import holdfast.amqp091.codec.ConnectionMethod;
import holdfast.amqp091.codec.FrameWriter;
import holdfast.amqp091.codec.LongString;
import holdfast.amqp091.codec.Method;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// One connection with one channel, of a client that allocates nothing while it counts deliveries
/// and confirms. One thread's.
final class Wire implements AutoCloseable {
  static final int FRAME_BYTES_MAX = 131_072;

  private static final int RECEIVE_BYTES = 1024 * 1024;
  private static final int SIZE_AT = 3;
  private static final int PAYLOAD_AT = 7;
  private static final int TAG_AT = 11;
  private static final int OVERHEAD_BYTES = 8;
  private static final int BODY_SIZE_AT = 11;
  private static final int METHOD = 1;
  private static final int HEADER = 2;
  private static final int DELIVER = BasicMethod.CLASS_ID << 16 | BasicMethod.Deliver.ID;
  private static final int ACK = BasicMethod.CLASS_ID << 16 | BasicMethod.Ack.ID;
  private static final int CLOSE = ChannelMethod.CLASS_ID << 16 | ChannelMethod.Close.ID;
  private static final int END = ConnectionMethod.CLASS_ID << 16 | ConnectionMethod.Close.ID;

  private final SocketChannel socket;
  private final ByteBuffer in = ByteBuffer.allocateDirect(RECEIVE_BYTES).limit(0);
  private long answers;
  private long deliveries;

  /// What is missing of the body that is being delivered.
  private long bodyBytesLeft;

  private long confirmed;

  private Wire(SocketChannel socket) {
    this.socket = socket;
  }

  static Wire open(int port) throws IOException {
    SocketChannel socket =
        SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
    Wire wire = new Wire(socket);
    wire.send(ByteBuffer.wrap(new byte[] {'A', 'M', 'Q', 'P', 0, 0, 9, 1}));
    wire.awaitAnswer();
    wire.call(
        0,
        new ConnectionMethod.StartOk(Map.of(), "PLAIN", LongString.of("\0guest\0guest"), "en_US"));
    wire.send(0, new ConnectionMethod.TuneOk(0, FRAME_BYTES_MAX, 0));
    wire.call(0, new ConnectionMethod.Open("/"));
    wire.call(new ChannelMethod.Open());
    return wire;
  }

  void send(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      socket.write(bytes);
    }
  }

  /// Sends as much as the system takes without anybody reading at the other end.
  void sendAhead(ByteBuffer bytes) throws IOException {
    socket.configureBlocking(false);
    while (bytes.hasRemaining() && socket.write(bytes) > 0) {
      // more may fit
    }
    socket.configureBlocking(true);
  }

  private void send(int channel, Method method) throws IOException {
    ByteBuf out = Unpooled.buffer();
    FrameWriter.method(out, channel, method);
    send(out.nioBuffer());
  }

  /// Asks on the channel and waits for an answer.
  void call(Method method) throws IOException {
    call(1, method);
  }

  private void call(int channel, Method method) throws IOException {
    send(channel, method);
    awaitAnswer();
  }

  private void awaitAnswer() throws IOException {
    long before = answers;
    while (answers == before) {
      frame();
    }
  }

  void awaitDeliveries(long count) throws IOException {
    while (deliveries < count) {
      frame();
    }
  }

  void awaitConfirm(long tag) throws IOException {
    while (confirmed < tag) {
      frame();
    }
  }

  private void frame() throws IOException {
    while (in.remaining() < OVERHEAD_BYTES
        || in.remaining() < OVERHEAD_BYTES + in.getInt(in.position() + SIZE_AT)) {
      in.compact();
      if (socket.read(in) < 0) {
        throw new EOFException("the broker has hung up");
      }
      in.flip();
    }
    int at = in.position();
    int length = in.getInt(at + SIZE_AT);
    switch (in.get(at)) {
      case METHOD -> method(at, length);
      case HEADER -> body(in.getLong(at + BODY_SIZE_AT), 0);
      default -> body(bodyBytesLeft, length);
    }
    in.position(at + OVERHEAD_BYTES + length);
  }

  private void body(long left, int length) {
    bodyBytesLeft = left - length;
    if (bodyBytesLeft == 0) {
      deliveries++;
    }
  }

  private void method(int at, int length) throws IOException {
    switch (in.getInt(at + PAYLOAD_AT)) {
      case DELIVER -> {
        // counted when its body is there
      }
      case ACK -> confirmed = Math.max(confirmed, in.getLong(at + TAG_AT));
      case CLOSE, END -> {
        byte[] why = new byte[length];
        in.get(at + PAYLOAD_AT, why);
        throw new IOException("closed: " + new String(why, StandardCharsets.ISO_8859_1));
      }
      default -> answers++;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
