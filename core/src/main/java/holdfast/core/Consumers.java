package holdfast.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The consumers of one queue, and whose turn it is: in turn among those of one priority, and those
/// of a lower one only when no higher one may be served. A queue that serves a single consumer
/// serves the one of the highest priority that came first. Guarded by the gate.
final class Consumers {
  /// Consumers of one priority that may be served, in turn.
  private record Row(int priority, ArrayDeque<Consumer> waiting) {}

  private final Set<Consumer> all = new LinkedHashSet<>();

  /// Highest priority first.
  private final List<Row> rows = new ArrayList<>(1);

  private int waiting;
  private boolean serveOne;
  private boolean hadAny;

  /// Where one is served: who.
  private @Nullable Consumer single;

  /// Whether one at a time is served.
  void serveOne(boolean one) {
    serveOne = one;
    chooseSingle();
  }

  void add(Consumer consumer) {
    all.add(consumer);
    hadAny = true;
    chooseSingle();
  }

  void remove(Consumer consumer) {
    all.remove(consumer);
    consumer.active = false;
    leaveRow(consumer);
    if (consumer == single) {
      single = null;
      chooseSingle();
    }
  }

  private void leaveRow(Consumer consumer) {
    if (consumer.inRow) {
      consumer.inRow = false;
      row(consumer.priority).waiting.remove(consumer);
      waiting--;
    }
  }

  /// Who comes later takes over only with a higher priority, and only once the one before has
  /// settled everything: so the order stays.
  private void chooseSingle() {
    Consumer now = single;
    if (!serveOne || now != null && now.unsettled > 0) {
      return;
    }
    Consumer best = now;
    for (Consumer consumer : all) {
      if (best == null || consumer.priority > best.priority) {
        best = consumer;
      }
    }
    if (best != now) {
      single = best;
      if (now != null) {
        leaveRow(now);
      }
      if (best != null) {
        offer(best);
      }
    }
  }

  /// A delivery to this consumer was settled.
  void settledOne(Consumer consumer) {
    if (serveOne && consumer == single && consumer.unsettled == 0) {
      chooseSingle();
    }
  }

  /// Puts a consumer into its row if it may be served and does not stand there; true if it was put
  /// there now.
  boolean offer(Consumer consumer) {
    boolean turn = !serveOne || consumer == single;
    if (consumer.inRow || !turn || !consumer.hasCredit()) {
      return false;
    }
    consumer.inRow = true;
    row(consumer.priority).waiting.add(consumer);
    waiting++;
    return true;
  }

  private Row row(int priority) {
    int at = 0;
    while (at < rows.size() && rows.get(at).priority > priority) {
      at++;
    }
    if (at == rows.size() || rows.get(at).priority != priority) {
      rows.add(at, new Row(priority, new ArrayDeque<>(2)));
    }
    return rows.get(at);
  }

  /// Whose turn it is, out of its row; null if nobody can be served.
  @Nullable Consumer next() {
    for (int i = 0; i < rows.size(); i++) {
      ArrayDeque<Consumer> row = rows.get(i).waiting;
      for (Consumer next = row.poll(); next != null; next = row.poll()) {
        next.inRow = false;
        waiting--;
        if (next.hasCredit()) {
          return next;
        }
      }
    }
    return null;
  }

  /// Whether nobody stands in a row.
  boolean noneWaits() {
    return waiting == 0;
  }

  boolean isEmpty() {
    return all.isEmpty();
  }

  /// Whether there were consumers, and the last has gone.
  boolean haveGone() {
    return hadAny && all.isEmpty();
  }

  int size() {
    return all.size();
  }

  boolean isExclusive() {
    return all.stream().anyMatch(consumer -> consumer.exclusive);
  }

  /// Whether this one is served, when one is served at a time.
  boolean isActive(Consumer consumer) {
    return consumer.active && (!serveOne || consumer == single);
  }

  Set<Consumer> all() {
    return Collections.unmodifiableSet(all);
  }
}
