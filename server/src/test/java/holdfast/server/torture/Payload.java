package holdfast.server.torture;

import java.nio.ByteBuffer;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;

/// The body of a torture message, which names its message and can be checked by itself.
///
/// ```
///  0        8        12
///  +--------+--------+------------------------------+
///  |  key   |  size  |  fill derived from the key   |
///  +--------+--------+------------------------------+
/// ```
///
/// A key is a producer's number and a sequence: a producer's keys grow in the order it publishes.
final class Payload {
  private static final int HEADER_BYTES = 12;
  private static final int SEQUENCE_BITS = 32;

  private Payload() {}

  static long key(int producer, long sequence) {
    return (long) producer << SEQUENCE_BITS | sequence;
  }

  static int producer(long key) {
    return (int) (key >>> SEQUENCE_BITS);
  }

  static String name(long key) {
    return "message " + producer(key) + "/" + (key & 0xffff_ffffL);
  }

  /// Mostly small, some of several pages, few that need several frames.
  static int randomSize(RandomGenerator random) {
    int dice = random.nextInt(1000);
    if (dice < 600) {
      return HEADER_BYTES + random.nextInt(200);
    }
    if (dice < 957) {
      return random.nextInt(1024, 4096);
    }
    return dice < 997 ? random.nextInt(16_384, 65_536) : random.nextInt(150_000, 400_000);
  }

  static byte[] body(long key, int size) {
    ByteBuffer body = ByteBuffer.allocate(size).putLong(key).putInt(size);
    while (body.hasRemaining()) {
      body.put(fill(key, body.position()));
    }
    return body.array();
  }

  /// The key, or nothing when a single byte is not what was published.
  static OptionalLong read(byte[] body) {
    if (body.length < HEADER_BYTES) {
      return OptionalLong.empty();
    }
    ByteBuffer bytes = ByteBuffer.wrap(body);
    long key = bytes.getLong();
    if (bytes.getInt() != body.length) {
      return OptionalLong.empty();
    }
    while (bytes.hasRemaining()) {
      if (fill(key, bytes.position()) != bytes.get()) {
        return OptionalLong.empty();
      }
    }
    return OptionalLong.of(key);
  }

  private static byte fill(long key, int at) {
    return (byte) (key * 31 + (key >>> SEQUENCE_BITS) * 17 + at * 7L);
  }
}
