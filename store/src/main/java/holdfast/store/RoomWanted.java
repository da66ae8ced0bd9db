package holdfast.store;

/// Who was refused room in the buffer that fills, and is told when the next one does. Guarded by
/// the journal's lock, but for what was taken: that belongs to who took the buffer.
final class RoomWanted {
  /// Room for one step of work.
  boolean step;

  /// Room for one more part of a large body.
  boolean part;

  private boolean takenStep;
  private boolean takenPart;

  boolean any() {
    return step || part;
  }

  /// The buffer is taken, so the room is there.
  void take() {
    takenStep = step;
    takenPart = part;
    step = false;
    part = false;
  }

  /// Tells what was taken; outside the lock.
  void tell(JournalListener listener) {
    if (takenStep) {
      listener.room();
    }
    if (takenPart) {
      listener.roomForPart();
    }
  }
}
