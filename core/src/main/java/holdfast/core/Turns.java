package holdfast.core;

import holdfast.store.Store;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// Sessions that have something left to do, each in its turn. Those whose next step puts a part of
/// a large body into the journal wait in a row of their own: a write takes a part or two, so that
/// small messages pass between them, and whoever else has something to do is not held up. Guarded
/// by the gate.
final class Turns {
  private final Store store;
  private final ArrayDeque<Session> others = new ArrayDeque<>();
  private final ArrayDeque<Session> withParts = new ArrayDeque<>();

  Turns(Store store) {
    this.store = store;
  }

  boolean hasWork() {
    return !others.isEmpty() || !withParts.isEmpty() && store.hasRoomForPart();
  }

  /// Has a session go on with its step or its next command.
  void add(Session session) {
    if (!session.runnable && session.isBusy() && !session.waiting()) {
      session.runnable = true;
      others.add(session);
    }
  }

  /// Takes a session's step that writes a part: now, if there is room for one.
  void withPart(Session session, Session.Step step) {
    if (store.hasRoomForPart()) {
      step.run();
    } else {
      addWithPart(session, step);
    }
  }

  /// Has a session go on with a step that writes a part, once there is room for one.
  void addWithPart(Session session, Session.Step step) {
    session.goOn(step, true);
    withParts.add(session);
  }

  /// The session whose turn it is, taken out; null if there is none.
  @Nullable Session next() {
    if (!withParts.isEmpty() && store.hasRoomForPart()) {
      Session session = withParts.remove();
      session.stopWaiting();
      return session;
    }
    Session session = others.poll();
    if (session != null) {
      session.runnable = false;
    }
    return session;
  }
}
