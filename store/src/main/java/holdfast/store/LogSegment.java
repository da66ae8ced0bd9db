package holdfast.store;

/// A segment that holds entries grouped by log, as the [Fold] knows it. Immutable on disk; guarded
/// by the owner of the fold here.
final class LogSegment {
  final long number;

  /// Bytes of the file; told when it is written to its end.
  long fileBytes;

  /// Bytes of entries it was written with.
  long entryBytes;

  /// Bytes of entries that are still live, to the accuracy of their average size.
  private double liveBytes;

  /// Live entries.
  private long live;

  LogSegment(long number, long fileBytes, long entryBytes) {
    this.number = number;
    this.fileBytes = fileBytes;
    this.entryBytes = entryBytes;
  }

  /// A stretch of neighbouring entries of one log in this segment. Entries that were settled before
  /// it was written are not in it.
  static final class Piece {
    final LogSegment segment;
    final long first;
    final long end;

    /// Entries it was written with, and their bytes.
    final long total;

    final long bytes;

    /// Where in the file the list of its pages stands.
    final long indexAt;

    final int indexBytes;

    /// Entries in it that are live. Invariant: 0 <= live <= total.
    private long live;

    Piece(
        LogSegment segment,
        long first,
        long end,
        long total,
        long bytes,
        long indexAt,
        int indexBytes) {
      this.segment = segment;
      this.first = first;
      this.end = end;
      this.total = total;
      this.bytes = bytes;
      this.indexAt = indexAt;
      this.indexBytes = indexBytes;
    }

    long live() {
      return live;
    }

    /// Counts entries that became live, or ceased to be where `change` is negative.
    void count(long change) {
      live += change;
      assert live >= 0 && live <= total : live + " of " + total + " entries are live";
      segment.live += change;
      segment.liveBytes += (double) bytes / total * change;
    }
  }

  /// Tells that a piece was written here.
  void holds(Piece piece) {
    entryBytes += piece.bytes;
  }

  long live() {
    return live;
  }

  /// Whether less than half of what was written is live.
  boolean isHalfDead() {
    return liveBytes < entryBytes / 2.0;
  }

  long liveBytes() {
    return Math.max(0, (long) liveBytes);
  }
}
