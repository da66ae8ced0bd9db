package holdfast.bench.peer;

import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.AtomicHistogram;

/// What a load on another broker measures, and how: one publisher with so many messages unconfirmed
/// at most, one consumer that acknowledges each, and the same words in the result as our own
/// generator's.
///
/// A thread of its own lets the load warm up, notes the figures, lets it run for the time asked for
/// and notes them again. The publisher asks [#mayPublish] before each message, any thread reports
/// [#confirmed] and [#received].
public final class PeerMeter {
  /// A load: publishes until [#mayPublish] says no, and returns.
  public interface Load {
    void run(PeerMeter meter) throws Exception;
  }

  private static final long LATENCY_NS_MAX = 60_000_000_000L;

  /// How long a broker may stay silent before the load gives up on it.
  private static final long SILENCE_S_MAX = 20;

  private record Figures(long ns, long published, long confirmed, long received, long cpuNs) {}

  private final String address;
  private final int size;
  private final int outstanding;
  private final long warmUpNs;
  private final long measuredNs;
  private final Semaphore window;
  private final AtomicHistogram confirms = new AtomicHistogram(LATENCY_NS_MAX, 3);
  private final AtomicHistogram deliveries = new AtomicHistogram(LATENCY_NS_MAX, 3);
  private final AtomicLong confirmed = new AtomicLong();
  private final AtomicLong received = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final com.sun.management.OperatingSystemMXBean process =
      (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private volatile long published;
  private volatile boolean measuring;
  private volatile boolean over;
  private Figures begin;
  private Figures end;
  private Thread clock;

  private PeerMeter(String[] arguments) {
    if (arguments.length != 5) {
      throw new IllegalArgumentException("arguments: ADDRESS SIZE OUTSTANDING WARM_UP_S SECONDS");
    }
    address = arguments[0];
    size = Math.max(Long.BYTES, Integer.parseInt(arguments[1]));
    outstanding = Integer.parseInt(arguments[2]);
    warmUpNs = (long) (Double.parseDouble(arguments[3]) * 1e9);
    measuredNs = (long) (Double.parseDouble(arguments[4]) * 1e9);
    window = new Semaphore(outstanding);
  }

  /// Runs a load as a program: `begin` and `end` on standard output around the measured time, then
  /// one line of JSON.
  public static void run(String[] arguments, Load load) {
    PeerMeter meter = new PeerMeter(arguments);
    try {
      load.run(meter);
      meter.clock.join();
      System.out.println(meter.result());
      System.out.flush();
      System.exit(0); // a client's own threads need not be daemons
    } catch (Exception | Error e) {
      System.err.println("the load failed: " + e);
      for (StackTraceElement at : e.getStackTrace()) {
        System.err.println("  at " + at);
      }
      System.exit(1);
    }
  }

  /// Starts the clock, once publisher and consumer are connected.
  public void start() {
    clock = Thread.ofPlatform().daemon().name("meter").start(this::measure);
  }

  private void measure() {
    sleepUntil(System.nanoTime() + warmUpNs);
    say("begin");
    begin = figures();
    measuring = true;
    sleepUntil(begin.ns + measuredNs);
    measuring = false;
    end = figures();
    say("end");
    over = true;
  }

  private static void say(String word) {
    System.out.println(word);
    System.out.flush();
  }

  private static void sleepUntil(long ns) {
    for (long left = ns - System.nanoTime(); left > 0; left = ns - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  private Figures figures() {
    return new Figures(
        System.nanoTime(), published, confirmed.get(), received.get(), process.getProcessCpuTime());
  }

  public String address() {
    return address;
  }

  public int outstanding() {
    return outstanding;
  }

  /// A body to publish over and over, its first eight bytes for [#stamp]: random, for zeros would
  /// please a disk that compresses.
  public byte[] body() {
    byte[] body = new byte[size];
    new SplittableRandom(1).nextBytes(body);
    return body;
  }

  /// Waits for room in the window; false when the time is over.
  public boolean mayPublish() throws InterruptedException {
    if (over) {
      return false;
    }
    if (!window.tryAcquire(SILENCE_S_MAX, TimeUnit.SECONDS)) {
      throw new IllegalStateException("nothing confirmed for " + SILENCE_S_MAX + " s");
    }
    published++;
    return true;
  }

  /// Writes the time into a body, for [#received] to find.
  public static long stamp(byte[] body) {
    long now = System.nanoTime();
    ByteBuffer.wrap(body).putLong(now);
    return now;
  }

  /// A message published at this time is confirmed.
  public void confirmed(long publishedNs) {
    confirmed.incrementAndGet();
    record(confirms, publishedNs);
    window.release();
  }

  /// A message was refused, or its confirm lost: counted, and its place given to the next. When the
  /// time is over, clients give up on what is in flight.
  public void refused() {
    if (!over) {
      failed.incrementAndGet();
    }
    window.release();
  }

  /// The consumer has a message that was published at this time.
  public void received(long publishedNs) {
    received.incrementAndGet();
    record(deliveries, publishedNs);
  }

  private void record(AtomicHistogram histogram, long publishedNs) {
    if (measuring) {
      histogram.recordValue(Math.clamp(System.nanoTime() - publishedNs, 0, LATENCY_NS_MAX));
    }
  }

  private String result() {
    double seconds = (end.ns - begin.ns) / 1e9;
    return String.format(
        Locale.ROOT,
        "{\"published\": %d, \"confirmed\": %d, \"received\": %d, \"nacked\": %d, \"seconds\": %.3f,"
            + " \"published_per_s\": %.1f, \"confirmed_per_s\": %.1f, \"received_per_s\": %.1f,"
            + " \"confirm_us\": %s, \"delivery_us\": %s, \"cpu_seconds\": %.3f}",
        end.published - begin.published,
        end.confirmed - begin.confirmed,
        end.received - begin.received,
        failed.get(),
        seconds,
        (end.published - begin.published) / seconds,
        (end.confirmed - begin.confirmed) / seconds,
        (end.received - begin.received) / seconds,
        percentiles(confirms),
        percentiles(deliveries),
        (end.cpuNs - begin.cpuNs) / 1e9);
  }

  private static String percentiles(AtomicHistogram histogram) {
    return String.format(
        Locale.ROOT,
        "{\"samples\": %d, \"p50\": %.1f, \"p90\": %.1f, \"p99\": %.1f, \"p999\": %.1f, \"max\": %.1f}",
        histogram.getTotalCount(),
        histogram.getValueAtPercentile(50) / 1e3,
        histogram.getValueAtPercentile(90) / 1e3,
        histogram.getValueAtPercentile(99) / 1e3,
        histogram.getValueAtPercentile(99.9) / 1e3,
        histogram.getMaxValue() / 1e3);
  }
}
