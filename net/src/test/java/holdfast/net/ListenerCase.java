package holdfast.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/// Listeners that name their peers, on free loopback ports, and sockets to them.
abstract class ListenerCase {
  static final int PATIENCE_MS = 8_000;

  final EventLoops loops = new EventLoops(2);
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable one : open.reversed()) {
      one.close();
    }
    loops.close();
  }

  <T extends AutoCloseable> T closing(T one) {
    open.add(one);
    return one;
  }

  Listener listen(Admission admission, int timeoutMs, boolean proxied, @Nullable Tls tls)
      throws IOException {
    ListenOptions options =
        new ListenOptions(List.of(new Naming()), admission, timeoutMs, proxied, tls);
    InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    return closing(Listener.open(loops, anyPort, options));
  }

  static Admission unlimited() {
    return new Admission(Integer.MAX_VALUE, Integer.MAX_VALUE);
  }

  Socket connect(Listener listener) throws IOException {
    Socket socket = closing(new Socket());
    socket.setSoTimeout(PATIENCE_MS);
    socket.connect(listener.address(), PATIENCE_MS);
    return socket;
  }

  /// Sends and reads a line back.
  static String ask(Socket socket, byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    return new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
        .readLine();
  }

  static String ask(Socket socket, String text) throws IOException {
    return ask(socket, text.getBytes(StandardCharsets.US_ASCII));
  }

  static void expectEnd(Socket socket) throws IOException {
    try {
      assertThat(socket.getInputStream().read()).as("what comes instead of the end").isEqualTo(-1);
    } catch (SocketException reset) {
      assertThat(reset).hasMessageContaining("reset");
    }
  }
}
