package holdfast.server.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntSupplier;

/// A door of its own before a broker: clients keep its port while the broker behind it is killed
/// and comes back on another, and a test cuts their connections when it likes. A thread for the
/// door and two for each connection, all of which end when it is closed.
final class Relay implements AutoCloseable {
  private final ServerSocket door;
  private final IntSupplier brokerPort;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();

  private Relay(ServerSocket door, IntSupplier brokerPort) {
    this.door = door;
    this.brokerPort = brokerPort;
  }

  static Relay open(IntSupplier brokerPort) throws IOException {
    Relay relay =
        new Relay(new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1")), brokerPort);
    Thread.ofVirtual().start(relay::accept);
    return relay;
  }

  int port() {
    return door.getLocalPort();
  }

  /// Ends every connection without a word, as a broken cable or a killed broker does.
  void cut() {
    for (Socket socket : sockets) {
      close(socket);
    }
    sockets.clear();
  }

  private void accept() {
    try {
      while (true) {
        join(door.accept());
      }
    } catch (IOException closed) {
      cut();
    }
  }

  private void join(Socket client) {
    sockets.add(client);
    try {
      Socket broker = new Socket(InetAddress.getByName("127.0.0.1"), brokerPort.getAsInt());
      sockets.add(broker);
      Thread.ofVirtual().start(() -> pass(client, broker));
      Thread.ofVirtual().start(() -> pass(broker, client));
    } catch (IOException nobodyThere) {
      close(client);
    }
  }

  private static void pass(Socket from, Socket to) {
    try (InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      in.transferTo(out);
    } catch (IOException ended) {
      // One side is gone: so is the other, by the closing of both streams.
      close(to);
    }
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  @Override
  public void close() throws IOException {
    door.close();
    cut();
  }
}
