package holdfast.bench;

import com.sun.nio.file.ExtendedOpenOption;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Locale;

/// The most that one message in flight can be worth on a machine: one thread reads a message from a
/// socket, writes 4 KiB straight to the disk, synced, and answers; another sends the next message
/// when it has the answer. No queue, no consumer, no second hand-over: a broker can come near this
/// rate and not beyond it.
///
/// Prints one line of JSON.
public final class RoundTrip {
  private static final int BLOCK_BYTES = 4096;
  private static final int FILE_BYTES = 64 << 20;
  private static final int ANSWER_BYTES = 21;
  private static final long WARM_UP_NS = 2_000_000_000L;
  private static final int SAMPLES_MAX = 4_000_000;

  private final FileChannel file;
  private final int messageBytes;
  private final long countedNs;

  private RoundTrip(FileChannel file, int messageBytes, int seconds) {
    this.file = file;
    this.messageBytes = messageBytes;
    this.countedNs = seconds * 1_000_000_000L;
  }

  /// @param arguments a directory on the disk that is meant, bytes of a message with its frames,
  ///   and the seconds that count
  public static void main(String[] arguments) throws IOException {
    Path path = Path.of(arguments[0], "round-trip");
    Files.createDirectories(path.getParent());
    try (FileChannel file =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.DSYNC,
            ExtendedOpenOption.DIRECT)) {
      RoundTrip trip =
          new RoundTrip(file, Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2]));
      trip.fill();
      System.out.println(trip.measure());
    } finally {
      Files.deleteIfExists(path);
    }
  }

  /// What is overwritten later needs no new blocks then, as in a journal.
  private void fill() throws IOException {
    ByteBuffer zeros = aligned(1 << 20);
    for (long at = 0; at < FILE_BYTES; at += zeros.capacity()) {
      file.write(zeros.clear(), at);
    }
  }

  private static ByteBuffer aligned(int bytes) {
    return ByteBuffer.allocateDirect(bytes + BLOCK_BYTES).alignedSlice(BLOCK_BYTES).slice(0, bytes);
  }

  private String measure() throws IOException {
    try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket client = new Socket(listener.getInetAddress(), listener.getLocalPort())) {
      Socket server = listener.accept();
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
      Thread.ofPlatform().daemon().start(() -> answer(server));
      long[] times = new long[SAMPLES_MAX];
      int count = ask(client, times);
      Arrays.sort(times, 0, count);
      return String.format(
          Locale.ROOT,
          "{\"rate\": %.1f, \"p50_us\": %.1f, \"p99_us\": %.1f}",
          count * 1e9 / countedNs,
          times[count / 2] / 1e3,
          times[count * 99 / 100] / 1e3);
    }
  }

  private int ask(Socket client, long[] times) throws IOException {
    byte[] message = new byte[messageBytes];
    InputStream in = client.getInputStream();
    OutputStream out = client.getOutputStream();
    long countFrom = System.nanoTime() + WARM_UP_NS;
    int count = 0;
    for (long now = System.nanoTime(); now < countFrom + countedNs && count < times.length; ) {
      out.write(message);
      if (in.readNBytes(message, 0, ANSWER_BYTES) < ANSWER_BYTES) {
        throw new IOException("no answer came: writing to the disk failed");
      }
      long after = System.nanoTime();
      if (now >= countFrom) {
        times[count++] = after - now;
      }
      now = after;
    }
    return count;
  }

  /// Until the other end is closed. A write that fails closes this one, and the other hears of it.
  private void answer(Socket server) {
    ByteBuffer block = aligned(BLOCK_BYTES);
    byte[] message = new byte[messageBytes];
    try (server;
        InputStream in = server.getInputStream();
        OutputStream out = server.getOutputStream()) {
      long at = 0;
      while (in.readNBytes(message, 0, messageBytes) == messageBytes) {
        file.write(block.clear(), at);
        at = (at + BLOCK_BYTES) % FILE_BYTES;
        out.write(message, 0, ANSWER_BYTES);
      }
    } catch (IOException ended) {
      throw new IllegalStateException(ended);
    }
  }
}
