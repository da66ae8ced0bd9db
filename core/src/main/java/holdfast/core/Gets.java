package holdfast.core;

import java.util.ArrayDeque;

/// Sessions that ask one queue for its head and wait until that has been read. Guarded by the gate.
final class Gets {
  private final Shard shard;
  private final ArrayDeque<Session> waiting = new ArrayDeque<>(0);

  /// Those that wait, and those that were told and have not had their turn.
  private int underWay;

  Gets(Shard shard) {
    this.shard = shard;
  }

  boolean isUnderWay() {
    return underWay > 0;
  }

  /// Has a session go on when the head was read.
  void await(Session session, Session.Step next) {
    underWay++;
    waiting.add(session);
    session.goOn(
        () -> {
          underWay--;
          next.run();
        },
        true);
  }

  void wake() {
    for (Session session = waiting.poll(); session != null; session = waiting.poll()) {
      session.stopWaiting();
      shard.makeRunnable(session);
    }
  }
}
