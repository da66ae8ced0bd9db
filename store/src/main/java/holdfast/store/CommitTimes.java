package holdfast.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/// How long the journal's device writes take, as they happen, and the [TimeModel] they add up to.
///
/// Owns the last [#KEPT] times of every size class, in arrays made once: the writer records a
/// commit with a few plain stores and allocates nothing. One thread at a time calls [#record]; all
/// else is any thread's, costs its caller some sorting, and sees each sample whole.
///
/// A device write has a heavy tail, so nothing here is a mean of times: every class is stood for by
/// a low percentile, and `R` and `W + F` are the line of least squares through those, in which a
/// class that is far off in microseconds but near in percent does not count for more. A size that
/// has not been written for long is stood for by old samples.
public final class CommitTimes {
  /// Samples kept of each class.
  static final int KEPT = 256;

  /// A class with fewer is not looked at.
  static final int COUNT_MIN = 16;

  /// Sizes this many times apart show what a byte costs; nearer ones show their noise.
  static final double SPREAD_MIN = 8;

  /// Classes from one power of two to the next.
  private static final int STEPS = 4;

  private static final int STEP_BITS = 2;
  private static final int CLASSES = 64;

  /// A sample is one number, so that it is read whole: blocks above, nanoseconds below.
  private static final int NS_BITS = 40;

  private static final long NS_MASK = (1L << NS_BITS) - 1;
  private static final long BLOCKS_MAX = (1L << 63 - NS_BITS) - 1;

  private final AtomicLongArray samples = new AtomicLongArray(CLASSES * KEPT);
  private final AtomicLongArray counts = new AtomicLongArray(CLASSES);

  /// What was seen of the sizes that are alike.
  ///
  /// @param bytesMax the largest size that counts here
  /// @param count writes since the start; the times are those of the last ones
  /// @param p50Ns the middle of the times
  /// @param p99Ns one of a hundred took longer
  public record Seen(long bytesMax, long count, double p50Ns, double p99Ns) {}

  /// What live commits say.
  ///
  /// @param model the letters as of now
  /// @param isSlopeSeen whether sizes were far enough apart to see `R`; else it is the one known
  ///   before
  /// @param samples commits that the model was made from
  /// @param error how far a commit is from what the model says for its size: the middle of these
  ///   distances, as a share of what was predicted
  public record Live(
      TimeModel model, boolean isSlopeSeen, long samples, double error, double rSquared) {}

  /// One size class, as the line through the classes sees it.
  private record Point(double bytes, double ns, long[] kept) {}

  /// Takes note of one device write. The journal's writer alone calls this.
  public void record(long bytes, long nanos) {
    long blocks = Math.clamp((bytes + Disk.BLOCK_BYTES - 1) / Disk.BLOCK_BYTES, 1, BLOCKS_MAX);
    int index = classOf(blocks);
    long count = counts.getPlain(index);
    int slot = index * KEPT + (int) (count & KEPT - 1);
    samples.setOpaque(slot, blocks << NS_BITS | Math.clamp(nanos, 1, NS_MASK));
    counts.setRelease(index, count + 1);
  }

  /// The first classes are a block each, then every doubling is cut into [#STEPS].
  private static int classOf(long blocks) {
    long above = blocks - 1;
    if (above < STEPS) {
      return (int) above;
    }
    int shift = 63 - STEP_BITS - Long.numberOfLeadingZeros(above);
    return Math.min(CLASSES - 1, STEPS * shift + (int) (above >>> shift));
  }

  /// The largest size that counts in a class.
  private static long bytesMax(int index) {
    long blocks =
        index < STEPS ? index + 1 : (long) (STEPS + index % STEPS + 1) << index / STEPS - 1;
    return index == CLASSES - 1 ? Long.MAX_VALUE : blocks * Disk.BLOCK_BYTES;
  }

  /// The samples kept of one class; the last ones of it, however they are ordered.
  private long[] kept(int index) {
    int count = (int) Math.min(KEPT, counts.getAcquire(index));
    long[] kept = new long[count];
    for (int i = 0; i < count; i++) {
      kept[i] = samples.getOpaque(index * KEPT + i);
    }
    return kept;
  }

  private static long bytesOf(long sample) {
    return (sample >>> NS_BITS) * Disk.BLOCK_BYTES;
  }

  private static long nsOf(long sample) {
    return sample & NS_MASK;
  }

