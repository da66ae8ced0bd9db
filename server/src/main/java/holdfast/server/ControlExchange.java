package holdfast.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// One client of the control socket, from its first byte to the last byte of its answer. Used by
/// the control thread alone.
final class ControlExchange {
  static final int REQUEST_BYTES_MAX = 1024;
  static final long TIMEOUT_MS = 5_000;

  private final SocketChannel channel;
  private final long timeoutNs;
  private final ByteBuffer request = ByteBuffer.allocate(REQUEST_BYTES_MAX);

  /// Null while the request is still coming in.
  private @Nullable ByteBuffer answer;

  private boolean isGone;
  private long progressNs;

  ControlExchange(SocketChannel channel, long timeoutMs) {
    this.channel = channel;
    this.timeoutNs = timeoutMs * 1_000_000;
    this.progressNs = System.nanoTime();
  }

  /// Reads or writes as far as it goes without waiting. The whole request has to come within the
  /// timeout; an answer may take longer as long as the client goes on taking it.
  void advance(UnaryOperator<String> answers) throws IOException {
    if (answer == null) {
      isGone = channel.read(request) < 0;
      answer = answerIfWhole(answers);
    }
    if (answer != null && channel.write(answer) > 0) {
      progressNs = System.nanoTime();
    }
  }

  boolean isDone() {
    return answer == null ? isGone : !answer.hasRemaining();
  }

  int interestOps() {
    return answer == null ? SelectionKey.OP_READ : SelectionKey.OP_WRITE;
  }

  boolean isOverdue() {
    return System.nanoTime() - progressNs > timeoutNs;
  }

  private @Nullable ByteBuffer answerIfWhole(UnaryOperator<String> answers) {
    String text = new String(request.array(), 0, request.position(), StandardCharsets.UTF_8);
    int end = text.indexOf('\n');
    if (end >= 0) {
      return StandardCharsets.UTF_8.encode(answers.apply(text.substring(0, end).strip()) + "\n");
    }
    return request.hasRemaining()
        ? null
        : StandardCharsets.UTF_8.encode(ControlServer.error("the request is too long") + "\n");
  }
}
