package holdfast.store;

import java.util.ArrayList;

/// The settled sequences of one log: everything below [#low], and a bitmap above it.
///
/// The bitmap is a row of chunks of 1,024 sequences; a chunk is created when its first sequence is
/// settled and dropped when `low` has passed it, so a log that is settled in order holds none, and
/// one old unsettled entry costs an eighth of a byte for each settled one behind it.
final class SequenceSet {
  private static final int CHUNK_BITS = 10;
  private static final int CHUNK_WORDS = 1 << (CHUNK_BITS - 6);
  private static final long[] EMPTY = {};

  /// Marks a chunk that is written as a bitmap; any smaller number is a count of runs.
  private static final int AS_BITMAP = 40;

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
    return sequence < low || (word(sequence) & 1L << sequence) != 0;
  }

  /// The 64 sequences around this one, as bits; none of them counts that is below `low`.
  private long word(long sequence) {
    long chunk = (sequence >>> CHUNK_BITS) - firstChunk;
    if (chunk >= chunks.size()) {
      return 0;
    }
    long[] words = chunks.get((int) chunk);
    return words.length == 0 ? 0 : words[wordIndex(sequence)];
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
    chunk(sequence)[wordIndex(sequence)] |= 1L << sequence;
    if (sequence == low) {
      raiseLow();
    }
    return true;
  }

  private long[] chunk(long sequence) {
    int chunk = (int) ((sequence >>> CHUNK_BITS) - firstChunk);
    while (chunks.size() <= chunk) {
      chunks.add(EMPTY);
    }
    long[] words = chunks.get(chunk);
    if (words.length == 0) {
      words = new long[CHUNK_WORDS];
      chunks.set(chunk, words);
    }
    return words;
  }

  /// Adds the sequences from `first` up to and without `end`, whether they are in the set or not.
  void addRange(long first, long end) {
    if (first <= low) {
      if (end > low) {
        low = end;
        raiseLow();
      }
      return;
    }
    for (long s = first; s < end; s = (s | 63) + 1) {
      long[] words = chunk(s);
      words[wordIndex(s)] |= maskOf(s, end);
    }
  }

  /// The bits of the word of `from` that stand for `from` up to and without `to`.
  private static long maskOf(long from, long to) {
    long upper = to > (from | 63) ? -1L : (1L << to) - 1;
    return upper & -1L << from;
  }

  /// How many of the sequences from `first` up to and without `end` are in the set.
  long countIn(long first, long end) {
    long count = Math.max(0, Math.min(end, low) - first);
    for (long s = Math.max(first, low); s < end; s = (s | 63) + 1) {
      if ((s & (1 << CHUNK_BITS) - 1) == 0 && isEmptyChunk(s)) {
        s += (1 << CHUNK_BITS) - 64;
        continue;
      }
      count += Long.bitCount(word(s) & maskOf(s, end));
    }
    return count;
  }

  private boolean isEmptyChunk(long sequence) {
    long chunk = (sequence >>> CHUNK_BITS) - firstChunk;
    return chunk >= chunks.size() || chunks.get((int) chunk).length == 0;
  }

  /// The first sequence from `from` on that is not in the set.
  long nextAbsent(long from) {
    long s = Math.max(from, low);
    while (true) {
      long absent = ~word(s) & -1L << s;
      if (absent != 0) {
        return (s & -64) + Long.numberOfTrailingZeros(absent);
      }
      s = (s | 63) + 1;
    }
  }

  /// The first sequence from `from` on that is in the set, or `limit` if there is none below it.
  long nextPresent(long from, long limit) {
    if (from < low) {
      return from;
    }
    long end = Math.min(limit, firstChunk + chunks.size() << CHUNK_BITS);
    for (long s = from; s < end; s = (s | 63) + 1) {
      long present = word(s) & -1L << s;
      if (present != 0) {
        return Math.min(limit, (s & -64) + Long.numberOfTrailingZeros(present));
      }
    }
    return limit;
  }

  private void raiseLow() {
    low = nextAbsent(low);
    int passed = (int) Math.min((low >>> CHUNK_BITS) - firstChunk, chunks.size());
    if (passed > 0) {
      chunks.subList(0, passed).clear();
    }
    firstChunk = low >>> CHUNK_BITS;
    if (chunks.size() == 1 && nextPresent(low + 1, Long.MAX_VALUE) == Long.MAX_VALUE) {
      chunks.clear();
    }
  }

  /// The state as bytes:
  ///
  /// ```
  ///   low | chunks, n x ( runs, runs x (gap, length)           few runs, within 1,024 sequences
  ///                     | 40, 16 x u64 )                        or the bitmap as it is
  /// ```
  void encode(ByteWriter out) {
    out.varint(low).varint(chunks.size());
    for (long[] words : chunks) {
      encodeChunk(out, words);
    }
  }

  private void encodeChunk(ByteWriter out, long[] words) {
    int runs = 0;
    long before = 0;
    for (long word : words) {
      runs += Long.bitCount(word & ~(word << 1 | before >>> 63));
      before = word;
    }
    if (runs >= AS_BITMAP) {
      out.varint(AS_BITMAP);
      for (long word : words) {
        out.fixed64(word);
      }
      return;
    }
    out.varint(runs);
    int at = 0;
    for (int i = 0; i < runs; i++) {
      int first = nextBit(words, at, true);
      int end = nextBit(words, first, false);
      out.varint(first - at).varint(end - first);
      at = end;
    }
  }

  private static int nextBit(long[] words, int from, boolean set) {
    for (int i = from; i < 1 << CHUNK_BITS; i = (i | 63) + 1) {
      long word = (set ? words[i >>> 6] : ~words[i >>> 6]) & -1L << i;
      if (word != 0) {
        return (i & -64) + Long.numberOfTrailingZeros(word);
      }
    }
    return 1 << CHUNK_BITS;
  }

  static SequenceSet decode(ByteReader in) {
    SequenceSet set = new SequenceSet(in.varint());
    int count = in.count();
    for (int i = 0; i < count; i++) {
      int runs = (int) in.varint();
      long[] words = runs == 0 ? EMPTY : new long[CHUNK_WORDS];
      if (runs == AS_BITMAP) {
        for (int w = 0; w < CHUNK_WORDS; w++) {
          words[w] = in.fixed64();
        }
      } else {
        decodeRuns(in, runs, words);
      }
      set.chunks.add(words);
    }
    return set;
  }

  private static void decodeRuns(ByteReader in, int runs, long[] words) {
    long at = 0;
    for (int i = 0; i < runs; i++) {
      long first = at + in.varint();
      long end = first + in.varint();
      if (first < at || end < first || end > 1 << CHUNK_BITS) {
        throw new ByteReader.MalformedException("a run of settled entries leaves its chunk");
      }
      for (long s = first; s < end; s++) {
        words[(int) s >>> 6] |= 1L << s;
      }
      at = end;
    }
  }

  private static int wordIndex(long sequence) {
    return (int) (sequence >>> 6) & (CHUNK_WORDS - 1);
  }
}
