package holdfast.load;

import java.util.Arrays;

/// Which messages of one producer have come out of one queue: finds those that come twice and those
/// that come after a later one. Owned by the loop of that queue's consumers.
///
/// In order it is one comparison. Numbers that run ahead are bits in a ring behind `next`, which
/// grows with the widest gap.
final class SequenceCheck {
  enum Arrival {
    IN_ORDER,
    /// It fills a gap that a later one has left.
    LATE,
    DUPLICATE
  }

  private static final int BITS = Long.SIZE;

  /// All below have come.
  private long next;

  /// All bits are 0 while nothing runs ahead, that is while `highest < next`.
  private long[] ahead = new long[16];

  private long highest = -1;

  /// Takes the numbers from `first` on; those below count as if they had come.
  SequenceCheck(long first) {
    next = first;
    highest = first - 1;
  }

  Arrival arrived(long number) {
    if (number == next && highest < next) {
      highest = number;
      next++;
      return Arrival.IN_ORDER;
    }
    if (number < next || number <= highest && isAhead(number)) {
      return Arrival.DUPLICATE;
    }
    Arrival arrival = number < highest ? Arrival.LATE : Arrival.IN_ORDER;
    highest = Math.max(highest, number);
    if (number - next >= (long) ahead.length * BITS) {
      grow(number - next);
    }
    flip(number);
    while (next <= highest && isAhead(next)) {
      flip(next++);
    }
    return arrival;
  }

  /// How many numbers below the highest have not come.
  long gaps() {
    long present = 0;
    for (long word : ahead) {
      present += Long.bitCount(word);
    }
    return highest + 1 - next - present;
  }

  private int word(long number) {
    return (int) (number / BITS & (ahead.length - 1));
  }

  private boolean isAhead(long number) {
    return (ahead[word(number)] >>> number & 1) != 0;
  }

  private void flip(long number) {
    ahead[word(number)] ^= 1L << number;
  }

  /// Doubles the ring until a number that far ahead of `next` has its bit.
  private void grow(long distance) {
    long[] old = ahead;
    int size = old.length;
    while (distance + BITS >= (long) size * BITS) {
      size *= 2;
    }
    long[] grown = new long[size];
    long last = Math.min(highest, next + (long) old.length * BITS - 1);
    for (long number = next; number <= last; number++) {
      if ((old[(int) (number / BITS & (old.length - 1))] >>> number & 1) != 0) {
        grown[(int) (number / BITS & (size - 1))] |= 1L << number;
      }
    }
    Arrays.fill(old, 0);
    ahead = grown;
  }
}
