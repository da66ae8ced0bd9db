package holdfast.amqp091.codec;

/// Every bound of the codec, by name. Those that the protocol fixes say so.
public final class CodecLimits {
  /// The smallest frame size that a peer may ask for (fixed by the protocol).
  public static final int FRAME_BYTES_MIN = 4096;

  /// Header and end octet of a frame: what a frame is longer than its payload.
  public static final int FRAME_OVERHEAD_BYTES = 8;

  /// The length of a short string is one octet (fixed by the protocol).
  public static final int SHORT_STRING_BYTES_MAX = 255;

  /// Tables and arrays inside each other, the outermost counted. Decoding recurses once a level, so
  /// this also bounds the stack.
  public static final int TABLE_DEPTH_MAX = 32;

  /// Direct-mapped slots of one connection's [ShortStringCache]; a power of two.
  static final int STRING_CACHE_SLOTS = 256;

  /// Longer strings are not cached: a connection cannot make the cache keep more than
  /// `STRING_CACHE_SLOTS` times a few hundred bytes.
  static final int CACHED_STRING_BYTES_MAX = 127;

  /// Longer property lists are not remembered for comparison with the next one.
  static final int REMEMBERED_PROPERTIES_BYTES_MAX = 256;

  /// The same for the arguments of a publish.
  static final int REMEMBERED_PUBLISH_BYTES_MAX = 256;

  private CodecLimits() {}
}
