package holdfast.amqp091;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/// Listens to what is logged, which goes to standard error, and passes it on: keeps what speaks of
/// a bug, of a failure or of a leaked buffer.
final class LogEar extends OutputStream implements AutoCloseable {
  private final PrintStream before = System.err;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private final Queue<String> troubles = new ConcurrentLinkedQueue<>();

  LogEar() {
    System.setErr(new PrintStream(this, true, StandardCharsets.UTF_8));
  }

  Queue<String> troubles() {
    return troubles;
  }

  @Override
  public synchronized void write(int octet) {
    before.write(octet);
    if (octet != '\n') {
      line.write(octet);
      return;
    }
    String text = line.toString(StandardCharsets.UTF_8);
    line.reset();
    if (text.contains(" ERROR [") || text.contains(" i.n.") || text.startsWith("\tat ")) {
      troubles.add(text);
    }
  }

  @Override
  public void close() {
    System.setErr(before);
  }
}
