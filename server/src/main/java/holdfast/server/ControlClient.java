package holdfast.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.Optional;

/// Asks a running broker over its control socket. Used by the client commands, on their one thread.
final class ControlClient {
  private static final long TIMEOUT_MS = 10_000;

  /// A hundred thousand queues are some 30 MB; a broker never sends this much.
  private static final int ANSWER_BYTES_MAX = 1 << 28;

  private ControlClient() {}

  /// The JSON document that answers the request.
  static String ask(Path dataDir, String request) throws NoBroker {
    return ask(dataDir, request, TIMEOUT_MS);
  }

  static String ask(Path dataDir, String request, long timeoutMs) throws NoBroker {
    SocketChannel channel;
    try {
      Optional<Path> socket = ControlPlace.find(dataDir);
      channel = SocketChannel.open(UnixDomainSocketAddress.of(socket.orElseThrow()));
    } catch (AccessDeniedException denied) {
      throw new NoBroker("data directory " + dataDir + " is not yours to read", denied);
    } catch (IOException | RuntimeException absent) {
      throw new NoBroker(
          "no broker is running on data directory "
              + dataDir
              + ": start one with ./holdfast, or name its directory with --data",
          absent);
    }
    try (channel) {
      return exchange(channel, request, timeoutMs);
    } catch (IOException failed) {
      throw new NoBroker(
          "the broker on data directory " + dataDir + " does not answer: " + failed.getMessage(),
          failed);
    }
  }

  private static String exchange(SocketChannel channel, String request, long timeoutMs)
      throws IOException {
    ByteBuffer line = StandardCharsets.UTF_8.encode(request + "\n");
    while (line.hasRemaining()) {
      channel.write(line);
    }
    channel.configureBlocking(false);
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    ByteBuffer part = ByteBuffer.allocate(1 << 16);
    try (Selector selector = Selector.open()) {
      channel.register(selector, SelectionKey.OP_READ);
      while (channel.read(part.clear()) >= 0) {
        answer.write(part.array(), 0, part.position());
        if (answer.size() > ANSWER_BYTES_MAX) {
          throw new IOException("the answer is too long");
        }
        // An ignored key stays selected, and a selected key is not counted again.
        selector.selectedKeys().clear();
        if (part.position() == 0 && selector.select(timeoutMs) == 0) {
          throw new IOException("nothing came within " + timeoutMs + " ms");
        }
      }
    }
    if (answer.size() == 0) {
      throw new IOException("it closed the connection");
    }
    return answer.toString(StandardCharsets.UTF_8).strip();
  }
}
