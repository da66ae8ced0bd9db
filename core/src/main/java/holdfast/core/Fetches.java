package holdfast.core;

import java.util.ArrayDeque;

/// Reads of what queues have on disk only: some are under way, the rest of the queues that asked
/// wait in a row. A queue has one at a time.
///
/// How many there are, and how much each may bring, bounds the memory they take before the budget
/// counts it. Guarded by the gate.
final class Fetches {
  private final MemoryBudget memory;
  private final Limits.Paging paging;
  private final ArrayDeque<Lane> row = new ArrayDeque<>();
  private int underWay;
  private long bytesUnderWay;

  Fetches(MemoryBudget memory, Limits.Paging paging) {
    this.memory = memory;
    this.paging = paging;
  }

  /// Reads for a queue as soon as it is its turn.
  void ask(Lane lane) {
    row.add(lane);
    begin();
  }

  private void begin() {
    while (underWay < paging.fetchesMax()) {
      Lane lane = row.poll();
      if (lane == null) {
        return;
      }
      int bytesMax = bytesMax();
      if (lane.beginFetch(bytesMax)) {
        underWay++;
        bytesUnderWay += bytesMax;
      }
    }
  }

  private int bytesMax() {
    long room = memory.cacheRoom() - bytesUnderWay;
    return Math.clamp(room, paging.fetchBytesMin(), paging.fetchBytesMax());
  }

  /// A read that was begun with this much has been handed over.
  void done(int bytesMax) {
    underWay--;
    bytesUnderWay -= bytesMax;
    begin();
  }
}
