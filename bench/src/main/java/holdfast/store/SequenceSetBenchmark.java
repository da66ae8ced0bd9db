package holdfast.store;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// Settling: entries one after the other, behind one that stays, and out of order within a prefetch
/// window; and asking whether one is settled.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SequenceSetBenchmark {
  private static final int ASKED = 1 << 20;

  /// Consumers settle within this of each other.
  private static final int WINDOW = 256;

  private SequenceSet inOrder;
  private SequenceSet behindOne;
  private SequenceSet shuffled;
  private SequenceSet asked;
  private final int[] order = new int[WINDOW];
  private final int[] questions = new int[4096];
  private long next;
  private int question;

  @Setup(Level.Iteration)
  public void begin() {
    SplittableRandom dice = new SplittableRandom(7);
    inOrder = new SequenceSet(0);
    behindOne = new SequenceSet(0);
    shuffled = new SequenceSet(0);
    asked = new SequenceSet(0);
    next = 0;
    for (int i = 1; i < ASKED; i += 2) {
      asked.add(i);
    }
    for (int i = 0; i < questions.length; i++) {
      questions[i] = dice.nextInt(ASKED);
    }
    for (int i = 0; i < WINDOW; i++) {
      int other = dice.nextInt(i + 1);
      order[i] = order[other];
      order[other] = i;
    }
  }

  @Benchmark
  public boolean addInOrder() {
    return inOrder.add(next++);
  }

  @Benchmark
  public boolean addBehindOneThatStays() {
    return behindOne.add(++next);
  }

  @Benchmark
  public boolean addOutOfOrder() {
    long sequence = next - next % WINDOW + order[(int) (next % WINDOW)];
    next++;
    return shuffled.add(sequence);
  }

  @Benchmark
  public boolean contains() {
    return asked.contains(questions[question++ & questions.length - 1]);
  }
}
