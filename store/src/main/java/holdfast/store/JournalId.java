package holdfast.store;

import java.nio.ByteBuffer;
import java.security.SecureRandom;

/// 128 random bits that name one journal for its whole life: a block left over from another journal
/// is never taken for one of ours.
public record JournalId(long high, long low) {
  /// A name for a new journal.
  public static JournalId random() {
    SecureRandom random = new SecureRandom();
    return new JournalId(random.nextLong(), random.nextLong());
  }

  /// What the checksums of write headers start from.
  long seed() {
    return (high ^ Long.rotateLeft(low, 32)) | 1;
  }

  void put(ByteBuffer buffer, int at) {
    buffer.putLong(at, high);
    buffer.putLong(at + 8, low);
  }

  static JournalId get(ByteBuffer buffer, int at) {
    return new JournalId(buffer.getLong(at), buffer.getLong(at + 8));
  }
}
