package holdfast.store;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/// A batch of one entry: encoding it, and encoding it with everything that appending it to the
/// journal costs but for the device.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class BatchBenchmark {
  private static final int SETTLED_TOGETHER = 1024;

  @Param({"100", "1024"})
  public int bodyBytes;

  /// Logs that the entry goes to, as a fan-out has it.
  @Param({"1", "10"})
  public int logs;

  private Store store;
  private Log[] targets;
  private boolean[] offered;
  private byte[] body;
  private final Batch batch = new Batch();
  private final Batch settling = new Batch();
  private final ByteWriter header = new ByteWriter(16);
  private long appended;
  private long settled;

  @Setup
  public void open() throws IOException {
    store = HandTurnedStore.open(new DiscardingDisk());
    body = new byte[bodyBytes];
    offered = new boolean[logs];
    targets = new Log[logs];
    for (int i = 0; i < logs; i++) {
      targets[i] = store.newLog();
      store.write(new Batch().createLog(targets[i]), true);
    }
  }

  @TearDown
  public void close() throws IOException {
    store.close();
  }

  @Benchmark
  public int encode() {
    header.clear().varint(appended & 0x7f);
    return batch.clear().append(targets, offered, logs, header, body).length();
  }

  /// Record and checksum included, and once in a while: a write is sealed, entries are settled, a
  /// checkpoint is taken.
  @Benchmark
  public long append() {
    if (!store.hasRoom()) {
      writeAndTidy();
    }
    encode();
    appended++;
    return store.write(batch, true);
  }

  private void writeAndTidy() {
    store.writeOnce();
    while (appended - settled >= SETTLED_TOGETHER && store.hasRoom()) {
      settling.clear();
      for (Log log : targets) {
        settling.settle(log, settled, SETTLED_TOGETHER);
      }
      store.write(settling, false);
      settled += SETTLED_TOGETHER;
    }
    store.tend();
  }
}
