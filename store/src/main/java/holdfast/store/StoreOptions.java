package holdfast.store;

/// Sizes of a store, all in bytes but for the idle mark, and its sync policy.
///
/// @param segmentBytesFirst size of the first segment of a new directory; sizes double from there
/// @param segmentBytesMax size that segments grow to; at least twice `bufferBytes`
/// @param bufferBytes size of each of the journal's two buffers: the largest device write
/// @param partBytesMax large bodies are written in parts of this size, so that they hold up nobody
/// @param idleMarkMs how long after the last write an idle journal marks its end
/// @param spareSegments segments kept filled with zeros ahead of need
/// @param journalBytesMax how much journal a start may have to replay: beyond half of it live
///   entries move from the oldest segment to log segments
/// @param logPageBytes entries of a log segment are read back in pages of about this size
/// @param sync what a confirm means, for everything in the store
/// @param diskFreeBytesMin what is left free on the disk; below it [Store#shortage] has publishers
///   wait
public record StoreOptions(
    long segmentBytesFirst,
    long segmentBytesMax,
    int bufferBytes,
    int partBytesMax,
    long idleMarkMs,
    int spareSegments,
    long journalBytesMax,
    int logPageBytes,
    SyncPolicy sync,
    long diskFreeBytesMin) {

  private static final int KIB = 1024;
  private static final int MIB = 1024 * KIB;
  private static final int LOG_PAGE_BYTES = 32 * KIB;
  private static final long DISK_FREE_BYTES_MIN = 64L * MIB;

  public StoreOptions {
    if (bufferBytes % Disk.BLOCK_BYTES != 0) {
      throw new IllegalArgumentException("journal buffer must be a multiple of 4 KiB");
    }
    if (segmentBytesMax > Address.SEGMENT_BYTES_MAX) {
      throw new IllegalArgumentException(
          "a journal segment may have " + Address.SEGMENT_BYTES_MAX + " bytes at most");
    }
    if (segmentBytesFirst < 2L * bufferBytes || segmentBytesMax < segmentBytesFirst) {
      throw new IllegalArgumentException(
          "a journal segment must be at least twice the journal buffer ("
              + bufferBytes
              + " bytes)");
    }
    if (stepBytesMax(partBytesMax) > bufferBytes / 2) {
      throw new IllegalArgumentException(
          "a journal buffer of at least "
              + 2 * stepBytesMax(partBytesMax)
              + " bytes is needed for parts of "
              + partBytesMax);
    }
  }

  /// The same for a store that confirms what is on stable storage.
  public StoreOptions(
      long segmentBytesFirst,
      long segmentBytesMax,
      int bufferBytes,
      int partBytesMax,
      long idleMarkMs,
      int spareSegments) {
    this(
        segmentBytesFirst,
        segmentBytesMax,
        bufferBytes,
        partBytesMax,
        idleMarkMs,
        spareSegments,
        2 * segmentBytesMax,
        LOG_PAGE_BYTES,
        SyncPolicy.SYNC,
        DISK_FREE_BYTES_MIN);
  }

  /// The same sizes under another policy.
  public StoreOptions withSync(SyncPolicy policy) {
    return new StoreOptions(
        segmentBytesFirst,
        segmentBytesMax,
        bufferBytes,
        partBytesMax,
        idleMarkMs,
        spareSegments,
        journalBytesMax,
        logPageBytes,
        policy,
        diskFreeBytesMin);
  }

  /// Sizes for a broker.
  public static StoreOptions standard() {
    return new StoreOptions(8L * MIB, 128L * MIB, 2 * MIB, 256 * KIB, 75, 1);
  }

  /// Sizes that make segments switch and batches split within a short test.
  public static StoreOptions tiny() {
    return new StoreOptions(
        64L * KIB,
        128L * KIB,
        32 * KIB,
        4 * KIB,
        75,
        1,
        256L * KIB,
        1 * KIB,
        SyncPolicy.SYNC,
        64L * KIB);
  }

  /// The most that one step of work may add to the journal: what the gate asks room for.
  int stepBytesMax() {
    return stepBytesMax(partBytesMax);
  }

  /// The most that one record may hold: half a buffer, so that an empty one always has room.
  int recordBytesMax() {
    return bufferBytes / 2;
  }

  private static int stepBytesMax(int partBytesMax) {
    return 3 * partBytesMax + 3 * RecordLayout.HEADER_BYTES + 16;
  }
}
