package holdfast.amqp091;

import static org.assertj.core.api.Assertions.assertThat;

import holdfast.amqp091.codec.BasicMethod;
import holdfast.amqp091.codec.ChannelMethod;
import holdfast.amqp091.codec.ConfirmMethod;
import holdfast.amqp091.codec.ConnectionMethod;
import holdfast.amqp091.codec.LongString;
import holdfast.amqp091.codec.Method;
import holdfast.amqp091.codec.Methods;
import holdfast.amqp091.codec.QueueMethod;
import io.netty.buffer.Unpooled;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A socket that sends any octets and reads frames. One thread's, but for a second one that only
/// sends or only reads.
final class RawClient implements AutoCloseable {
  static final int FRAME_BYTES_MAX = 131_072;
  private static final int PATIENCE_MS = 8_000;

  /// A frame as it came.
  record Frame(int type, int channel, byte[] payload) {
    Method method() {
      assertThat(type).as("type of the frame").isEqualTo(Wire.METHOD);
      return Methods.decode(Unpooled.wrappedBuffer(payload));
    }
  }

  /// A message as it came: the method in front of it, and its body.
  record Content(Method method, byte[] body) {}

  private final Socket socket;
  private final DataInputStream in;
  private final OutputStream out;
  int heartbeats;

  private RawClient(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 64 * 1024));
    this.out = socket.getOutputStream();
  }

  /// Connects and says nothing.
  static RawClient connect(int port) throws IOException {
    return connect(port, 0);
  }

  /// Connects with a small receive buffer, for peers that are slow to read; 0 for the usual one.
  static RawClient connect(int port, int receiveBytes) throws IOException {
    Socket socket = new Socket();
    if (receiveBytes > 0) {
      socket.setReceiveBufferSize(receiveBytes);
    }
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(PATIENCE_MS);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MS);
    return new RawClient(socket);
  }

  /// Speaks through a socket that is connected already.
  static RawClient over(Socket socket) throws IOException {
    socket.setSoTimeout(PATIENCE_MS);
    return new RawClient(socket);
  }

  /// A connection that is open, with no channel yet.
  static RawClient open(int port) throws IOException {
    return connect(port).handshake(0, FRAME_BYTES_MAX);
  }

  RawClient handshake(int heartbeatSeconds, int frameBytesMax) throws IOException {
    return handshake(heartbeatSeconds, frameBytesMax, Map.of());
  }

  /// @param capabilities what it says that it understands
  RawClient handshake(
      int heartbeatSeconds, int frameBytesMax, Map<String, @Nullable Object> capabilities)
      throws IOException {
    send(Wire.PROTOCOL_HEADER);
    expect(0, ConnectionMethod.Start.class);
    send(0, startOk("guest", "guest", capabilities));
    expect(0, ConnectionMethod.Tune.class);
    send(0, new ConnectionMethod.TuneOk(0, frameBytesMax, heartbeatSeconds));
    send(0, new ConnectionMethod.Open("/"));
    expect(0, ConnectionMethod.OpenOk.class);
    return this;
  }

  static ConnectionMethod.StartOk startOk(
      String user, String password, Map<String, @Nullable Object> capabilities) {
    return new ConnectionMethod.StartOk(
        Map.of("capabilities", capabilities),
        "PLAIN",
        LongString.of("\0" + user + "\0" + password),
        "en_US");
  }

  // --- sending ---

  RawClient send(byte[]... parts) throws IOException {
    out.write(parts.length == 1 ? parts[0] : Wire.concat(parts));
    return this;
  }

  RawClient send(int channel, Method method) throws IOException {
    return send(Wire.method(channel, method));
  }

  RawClient publish(int channel, String key, byte[] properties, byte[] body) throws IOException {
    return publish(channel, new BasicMethod.Publish("", key, false, false), properties, body);
  }

  RawClient publish(int channel, BasicMethod.Publish method, byte[] properties, byte[] body)
      throws IOException {
    return send(
        Wire.method(channel, method), Wire.content(channel, properties, body, FRAME_BYTES_MAX));
  }

  // --- reading ---

  /// The next octets as they come, whatever they are.
  byte[] read(int length) throws IOException {
    return in.readNBytes(length);
  }

  /// The next frame that is not a heartbeat.
  Frame frame() throws IOException {
    while (true) {
      Frame frame = anyFrame();
      if (frame.type != Wire.HEARTBEAT) {
        return frame;
      }
      heartbeats++;
    }
  }

  Frame anyFrame() throws IOException {
    int type = in.readUnsignedByte();
    int channel = in.readUnsignedShort();
    int length = in.readInt();
    assertThat(length).as("length of a frame").isBetween(0, FRAME_BYTES_MAX);
    byte[] payload = new byte[length];
    in.readFully(payload);
    assertThat(in.readUnsignedByte()).as("end octet").isEqualTo(Wire.END);
    return new Frame(type, channel, payload);
  }

  <M extends Method> M expect(int channel, Class<M> type) throws IOException {
    Frame frame = frame();
    Method method = frame.method();
    assertThat(method).as("on channel %s", frame.channel).isInstanceOf(type);
    assertThat(frame.channel).as("channel of %s", method).isEqualTo(channel);
    return type.cast(method);
  }

  <M extends Method> M call(int channel, Method method, Class<M> answer) throws IOException {
    return send(channel, method).expect(channel, answer);
  }

  /// A method of this type and the message behind it.
  <M extends Method> Content expectContent(int channel, Class<M> type) throws IOException {
    M method = expect(channel, type);
    return new Content(method, readBody());
  }

  /// What follows a method with content.
  byte[] readBody() throws IOException {
    Frame header = frame();
    assertThat(header.type).as("type of a header frame").isEqualTo(Wire.HEADER);
    byte[] body = new byte[(int) Unpooled.wrappedBuffer(header.payload).getLong(4)];
    for (int done = 0; done < body.length; ) {
      Frame part = frame();
      assertThat(part.type).as("type of a body frame").isEqualTo(Wire.BODY);
      System.arraycopy(part.payload, 0, body, done, part.payload.length);
      done += part.payload.length;
    }
    return body;
  }

  /// The connection is closed with this code; agrees to it and is hung up on.
  void expectClosed(int code) throws IOException {
    ConnectionMethod.Close close = expect(0, ConnectionMethod.Close.class);
    assertThat(close.replyCode()).as("%s", close).isEqualTo(code);
    send(0, new ConnectionMethod.CloseOk());
    expectHungUp();
  }

  /// The channel is closed with this code; agrees to it.
  void expectChannelClosed(int channel, int code) throws IOException {
    ChannelMethod.Close close = expect(channel, ChannelMethod.Close.class);
    assertThat(close.replyCode()).as("%s", close).isEqualTo(code);
    send(channel, new ChannelMethod.CloseOk());
  }

  /// Nothing more comes but the end.
  void expectHungUp() throws IOException {
    try {
      assertThat(in.read()).as("what comes instead of the end").isEqualTo(-1);
    } catch (SocketException reset) {
      // The end as well: the peer had octets of ours that it did not want to read.
    }
  }

  /// Reads whatever comes until the end.
  void drain() throws IOException {
    byte[] ignored = new byte[8192];
    try {
      while (in.read(ignored) >= 0) {
        // not looked at
      }
    } catch (SocketException | EOFException gone) {
      // the end as well
    }
  }

  // --- common exchanges ---

  RawClient channel(int channel) throws IOException {
    call(channel, new ChannelMethod.Open(), ChannelMethod.OpenOk.class);
    return this;
  }

  RawClient confirms(int channel) throws IOException {
    call(channel, new ConfirmMethod.Select(false), ConfirmMethod.SelectOk.class);
    return this;
  }

  static QueueMethod.Declare queue(String name, boolean durable) {
    return new QueueMethod.Declare(name, false, durable, false, false, false, Map.of());
  }

  RawClient declare(int channel, String name, boolean durable) throws IOException {
    call(channel, queue(name, durable), QueueMethod.DeclareOk.class);
    return this;
  }

  RawClient delete(int channel, String name) throws IOException {
    QueueMethod.Delete delete = new QueueMethod.Delete(name, false, false, false);
    call(channel, delete, QueueMethod.DeleteOk.class);
    return this;
  }

  static BasicMethod.Consume consume(String queue, boolean noAck) {
    return new BasicMethod.Consume(queue, "c", false, noAck, false, false, Map.of());
  }

  /// Ends the connection as the protocol wants it.
  void bye() throws IOException {
    send(0, new ConnectionMethod.Close(200, "", 0, 0));
    Frame frame = frame();
    while (frame.type != Wire.METHOD || !(frame.method() instanceof ConnectionMethod.CloseOk)) {
      frame = frame();
    }
    expectHungUp();
    close();
  }

  void patience(int ms) throws IOException {
    socket.setSoTimeout(ms);
  }

  Socket socket() {
    return socket;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
