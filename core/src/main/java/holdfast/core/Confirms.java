package holdfast.core;

import java.util.Arrays;
import java.util.TreeSet;

/// Which publishes of a session are safe, and how to say so in few words: one confirm for all up to
/// a tag where that is true, single ones for what is safe above an unsafe tag. `multiple` never
/// runs over a tag that is not confirmed. Guarded by the gate.
final class Confirms {
  /// Tag of the next publish; the first is 1.
  private long next = 1;

  /// Every tag below is confirmed and said.
  private long said = 1;

  /// One bit for each tag from `said` on: confirmed and not said in a `multiple` yet. Indexed by
  /// tag modulo the size.
  private long[] bits = new long[16];

  /// Tags confirmed above a gap, not said yet.
  private long[] singles = new long[16];

  private int singleCount;

  /// Refused tags from `said` on.
  private final TreeSet<Long> refused = new TreeSet<>();

  /// Takes the next tag.
  long take() {
    if (next - said >= (long) bits.length * 64) {
      grow();
    }
    return next++;
  }

  private void grow() {
    long[] larger = new long[bits.length * 2];
    for (long tag = said; tag < next; tag++) {
      if (isSet(tag)) {
        larger[(int) (tag >>> 6) & larger.length - 1] |= 1L << tag;
      }
    }
    bits = larger;
  }

  void confirm(long tag) {
    bits[word(tag)] |= 1L << tag;
    if (singleCount == singles.length) {
      singles = Arrays.copyOf(singles, singleCount * 2);
    }
    singles[singleCount++] = tag;
  }

  /// Takes a tag out that has been told to be refused: no confirm covers it alone.
  void refuse(long tag) {
    bits[word(tag)] |= 1L << tag;
    refused.add(tag);
    while (said < next && isSet(said) && refused.remove(said)) {
      bits[word(said)] &= ~(1L << said);
      said++; // nothing is left to say of it
    }
  }

  /// Tags that there is room for without growing.
  int capacity() {
    return bits.length * 64;
  }

  boolean hasNews() {
    return singleCount > 0;
  }

  /// Where confirms are said.
  interface Voice {
    void confirmed(long tag, boolean multiple);
  }

  /// Says everything confirmed since the last time.
  void say(Voice voice) {
    long count = 0;
    long last = 0;
    while (said < next && isSet(said)) {
      bits[word(said)] &= ~(1L << said);
      if (refused.isEmpty() || !refused.remove(said)) {
        last = said;
        count++;
      }
      said++;
    }
    if (count > 0) {
      voice.confirmed(last, count > 1);
    }
    for (int i = 0; i < singleCount; i++) {
      if (singles[i] >= said) {
        voice.confirmed(singles[i], false);
      }
    }
    singleCount = 0;
  }

  /// Tags that were taken and are not confirmed.
  long unconfirmedCount() {
    long confirmed = 0;
    for (long word : bits) {
      confirmed += Long.bitCount(word);
    }
    return next - said - confirmed;
  }

  private boolean isSet(long tag) {
    return (bits[word(tag)] & 1L << tag) != 0;
  }

  private int word(long tag) {
    return (int) (tag >>> 6) & bits.length - 1;
  }
}
