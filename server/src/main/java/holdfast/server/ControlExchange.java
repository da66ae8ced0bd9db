package holdfast.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// One client of the control socket, from its first byte to the last byte of its answer. Used by
/// the control thread alone.
final class ControlExchange {
  static final int REQUEST_BYTES_MAX = 1 << 21;
  static final long TIMEOUT_MS = 5_000;

  /// What most requests fit; the buffer grows for the others.
  private static final int REQUEST_BYTES_USUAL = 1024;

  private final SocketChannel channel;
  private final long timeoutNs;
  private ByteBuffer request = ByteBuffer.allocate(REQUEST_BYTES_USUAL);

  /// The answer's parts that are still to be made; null while the request is still coming in.
  private @Nullable Iterator<ByteBuffer> answer;

  /// The part that is leaving.
  private ByteBuffer part = ByteBuffer.allocate(0);

  private boolean isGone;
  private long progressNs;

  ControlExchange(SocketChannel channel, long timeoutMs) {
    this.channel = channel;
    this.timeoutNs = timeoutMs * 1_000_000;
    this.progressNs = System.nanoTime();
  }

  /// Reads or writes as far as it goes without waiting. The whole request has to come within the
  /// timeout; an answer may take longer as long as the client goes on taking it.
  void advance(Function<String, Iterator<ByteBuffer>> answers) throws IOException {
    if (answer == null) {
      int known = request.position();
      isGone = channel.read(request) < 0;
      answer = answerIfWhole(known, answers);
    }
    Iterator<ByteBuffer> parts = answer;
    if (parts != null) {
      if (!part.hasRemaining() && parts.hasNext()) {
        part = parts.next();
      }
      if (channel.write(part) > 0) {
        progressNs = System.nanoTime();
      }
    }
  }

  boolean isDone() {
    Iterator<ByteBuffer> parts = answer;
    return parts == null ? isGone : !part.hasRemaining() && !parts.hasNext();
  }

  int interestOps() {
    return answer == null ? SelectionKey.OP_READ : SelectionKey.OP_WRITE;
  }

  boolean isOverdue() {
    return System.nanoTime() - progressNs > timeoutNs;
  }

  private @Nullable Iterator<ByteBuffer> answerIfWhole(
      int known, Function<String, Iterator<ByteBuffer>> answers) {
    for (int at = known; at < request.position(); at++) {
      if (request.get(at) == '\n') {
        String line = new String(request.array(), 0, at, StandardCharsets.UTF_8).strip();
        return answers.apply(line);
      }
    }
    if (request.hasRemaining()) {
      return null;
    }
    if (request.capacity() == REQUEST_BYTES_MAX) {
      return new JsonParts(ControlServer.error("the request is too long"));
    }
    int capacity = Math.min(REQUEST_BYTES_MAX, request.capacity() * 8);
    byte[] grown = Arrays.copyOf(request.array(), capacity);
    request = ByteBuffer.wrap(grown).position(request.position());
    return null;
  }
}
