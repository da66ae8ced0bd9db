import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// A client's day in short, for the run that a class cache is made from. What the broker loads and
/// finds hot meanwhile is in the cache.
///
///     java bin/Rehearsal.java PORT leave    leaves queues and messages, for a start that recovers
///     java bin/Rehearsal.java PORT serve    takes what was left, then logs in, declares, binds,
///                                           publishes with confirms, gets, consumes, acknowledges
///                                           and takes leave, with a durable queue and without
///
/// It speaks AMQP 0-9-1 by itself, from the JDK alone, since it runs before anything else is there.
final class Rehearsal {

  /// So many that the hot methods are compiled by C2 here: then a broker has them compiled from
  /// their profiles in its first seconds, and not bit by bit over half a minute.
  private static final int MESSAGES = 60_000;

  private static final int WINDOW = 100;

  /// One by one, which goes other ways than a stream.
  private static final int ALONE = 6_000;

  private static final int QUEUES_LEFT = 400;
  private static final String LEFT = "rehearsal.left.";
  private static final int FRAME_END = 0xCE;
  private static final int METHOD = 1;
  private static final int HEADER = 2;
  private static final int BODY = 3;
  private static final int DELIVER = 60 << 16 | 60;
  private static final int GOT = 60 << 16 | 71;
  private static final int CONFIRM = 60 << 16 | 80;
  private static final String CONSUMER = "c";

  private final DataInputStream in;
  private final DataOutputStream out;

  /// On this channel, all confirmed, before the exchange that is under way.
  private long published;

