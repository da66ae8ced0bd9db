package holdfast.server;

import holdfast.store.TimeModel;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/// What the processor does for a record, which the disk's model leaves out: `P` of `holdfast bench
/// disk`.
///
/// @param recordNs for a record, however small
/// @param byteNs for each byte of it: a copy, its checksum and that of the write
record DiskWork(double recordNs, double byteNs) {
  private static final int CHECKSUM_BYTES = 1 << 20;
  private static final int CHECKSUM_COUNT = 32;

  /// From what the owner of a store spends on records of two sizes; the writer's own checksum over
  /// all of it comes on top.
  static DiskWork of(int smallBytes, double smallNs, int largeBytes, double largeNs) {
    double copied = Math.max(0, (largeNs - smallNs) / (largeBytes - smallBytes));
    return new DiskWork(smallNs, copied + checksumNs());
  }

  private static double checksumNs() {
    ByteBuffer bytes = ByteBuffer.allocateDirect(CHECKSUM_BYTES);
    long best = Long.MAX_VALUE;
    for (int i = 0; i < CHECKSUM_COUNT; i++) {
      CRC32C crc = new CRC32C();
      long begunNs = System.nanoTime();
      crc.update(bytes.clear());
      best = Math.min(best, System.nanoTime() - begunNs + (crc.getValue() & 1));
    }
    return (double) best / CHECKSUM_BYTES;
  }

  /// The time until a group of records is confirmed: the disk's, and before it the processor's.
  double groupNs(TimeModel model, int outstanding, int bodyBytes, long writeBytesMax) {
    return model.groupNs(outstanding, bodyBytes + DiskLoad.FRAME_BYTES, writeBytesMax)
        + outstanding * (recordNs + bodyBytes * byteNs);
  }
}
