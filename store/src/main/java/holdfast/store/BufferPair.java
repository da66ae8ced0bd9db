package holdfast.store;

/// The journal's two buffers, of which one fills while the other is written, and the row of places
/// on disk that they fill: each knows its place before it fills, so that a record's segment is
/// known when it is appended.
///
/// Guarded by the journal's lock, but for the buffer that was taken: that is the taker's.
final class BufferPair {
  private final SegmentFiles files;
  private final int bufferBytes;
  private WriteBuffer filling;
  private WriteBuffer other;

  /// The segment of the buffer that fills, and of the one that was taken.
  private SegmentFiles.Plan planned;

  private SegmentFiles.Plan takenPlan;

  BufferPair(SegmentFiles files, int bufferBytes, Journal.Start start) {
    this.files = files;
    this.bufferBytes = bufferBytes;
    filling = new WriteBuffer(bufferBytes);
    other = new WriteBuffer(bufferBytes);
    planned = files.reserve(start.generation());
    takenPlan = planned;
    filling.begin(start.firstWrite(), start.generation(), SegmentLayout.BYTES);
  }

  WriteBuffer filling() {
    return filling;
  }

  /// The buffer taken last, and the segment it belongs to: until the next [#take].
  WriteBuffer taken() {
    return other;
  }

  SegmentFiles.Plan takenPlan() {
    return takenPlan;
  }

  /// Takes the filling buffer to write it; the other one, written by now, fills from here on.
  WriteBuffer take() {
    WriteBuffer write = filling;
    takenPlan = planned;
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
    if (offset + bufferBytes > planned.bytes()) {
      generation++;
      planned = files.reserve(generation);
      offset = SegmentLayout.BYTES;
    }
    filling.begin(sequence, generation, offset);
  }
}
