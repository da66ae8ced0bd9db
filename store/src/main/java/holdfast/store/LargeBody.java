package holdfast.store;

/// A body that is too large for one record, on its way into the journal in parts. Other batches
/// take their place between the parts; the body counts once a batch that names it is written.
public final class LargeBody {
  private final long id;
  private final byte[] bytes;
  private int written;
  private int parts;
  private long fromGeneration = -1;

  LargeBody(long id, byte[] bytes) {
    this.id = id;
    this.bytes = bytes;
  }

  long id() {
    return id;
  }

  byte[] bytes() {
    return bytes;
  }

  int written() {
    return written;
  }

  int parts() {
    return parts;
  }

  long fromGeneration() {
    return fromGeneration;
  }

  void wrote(int count, long generation) {
    if (parts == 0) {
      fromGeneration = generation;
    }
    written += count;
    parts++;
  }

  boolean isWritten() {
    return written == bytes.length;
  }
}