  /// Times by size, for a person: writes of up to 4 KiB, 64 KiB, 1 MiB, and all above. A range
  /// without writes is left out.
  public List<Seen> seen() {
    long[] limits = {Disk.BLOCK_BYTES, 64 << 10, 1 << 20, Long.MAX_VALUE};
    List<Seen> seen = new ArrayList<>();
    int index = 0;
    for (long limit : limits) {
      long[] ns = new long[CLASSES * KEPT];
      int length = 0;
      long count = 0;
      for (; index < CLASSES && bytesMax(index) <= limit; index++) {
        count += counts.getAcquire(index);
        for (long sample : kept(index)) {
          ns[length++] = nsOf(sample);
        }
      }
      if (length > 0) {
        double p50 = Percentiles.sorting(ns, length, 0.5);
        seen.add(new Seen(limit, count, p50, Percentiles.of(ns, length, 0.99)));
      }
    }
    return seen;
  }

  /// The letters as the last commits show them, or null while there are too few and nothing is
  /// known from before. Live writes show `W + F` together: they are split as `before` was, else all
  /// of it is called `F`; `H` is that of `before`.
  public @Nullable Live live(@Nullable TimeModel before) {
    List<Point> points = points();
    if (points.isEmpty()) {
      return null;
    }
    double least = points.getFirst().bytes;
    double most = points.getLast().bytes;
    double[] line = most >= SPREAD_MIN * least ? line(points) : null;
    boolean isSlopeSeen = line != null;
    if (line == null) {
      if (before == null) {
        return null;
      }
      line = offset(points, 1e9 / before.transferBytesPerSecond());
    }
    double share = 0;
    if (before != null && before.writeNs() + before.syncNs() > 0) {
      share = before.writeNs() / (before.writeNs() + before.syncNs());
    }
    double handOver = before == null ? 0 : before.handOverNs();
    TimeModel model =
        new TimeModel(1e9 / line[1], line[0] * share, line[0] * (1 - share), handOver);
    long count = points.stream().mapToLong(p -> p.kept.length).sum();
    return new Live(model, isSlopeSeen, count, error(points, model), rSquared(points, model));
  }

  private List<Point> points() {
    List<Point> points = new ArrayList<>();
    for (int index = 0; index < CLASSES; index++) {
      long[] kept = kept(index);
      if (kept.length < COUNT_MIN) {
        continue;
      }
      double bytes = 0;
      long[] ns = new long[kept.length];
      for (int i = 0; i < kept.length; i++) {
        bytes += bytesOf(kept[i]);
        ns[i] = nsOf(kept[i]);
      }
      double low = Percentiles.sorting(ns, ns.length, Percentiles.MODEL);
      points.add(new Point(bytes / kept.length, low, kept));
    }
    return points;
  }

  /// Least squares of `ns = a + b * bytes`, in relative distances: `{a, b}`. Null when the sizes
  /// cost no more the larger they are, which no device does: then it was noise.
  private static double @Nullable [] line(List<Point> points) {
    double w = 0;
    double wx = 0;
    double wy = 0;
    double wxx = 0;
    double wxy = 0;
    for (Point p : points) {
      double weight = Math.sqrt(p.kept.length) / (p.ns * p.ns);
      w += weight;
      wx += weight * p.bytes;
      wy += weight * p.ns;
      wxx += weight * p.bytes * p.bytes;
      wxy += weight * p.bytes * p.ns;
    }
    double slope = (w * wxy - wx * wy) / (w * wxx - wx * wx);
    if (!(slope > 0) || Double.isInfinite(slope)) {
      return null;
    }
    double fixed = (wy - slope * wx) / w;
    // Through the origin where the line would promise writes that take less than nothing.
    return fixed >= 0 ? new double[] {fixed, slope} : new double[] {0, wxy / wxx};
  }

  /// `{a, b}` where `b` is known.
  private static double[] offset(List<Point> points, double nsPerByte) {
    double w = 0;
    double wy = 0;
    for (Point p : points) {
      double weight = Math.sqrt(p.kept.length) / (p.ns * p.ns);
      w += weight;
      wy += weight * (p.ns - nsPerByte * p.bytes);
    }
    return new double[] {Math.max(0, wy / w), nsPerByte};
  }

  private static double error(List<Point> points, TimeModel model) {
    int count = points.stream().mapToInt(p -> p.kept.length).sum();
    double[] distances = new double[count];
    int at = 0;
    for (Point p : points) {
      for (long sample : p.kept) {
        double predicted = model.commitNs(bytesOf(sample));
        distances[at++] = Math.abs(nsOf(sample) - predicted) / predicted;
      }
    }
    Arrays.sort(distances);
    return distances[count / 2];
  }

  private static double rSquared(List<Point> points, TimeModel model) {
    double sum = 0;
    double squares = 0;
    double unexplained = 0;
    long count = 0;
    for (Point p : points) {
      for (long sample : p.kept) {
        double ns = nsOf(sample);
        double distance = ns - model.commitNs(bytesOf(sample));
        sum += ns;
        squares += ns * ns;
        unexplained += distance * distance;
        count++;
      }
    }
    double variance = squares - sum * sum / count;
    return variance > 0 ? 1 - unexplained / variance : 0;
  }
}
