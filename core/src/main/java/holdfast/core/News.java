package holdfast.core;

import java.util.ArrayDeque;

/// Sessions with confirms that are not said yet: in few words, as soon as there are enough of them
/// or nothing else is to be done. Guarded by the gate.
final class News {
  private final ArrayDeque<Session> row = new ArrayDeque<>();

  void add(Session session) {
    if (!session.hasNews) {
      session.hasNews = true;
      row.add(session);
    }
  }

  boolean isEmpty() {
    return row.isEmpty();
  }

  void say() {
    for (Session session = row.poll(); session != null; session = row.poll()) {
      session.hasNews = false;
      session.sayConfirms();
    }
  }
}
