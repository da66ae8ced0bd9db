package holdfast.store;

/// The time model of persistence: a commit of `S` bytes takes `T = S/R + W + F`, and whoever waits
/// for it learns of it after `T + H`.
///
/// The letters, with their units:
///
/// - `R`, [#transferBytesPerSecond]: how fast bytes go to the device once they go;
/// - `W`, [#writeNs]: what a write costs however small it is, in nanoseconds;
/// - `F`, [#syncNs]: what it costs to have it on stable storage rather than on its way there;
/// - `H`, [#handOverNs]: from the waiting thread to the writer and back, both ways together.
///
/// `n` records of `s` bytes that wait together share one write: each costs `s/R + (W+F+H)/n`. That
/// is all there is to group commit.
///
/// It is a model of the centre. Devices have a heavy tail (a commit in a hundred takes a multiple,
/// for reasons that no size explains), so a single commit may lie far from it; [CommitTimes] says
/// how far. It counts the disk and the two threads, not the work of the processor for a record.
///
/// @param transferBytesPerSecond R, above 0
/// @param writeNs W, not negative
/// @param syncNs F, not negative
/// @param handOverNs H, not negative; 0 where only the device is meant
public record TimeModel(
    double transferBytesPerSecond, double writeNs, double syncNs, double handOverNs) {

  private static final double NS_PER_SECOND = 1e9;

  public TimeModel {
    if (!(transferBytesPerSecond > 0) || Double.isInfinite(transferBytesPerSecond)) {
      throw new IllegalArgumentException(
          "R must be a number of bytes a second above 0, not " + transferBytesPerSecond);
    }
    requireTime("W", writeNs);
    requireTime("F", syncNs);
    requireTime("H", handOverNs);
  }

  private static void requireTime(String letter, double ns) {
    if (!(ns >= 0) || Double.isInfinite(ns)) {
      throw new IllegalArgumentException(
          letter + " must be a number of nanoseconds, 0 or more, not " + ns);
    }
  }

  /// The time of one device write of `bytes`: `S/R + W + F`, in nanoseconds.
  public double commitNs(long bytes) {
    return transferNs(bytes) + writeNs + syncNs;
  }

  /// The part of [#commitNs] that grows with the size: `S/R`, in nanoseconds.
  public double transferNs(long bytes) {
    return bytes * NS_PER_SECOND / transferBytesPerSecond;
  }

  /// The time until all of `records` that wait together are confirmed, in nanoseconds: what one of
  /// them waits when there are always so many.
  ///
  /// @param recordBytes bytes of each in the journal
  /// @param writeBytesMax the largest device write; more than that goes in several, each of which
  ///   costs `W + F` anew
  public double groupNs(long records, long recordBytes, long writeBytesMax) {
    if (records < 1 || recordBytes < 1 || writeBytesMax < 1) {
      throw new IllegalArgumentException("a group has at least one record of at least one byte");
    }
    // A write is a whole number of blocks, whatever it carries.
    long bytes = roundUp(Math.multiplyExact(records, recordBytes), Disk.BLOCK_BYTES);
    long writes = (bytes + writeBytesMax - 1) / writeBytesMax;
    return transferNs(bytes) + writes * (writeNs + syncNs) + handOverNs;
  }

  /// Records a second while `records` always wait together: `n` in every [#groupNs].
  public double ratePerSecond(long records, long recordBytes, long writeBytesMax) {
    return records * NS_PER_SECOND / groupNs(records, recordBytes, writeBytesMax);
  }

  /// The write at which half of the time is transfer: `(W + F) * R`, in bytes. Below it a device is
  /// paid for waiting, well above it for moving bytes.
  public double halfTransferBytes() {
    return (writeNs + syncNs) * transferBytesPerSecond / NS_PER_SECOND;
  }

  /// The same device, waited for through a hand-over of this length.
  public TimeModel withHandOver(double ns) {
    return new TimeModel(transferBytesPerSecond, writeNs, syncNs, ns);
  }

  private static long roundUp(long bytes, long unit) {
    return (bytes + unit - 1) / unit * unit;
  }
}
