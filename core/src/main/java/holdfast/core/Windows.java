package holdfast.core;

import java.util.LinkedHashSet;

/// The queues that keep in memory what is on disk as well, and whose turn it is to let go of it:
/// that of the queue from which nothing was taken for longest, more or less. Each stands in one row
/// and is given a second chance if something was taken since it had its turn before.
///
/// Guarded by the gate.
final class Windows {
  /// Queues that are looked at in one step.
  private static final int VISITS_MAX = 16;

  private final LinkedHashSet<Lane> row = new LinkedHashSet<>();
  private final MemoryBudget memory;

  Windows(MemoryBudget memory) {
    this.memory = memory;
  }

  void add(Lane lane) {
    row.add(lane);
  }

  void remove(Lane lane) {
    row.remove(lane);
  }

  /// Lets go of a slice, if there is too much. True if it did and there still is.
  boolean cutBack() {
    int left = Limits.SLICE;
    for (int i = 0; i < VISITS_MAX && left > 0 && memory.isCacheExceeded(); i++) {
      if (row.isEmpty()) {
        break;
      }
      Lane lane = row.getFirst();
      if (lane.takeSecondChance()) {
        row.addLast(lane);
        continue;
      }
      int cut = lane.cutBack(left);
      left -= cut;
      if (!lane.keepsWhatIsOnDisk()) {
        lane.leftWindows();
        row.remove(lane);
      } else if (cut == 0) {
        row.addLast(lane); // somebody takes from it: it keeps the little that it has
      }
    }
    return left < Limits.SLICE && memory.isCacheExceeded();
  }
}
