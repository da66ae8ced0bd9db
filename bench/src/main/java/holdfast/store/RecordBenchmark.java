package holdfast.store;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// One record into a buffer of the journal's size, its CRC32C included; and that CRC32C alone.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RecordBenchmark {
  private static final int BUFFER_BYTES = 2 * 1024 * 1024;
  private static final int OPERATIONS_BYTES = 16;

  @Param({"100", "1024", "65536"})
  public int bodyBytes;

  private final ByteBuffer buffer = Bytes.alignedBuffer(BUFFER_BYTES);
  private final RecordLayout.Payload payload = new RecordLayout.Payload();
  private byte[] operations;
  private byte[] body;
  private int recordBytes;

  @Setup
  public void fill() {
    operations = new byte[OPERATIONS_BYTES];
    body = new byte[bodyBytes];
    recordBytes = Bytes.align8(RecordLayout.HEADER_BYTES + OPERATIONS_BYTES + bodyBytes);
  }

  @Benchmark
  public int put() {
    if (buffer.remaining() < recordBytes) {
      buffer.clear();
    }
    payload.head(operations, 0, operations.length).body(body, 0, body.length);
    RecordLayout.put(buffer, RecordLayout.CLOSE, 0, 0, payload);
    return buffer.position();
  }

  /// Of records that are never in the processor's cache twice: they go round the buffer.
  @Benchmark
  public int crc() {
    int at = buffer.position();
    if (BUFFER_BYTES - at < 2 * recordBytes) {
      at = 0;
    }
    buffer.position(at + recordBytes);
    return Bytes.crc(buffer, at, recordBytes, 0);
  }
}
