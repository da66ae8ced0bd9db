package holdfast.bench.journal;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.HdrHistogram.AtomicHistogram;
import org.HdrHistogram.Histogram;

/// What every load program measures, and how: the same for all of them, or they could not be
/// compared.
///
/// A thread of its own lets the load warm up, notes the figures, lets it run for the time asked for
/// and notes them again. CPU is the whole process's, garbage what all its threads allocated:
/// compilers, collectors and a peer's background work count, for a broker would pay for them too.
///
/// Any thread asks [#isOver] and [#isMeasuring]; each thread that records latencies has a histogram
/// of its own from [#newHistogram].
public final class Meter {
  /// Thrown by a load that cannot run here, with the reason: skipped, not failed.
  public static final class Unavailable extends Exception {
    private static final long serialVersionUID = 1L;

    public Unavailable(String why) {
      super(why);
    }
  }

  /// A load; returns when the meter is over.
  public interface Load {
    void run(Meter meter) throws Exception;
  }

  private static final int SKIPPED = 3;
  private static final long LATENCY_NS_MAX = 60_000_000_000L;

  /// A record of this size is made to fill one block of the disk together with its headers.
  private static final int BLOCK_BYTES = 4096;

  private static final int HEADERS_BYTES = 112;

  /// From here on, the latency of every 16th record is measured: reading a clock for each of some
  /// millions a second would be what is measured.
  private static final int SAMPLED_FROM = 1_000;

  /// The figures at one moment.
  private record Figures(long ns, long records, long cpuNs, long garbage) {}

  private final Path directory;
  private final String mode;
  private final int size;
  private final int outstanding;
  private final long warmUpNs;
  private final long measuredNs;
  private final List<Histogram> histograms = new ArrayList<>();
  private final OperatingSystemMXBean process =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private String remark = "";
  private volatile boolean measuring;
  private volatile boolean over;
  private Figures begin;
  private Figures end;
  private Thread clock;

  private Meter(String[] arguments) {
    if (arguments.length != 6) {
      throw new IllegalArgumentException(
          "arguments: DIRECTORY MODE SIZE OUTSTANDING WARM_UP_S SECONDS");
    }
    directory = Path.of(arguments[0]);
    mode = arguments[1];
    size = Integer.parseInt(arguments[2]);
    outstanding = Integer.parseInt(arguments[3]);
    warmUpNs = (long) (Double.parseDouble(arguments[4]) * 1e9);
    measuredNs = (long) (Double.parseDouble(arguments[5]) * 1e9);
  }

  /// Runs a load as a program: `begin` on standard output when the measured time begins, one line
  /// of JSON when all is done.
  public static void run(String[] arguments, Load load) {
    Meter meter = new Meter(arguments);
    try {
      load.run(meter);
      meter.clock.join();
      System.out.println(meter.result());
      System.out.flush();
      System.exit(0); // some peers leave threads behind that are not daemons
    } catch (Unavailable e) {
      System.err.println(e.getMessage());
      System.exit(SKIPPED);
    } catch (Exception | Error e) {
      System.err.println("the load failed: " + e);
      for (StackTraceElement at : e.getStackTrace()) {
        System.err.println("  at " + at);
      }
      System.exit(1);
    }
  }

  /// Starts the clock, once the peer is open.
  ///
  /// @param acknowledged how many records are acknowledged so far; any thread
  public void start(LongSupplier acknowledged) {
    clock = Thread.ofPlatform().daemon().name("meter").start(() -> measure(acknowledged));
  }

  private void measure(LongSupplier acknowledged) {
    long began = System.nanoTime();
    sleepUntil(began + warmUpNs);
    System.out.println("begin");
    System.out.flush();
    measuring = true;
    begin = figures(acknowledged);
    sleepUntil(begin.ns + measuredNs);
    end = figures(acknowledged);
    measuring = false;
    System.out.println("end");
    System.out.flush();
    over = true;
  }

  private static void sleepUntil(long ns) {
    for (long left = ns - System.nanoTime(); left > 0; left = ns - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  private Figures figures(LongSupplier acknowledged) {
    return new Figures(
        System.nanoTime(),
        acknowledged.getAsLong(),
        process.getProcessCpuTime(),
        threads.getTotalThreadAllocatedBytes());
  }

  public boolean isOver() {
    return over;
  }

  public boolean isMeasuring() {
    return measuring;
  }

  /// A histogram for one thread.
  public synchronized Histogram newHistogram() {
    Histogram histogram = new Histogram(LATENCY_NS_MAX, 3);
    histograms.add(histogram);
    return histogram;
  }

  /// A histogram for threads that nobody can tell apart.
  public synchronized Histogram newSharedHistogram() {
    Histogram histogram = new AtomicHistogram(LATENCY_NS_MAX, 3);
    histograms.add(histogram);
    return histogram;
  }

  /// Records a latency, while it counts.
  public void record(Histogram histogram, long latencyNs, long count) {
    if (measuring) {
      histogram.recordValueWithCount(Math.clamp(latencyNs, 0, LATENCY_NS_MAX), count);
    }
  }

  public Path directory() {
    return directory;
  }

  /// Which of a peer's ways of writing is asked for.
  public String mode() {
    return mode;
  }

  public int outstanding() {
    return outstanding;
  }

  /// Of the numbers of records, those with none of these bits have their latency measured.
  public int sampleMask() {
    return outstanding >= SAMPLED_FROM ? 15 : 0;
  }

  /// The record that is written over and over: random bytes, for zeros would please a disk that
  /// compresses.
  public byte[] body() {
    byte[] body = new byte[size == BLOCK_BYTES ? BLOCK_BYTES - HEADERS_BYTES : size];
    new SplittableRandom(1).nextBytes(body);
    return body;
  }

  /// Something that a reader of the table should know of this run.
  public void remark(String text) {
    remark = text;
  }

  private synchronized String result() {
    Histogram all = new Histogram(LATENCY_NS_MAX, 3);
    histograms.forEach(all::add);
    double records = Math.max(1, end.records - begin.records);
    double seconds = (end.ns - begin.ns) / 1e9;
    return String.format(
        Locale.ROOT,
        "{\"rate\": %.1f, \"seconds\": %.3f, \"p50_us\": %.1f, \"p99_us\": %.1f,"
            + " \"cpu_us\": %.3f, \"garbage_bytes\": %.1f, \"remark\": \"%s\"}",
        (end.records - begin.records) / seconds,
        seconds,
        all.getValueAtPercentile(50) / 1e3,
        all.getValueAtPercentile(99) / 1e3,
        (end.cpuNs - begin.cpuNs) / 1e3 / records,
        (end.garbage - begin.garbage) / records,
        remark);
  }
}
