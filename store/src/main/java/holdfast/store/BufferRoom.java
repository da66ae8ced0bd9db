package holdfast.store;

/// Room in the buffer that fills: whether it is there, and who was refused and is told when the
/// next one does. Guarded by the journal's lock but where something else is said; what was taken
/// belongs to who took the buffer.
final class BufferRoom {
  private final Object lock;
  private final BufferPair buffers;
  private final int stepBytes;
  private final int partBytes;

  /// There is at least so much: since it was seen, the appender alone has taken of it, and a swap
  /// of buffers only makes more. Owned by the appender.
  private int seen;

  /// Room for one step of work was refused.
  private boolean step;

  /// Room was refused to what can wait: a part of a large body, or what brings messages.
  private boolean more;

  private boolean stepTaken;
  private boolean moreTaken;

  BufferRoom(Object lock, BufferPair buffers, StoreOptions options) {
    this.lock = lock;
    this.buffers = buffers;
    stepBytes = options.stepBytesMax();
    partBytes = options.partBytesMax();
  }

  /// For one step's worth of records. For the appender, as are the next ones.
  boolean forStep() {
    return forStep(stepBytes);
  }

  /// For records of so many bytes in all, headers and padding included.
  boolean forStep(int bytes) {
    if (seen >= bytes) {
      return true; // asked before every step of work: nearly always without the lock
    }
    synchronized (lock) {
      look();
      step |= seen < bytes;
      return seen >= bytes;
    }
  }

  /// For one step, with room for others left.
  boolean toSpare() {
    int bytes = stepBytes + partBytes;
    if (seen >= bytes) {
      return true;
    }
    synchronized (lock) {
      look();
      more |= seen < bytes;
      return seen >= bytes;
    }
  }

  /// For a part of a large body: not if there is one's worth of parts in this buffer.
  boolean forPart() {
    synchronized (lock) {
      boolean fits = buffers.filling().partBytes() < partBytes;
      more |= !fits;
      return fits;
    }
  }

  /// Something was appended, or may have been; under the lock.
  void look() {
    seen = buffers.filling().room();
  }

  /// Whether somebody was refused; under the lock.
  boolean isWanted() {
    return step || more;
  }

  /// The buffer is taken, so the room is there; under the lock.
  void take() {
    stepTaken = step;
    moreTaken = more;
    step = false;
    more = false;
  }

  /// Tells what was taken; outside the lock.
  void tell(JournalListener listener) {
    if (stepTaken) {
      listener.room();
    }
    if (moreTaken) {
      listener.moreRoom();
    }
  }
}
