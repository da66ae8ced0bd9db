package holdfast.store;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/// The settled sequences of one log: everything below [#low], and a bitmap above it.
///
/// The bitmap is a row of chunks of 1,024 sequences; a chunk is created when its first sequence is
/// settled and dropped when `low` has passed it, so a log that is settled in order holds none, and
/// one old unsettled entry costs an eighth of a byte for each settled one behind it.
final class SequenceSet {
  private static final int CHUNK_BITS = 10;
  private static final int CHUNK_WORDS = 1 << (CHUNK_BITS - 6);
  private static final long[] EMPTY = {};

  /// Every sequence below this is in the set. Invariant: `low` itself is not.
  private long low;

  /// Chunk 0 holds the sequences around `low`.
  private final ArrayList<long[]> chunks = new ArrayList<>();

  private long firstChunk;

  SequenceSet(long low) {
    this.low = low;
    this.firstChunk = low >>> CHUNK_BITS;
  }

  long low() {
    return low;
  }

  boolean contains(long sequence) {
    if (sequence < low) {
      return true;
    }
    int chunk = (int) ((sequence >>> CHUNK_BITS) - firstChunk);
    if (chunk >= chunks.size()) {
      return false;
    }
    long[] words = chunks.get(chunk);
    return words.length != 0 && (words[word(sequence)] & 1L << sequence) != 0;
  }

  /// False if it was in the set already.
  boolean add(long sequence) {
    if (contains(sequence)) {
      return false;
    }
    if (sequence == low && chunks.isEmpty()) {
      low++;
      firstChunk = low >>> CHUNK_BITS;
      return true;
    }
    int chunk = (int) ((sequence >>> CHUNK_BITS) - firstChunk);
    while (chunks.size() <= chunk) {
      chunks.add(EMPTY);
    }
    long[] words = chunks.get(chunk);
    if (words.length == 0) {
      words = new long[CHUNK_WORDS];
      chunks.set(chunk, words);
    }
    words[word(sequence)] |= 1L << sequence;
    if (sequence == low) {
      raiseLow();
    }
    return true;
  }

  private void raiseLow() {
    while (contains(low)) {
      low++;
    }
    int passed = (int) ((low >>> CHUNK_BITS) - firstChunk);
    if (passed > 0) {
      chunks.subList(0, Math.min(passed, chunks.size())).clear();
      firstChunk = low >>> CHUNK_BITS;
    }
    if (isAllEmpty()) {
      chunks.clear();
    }
  }

  /// Whether no sequence above `low` is in the set.
  private boolean isAllEmpty() {
    if (chunks.size() > 1) {
      return false;
    }
    if (chunks.isEmpty()) {
      return true;
    }
    long[] words = chunks.getFirst();
    for (int i = 0; i < words.length; i++) {
      long firstOfWord = (firstChunk << CHUNK_BITS) + (long) i * 64;
      long word = words[i];
      if (firstOfWord + 63 < low) {
        continue;
      }
      if (firstOfWord < low) {
        word &= -1L << (low - firstOfWord);
      }
      if (word != 0) {
        return false;
      }
    }
    return true;
  }

  private static int word(long sequence) {
    return (int) (sequence >>> 6) & (CHUNK_WORDS - 1);
  }

  /// The runs of settled sequences above `low`, as pairs of first and count, for a checkpoint.
  List<long[]> runsAboveLow() {
    ArrayDeque<long[]> runs = new ArrayDeque<>();
    long end = (firstChunk + chunks.size()) << CHUNK_BITS;
    for (long s = low; s < end; s++) {
      long[] words = chunks.get((int) ((s >>> CHUNK_BITS) - firstChunk));
      if (words.length == 0 || words[word(s)] == 0) {
        s |= 63;
        continue;
      }
      if ((words[word(s)] & 1L << s) == 0) {
        continue;
      }
      long[] last = runs.peekLast();
      if (last != null && last[0] + last[1] == s) {
        last[1]++;
      } else {
        runs.add(new long[] {s, 1});
      }
    }
    return List.copyOf(runs);
  }
}
