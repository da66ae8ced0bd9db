package holdfast.server.torture;

import holdfast.server.torture.Verdict.Breach;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What one queue must hold, kept by the clients' own knowledge. Guarded by its own lock: producers
/// and consumers of the load write into it from their threads.
///
/// A *life* is the time of one broker process. An acknowledgement counts as durable when it was
/// sent in an earlier life and long enough before that life's end; a younger one may be forgotten
/// by a kill, which costs a redelivery.
final class QueueModel {
  private enum State {
    /// Sent, no answer: it may be there or not, until the first full look after a restart.
    SENT,
    CONFIRMED,
    /// Rolled back or returned: it must never appear.
    REFUSED
  }

  private static final class Entry {
    State state = State.SENT;

    /// A message that need not survive; it may.
    boolean mayVanish;

    int deliveries;
    boolean acked;
    int ackedLife;
    long ackedNanos;
    long batch;
  }

  /// One look at the whole queue after a restart, by a single consumer.
  final class Look {
    private final Set<Long> seen = new HashSet<>();
    private final Map<Integer, Long> lastFirst = new HashMap<>();
    int returned;

    void take(long key, boolean redelivered) {
      synchronized (QueueModel.this) {
        if (!seen.add(key)) {
          verdict.add(Breach.PHANTOM, Payload.name(key) + " twice in one look at " + name);
          return;
        }
        Entry entry = entries.get(key);
        boolean first = entry != null && entry.deliveries == 0;
        if (entry != null && entry.acked) {
          returned++;
        }
        deliver(key, redelivered);
        if (first) {
          inOrder(lastFirst, key);
        }
      }
    }

    int count() {
      return seen.size();
    }

    /// Settles what the look proves: all that must be there was, and what is not will not come.
    void close() {
      synchronized (QueueModel.this) {
        Map<Long, List<Long>> doubtful = new HashMap<>();
        entries.forEach((key, entry) -> account(key, entry, doubtful));
        doubtful.forEach((batch, keys) -> wholeOrNothing(batch, keys));
        entries.entrySet().removeIf(found -> settled(found.getKey(), found.getValue()));
        entries.forEach((key, entry) -> {
          if (seen.contains(key) && entry.state == State.SENT) {
            entry.state = State.CONFIRMED;
          }
        });
      }
    }

    private void account(long key, Entry entry, Map<Long, List<Long>> doubtful) {
      boolean expected = entry.state == State.CONFIRMED && !entry.acked && !entry.mayVanish;
      if (expected && !seen.contains(key)) {
        verdict.add(
            Breach.LOST,
            Payload.name(key) + " of " + name + " after " + entry.deliveries + " deliveries");
      }
      if (entry.batch != 0 && entry.state == State.SENT && !entry.acked) {
        doubtful.computeIfAbsent(entry.batch, batch -> new ArrayList<>()).add(key);
      }
    }

    private void wholeOrNothing(long batch, List<Long> keys) {
      long there = keys.stream().filter(seen::contains).count();
      if (there != 0 && there != keys.size()) {
        verdict.add(
            Breach.TORN,
            "transaction " + batch + ": " + there + " of " + keys.size() + " in " + name);
      }
    }

    private boolean settled(long key, Entry entry) {
      // What is forgotten here and comes later is unknown then, and told as a phantom.
      return !seen.contains(key) && (!entry.acked || entry.ackedLife < life);
    }
  }

  private final String name;
  private final Verdict verdict;
  private final long ackDurableNanos;
  private final Map<Long, Entry> entries = new HashMap<>();
  private int life;
  private long lifeEndedNanos;

  QueueModel(String name, Verdict verdict, long ackDurableNanos) {
    this.name = name;
    this.verdict = verdict;
    this.ackDurableNanos = ackDurableNanos;
  }

  String name() {
    return name;
  }

  /// A life ended at the given time. Called when its clients have ended too, which is later.
  synchronized void killed(long atNanos) {
    life++;
    lifeEndedNanos = atNanos;
  }

  synchronized void sent(long key, boolean mayVanish, long batch) {
    Entry entry = new Entry();
    entry.mayVanish = mayVanish;
    entry.batch = batch;
    entries.put(key, entry);
  }

  synchronized void confirmed(long key) {
    Entry entry = entries.get(key);
    if (entry != null && entry.state == State.SENT) {
      entry.state = State.CONFIRMED;
    }
  }

  synchronized void refused(long key) {
    Entry entry = entries.get(key);
    if (entry == null) {
      return;
    }
    if (entry.deliveries > 0) {
      verdict.add(Breach.PHANTOM, Payload.name(key) + " was refused and delivered by " + name);
    }
    entry.state = State.REFUSED;
  }

  synchronized void delivered(long key, boolean redelivered) {
    deliver(key, redelivered);
  }

  private void deliver(long key, boolean redelivered) {
    Entry entry = entries.get(key);
    if (entry == null || entry.state == State.REFUSED) {
      String why = entry == null ? "unknown or settled for good" : "refused";
      verdict.add(Breach.PHANTOM, Payload.name(key) + " (" + why + ") delivered by " + name);
      return;
    }
    if (entry.deliveries > 0 && !redelivered) {
      verdict.add(Breach.UNFLAGGED, Payload.name(key) + " again by " + name + ", not flagged");
    }
    if (entry.acked && ackIsFinal(entry)) {
      verdict.add(Breach.PHANTOM, Payload.name(key) + " came back to " + name + " after its ack");
    }
    entry.deliveries++;
    entry.acked = false;
  }

  private boolean ackIsFinal(Entry entry) {
    if (entry.ackedLife == life) {
      return true;
    }
    return entry.ackedLife < life - 1 || lifeEndedNanos - entry.ackedNanos > ackDurableNanos;
  }

  /// Called before the ack is sent: from then on the message may be gone.
  synchronized void acked(long key) {
    Entry entry = entries.get(key);
    if (entry != null) {
      entry.acked = true;
      entry.ackedLife = life;
      entry.ackedNanos = System.nanoTime();
    }
  }

  /// Checks that a consumer's first deliveries keep each producer's order.
  void inOrder(Map<Integer, Long> lastFirst, long key) {
    Long before = lastFirst.put(Payload.producer(key), key);
    if (before != null && before >= key) {
      verdict.add(
          Breach.DISORDERED,
          name + " gave " + Payload.name(before) + " before " + Payload.name(key));
    }
  }

  synchronized int size() {
    return entries.size();
  }
}
