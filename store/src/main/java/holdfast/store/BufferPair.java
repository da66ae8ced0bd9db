package holdfast.store;

/// The journal's two buffers, of which one fills while the other is written, and the row of places
/// on disk that they fill: each knows its place before it fills, so that a record's segment is
/// known when it is appended.
///
/// Guarded by the journal's lock, but for the buffer that was taken: that is the taker's.
final class BufferPair {
  private final Journal engine;
  private final int bufferBytes;
  private WriteBuffer filling;
  private WriteBuffer other;

  /// Size of the segment of the buffer that fills.
  private long segmentBytes;

  BufferPair(Journal engine, int bufferBytes, Journal.Begin begin) {
    this.engine = engine;
    this.bufferBytes = bufferBytes;
    filling = new WriteBuffer(bufferBytes);
    other = new WriteBuffer(bufferBytes);
    segmentBytes = begin.segmentBytes();
    filling.begin(begin.position(), begin.segment(), SegmentLayout.BYTES);
  }

  WriteBuffer filling() {
    return filling;
  }

  /// The buffer taken last: until the next [#take].
  WriteBuffer taken() {
    return other;
  }

  /// Takes the filling buffer to write it; the other one, written by now, fills from here on.
  WriteBuffer take() {
    WriteBuffer write = filling;
    filling = other;
    other = write;
    beginNext(write);
    return write;
  }

  /// Fixes the place of the next write: behind this one, or at the start of the next segment when a
  /// full buffer would not fit.
  private void beginNext(WriteBuffer write) {
    long offset = write.offset() + write.alignedLength();
    long generation = write.generation();
    long sequence = write.sequence() + 1;
    if (offset + bufferBytes > segmentBytes) {
      generation++;
      segmentBytes = engine.plan(generation);
      offset = SegmentLayout.BYTES;
    }
    filling.begin(sequence, generation, offset);
  }
}
