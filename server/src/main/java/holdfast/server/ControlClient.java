package holdfast.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
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
  /// Longer than the broker itself waits for an operation.
  private static final long TIMEOUT_MS = 20_000;

  /// A hundred thousand queues are some 30 MB; a broker never sends this much.
  private static final long ANSWER_BYTES_MAX = 1 << 28;

  private ControlClient() {}

  /// The JSON document that answers the request.
  static String ask(Path dataDir, String request) throws NoBroker {
    return ask(dataDir, request, TIMEOUT_MS);
  }

  static String ask(Path dataDir, String request, long timeoutMs) throws NoBroker {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    copy(dataDir, request, answer, timeoutMs, ANSWER_BYTES_MAX);
    return answer.toString(StandardCharsets.UTF_8).strip();
  }

  /// Copies the answer, however long it is.
  static void copy(Path dataDir, String request, OutputStream to) throws NoBroker {
    copy(dataDir, request, to, TIMEOUT_MS, Long.MAX_VALUE);
  }

  private static void copy(
      Path dataDir, String request, OutputStream to, long timeoutMs, long bytesMax)
      throws NoBroker {
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
      exchange(channel, request, to, timeoutMs, bytesMax);
    } catch (IOException failed) {
      throw new NoBroker(
          "the broker on data directory " + dataDir + " does not answer: " + failed.getMessage(),
          failed);
    }
  }

  private static void exchange(
      SocketChannel channel, String request, OutputStream to, long timeoutMs, long bytesMax)
      throws IOException {
    ByteBuffer line = StandardCharsets.UTF_8.encode(request + "\n");
    while (line.hasRemaining()) {
      channel.write(line);
    }
    channel.configureBlocking(false);
    long bytes = 0;
    ByteBuffer part = ByteBuffer.allocate(1 << 16);
    try (Selector selector = Selector.open()) {
      channel.register(selector, SelectionKey.OP_READ);
      while (channel.read(part.clear()) >= 0) {
        to.write(part.array(), 0, part.position());
        bytes += part.position();
        if (bytes > bytesMax) {
          throw new IOException("the answer is too long");
        }
        // An ignored key stays selected, and a selected key is not counted again.
        selector.selectedKeys().clear();
        if (part.position() == 0 && selector.select(timeoutMs) == 0) {
          throw new IOException("nothing came within " + timeoutMs + " ms");
        }
      }
    }
    if (bytes == 0) {
      throw new IOException("it closed the connection");
    }
  }
}
