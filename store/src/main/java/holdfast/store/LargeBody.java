package holdfast.store;

/// A body that is too large for one record, on its way into the journal in parts. Other batches
/// take their place between the parts; the body counts once a batch that names it is written.
public final class LargeBody {
  private final long id;
  private final Body body;
  private final LargeParts parts = new LargeParts();
  private int written;

  LargeBody(long id, Body body) {
    this.id = id;
    this.body = body;
  }

  long id() {
    return id;
  }

  Body body() {
    return body;
  }

  int written() {
    return written;
  }

  LargeParts parts() {
    return parts;
  }

  void wrote(int count, long address) {
    parts.add(address);
    written += count;
  }

  boolean isWritten() {
    return written == body.length();
  }
}