  private Rehearsal(Socket socket) throws IOException {
    this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 16));
    this.out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream(), 1 << 16));
  }

  public static void main(String[] args) throws IOException {
    InetAddress here = InetAddress.getLoopbackAddress();
    for (boolean durable : new boolean[] {true, false}) {
      try (Socket socket = new Socket(here, Integer.parseInt(args[0]))) {
        socket.setTcpNoDelay(true);
        Rehearsal client = new Rehearsal(socket);
        client.logIn();
        if (args[1].equals("leave")) {
          client.leave();
        } else {
          client.take(durable);
          client.play("rehearsal." + durable, durable);
        }
        client.logOut();
      }
    }
  }

  private void logIn() throws IOException {
    out.write(new byte[] {'A', 'M', 'Q', 'P', 0, 0, 9, 1});
    out.flush();
    next();
    call(0, 10, 11, table(), "PLAIN", longText("\0guest\0guest"), "en_US");
    send(0, 10, 31, (short) 0, 131072, (short) 0);
    call(0, 10, 40, "/", "", (byte) 0);
    call(1, 20, 10, "");
    call(1, 85, 10, (byte) 0);
  }

  private void logOut() throws IOException {
    call(1, 20, 40, (short) 200, "", 0);
    call(0, 10, 50, (short) 200, "", 0);
  }

  private void leave() throws IOException {
    for (int i = 0; i < QUEUES_LEFT; i++) {
      call(1, 50, 10, (short) 0, LEFT + i, (byte) 2, table());
      call(1, 50, 20, (short) 0, LEFT + i, "amq.topic", "a." + i, (byte) 0, table());
      publish("", LEFT + i, true);
      publish("", LEFT + 0, true);
      awaitConfirms(2);
    }
  }

  /// One by one, until the queue says that it is empty.
  private void take(boolean durable) throws IOException {
    send(1, 60, 70, (short) 0, LEFT + (durable ? 0 : 1), (byte) 0);
    out.flush();
    DataInputStream answer = next();
    if (answer.readInt() == GOT) {
      long tag = answer.readLong();
      skipContent();
      send(1, 60, 80, tag, (byte) 0);
      take(durable);
    }
  }

  private void play(String queue, boolean durable) throws IOException {
    String exchange = queue + ".x";
    byte flags = (byte) (durable ? 2 : 0);
    call(1, 40, 10, (short) 0, exchange, "topic", flags, table());
    call(1, 50, 10, (short) 0, queue, flags, table());
    call(1, 50, 20, (short) 0, queue, exchange, "a.#", (byte) 0, table());
    call(1, 60, 10, 0, (short) WINDOW, (byte) 0);
    call(1, 60, 20, (short) 0, queue, CONSUMER, (byte) 0, table());
    exchange(exchange, durable, ALONE, 1);
    exchange(exchange, durable, MESSAGES, WINDOW);
    call(1, 60, 30, CONSUMER, (byte) 0);
    call(1, 50, 40, (short) 0, queue, (byte) 0);
    call(1, 40, 20, (short) 0, exchange, (byte) 0);
  }

  /// Publishes and consumes until all is confirmed and delivered.
  private void exchange(String exchange, boolean durable, int count, int window)
      throws IOException {
    int delivered = 0;
    long confirmed = 0;
    for (int sent = 0; delivered < count || confirmed < count; ) {
      while (sent < count && sent - Math.min(delivered, confirmed) < window) {
        publish(exchange, "a.b", durable);
        sent++;
      }
      out.flush();
      DataInputStream method = next();
      switch (method.readInt()) {
        case CONFIRM -> confirmed = method.readLong() - published;
        case DELIVER -> {
          method.skipNBytes(1 + CONSUMER.length());
          long tag = method.readLong();
          skipContent();
          send(1, 60, 80, tag, (byte) 0);
          delivered++;
        }
        default -> throw new IOException("neither a confirm nor a delivery");
      }
    }
    published += count;
  }

  private void publish(String exchange, String key, boolean durable) throws IOException {
    byte[] body = new byte[1024];
    send(1, 60, 40, (short) 0, exchange, key, (byte) 0);
    byte mode = (byte) (durable ? 2 : 1);
    frame(HEADER, 1, bytes((short) 60, (short) 0, (long) body.length, (short) 0x1000, mode));
    frame(BODY, 1, body);
  }

  private void awaitConfirms(int count) throws IOException {
    out.flush();
    for (long confirmed = 0; confirmed < count; ) {
      DataInputStream method = next();
      if (method.readInt() != CONFIRM) {
        throw new IOException("no confirm");
      }
      method.skipNBytes(Long.BYTES);
      // In pairs at most: one that speaks for several speaks for both.
      confirmed += method.readBoolean() ? count : 1;
    }
  }

  /// Header and body of what a method has announced: small enough for one frame each.
  private void skipContent() throws IOException {
    next();
    next();
  }

  private void call(int channel, int classId, int methodId, Object... arguments)
      throws IOException {
    send(channel, classId, methodId, arguments);
    out.flush();
    next();
  }

  private void send(int channel, int classId, int methodId, Object... arguments)
      throws IOException {
    byte[] head = bytes((short) classId, (short) methodId);
    byte[] rest = bytes(arguments);
    byte[] payload = ByteBuffer.allocate(head.length + rest.length).put(head).put(rest).array();
    frame(METHOD, channel, payload);
  }

  private void frame(int kind, int channel, byte[] payload) throws IOException {
    out.writeByte(kind);
    out.writeShort(channel);
    out.writeInt(payload.length);
    out.write(payload);
    out.writeByte(FRAME_END);
  }

  private DataInputStream next() throws IOException {
    in.skipNBytes(3);
    byte[] payload = in.readNBytes(in.readInt());
    in.skipNBytes(1);
    return new DataInputStream(new ByteArrayInputStream(payload));
  }

  private static byte[] table() {
    return new byte[4];
  }

  private static byte[] longText(String text) throws IOException {
    return bytes(text.length(), text.getBytes(StandardCharsets.UTF_8));
  }

  /// Each argument as wide as its type; a text with its length before it.
  private static byte[] bytes(Object... arguments) throws IOException {
    ByteArrayOutputStream raw = new ByteArrayOutputStream();
    DataOutputStream data = new DataOutputStream(raw);
    for (Object argument : arguments) {
      switch (argument) {
        case Byte one -> data.writeByte(one);
        case Short two -> data.writeShort(two);
        case Integer four -> data.writeInt(four);
        case Long eight -> data.writeLong(eight);
        case byte[] plain -> data.write(plain);
        case String text -> {
          data.writeByte(text.length());
          data.write(text.getBytes(StandardCharsets.UTF_8));
        }
        default -> throw new IllegalArgumentException("of no width: " + argument);
      }
    }
    return raw.toByteArray();
  }
}
