package holdfast.store;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The state that the journal's records add up to: definitions, logs, and how many live entries
/// each segment holds. A pure function of the records in their order, changed by the same methods
/// when a batch is written and when it is replayed.
///
/// Owned by one thread: the gate's, or recovery's before there is a gate.
final class Fold {
  private final TreeMap<String, byte[]> definitions = new TreeMap<>();
  private final HashMap<Long, Log> logs = new HashMap<>();

  /// Logs that have an id and no record yet.
  private final HashMap<Long, Log> announced = new HashMap<>();

  /// Generation -> live entries whose bytes lie there, at least in part.
  private final TreeMap<Long, Long> liveBySegment = new TreeMap<>();

  private long nextLogId = 1;

  /// A log whose CREATE record is yet to be written.
  Log announce() {
    Log log = new Log(nextLogId++, 0, 0, 0);
    announced.put(log.id(), log);
    return log;
  }

  void create(long id) {
    Log log = announced.remove(id);
    logs.put(id, log != null ? log : new Log(id, 0, 0, 0));
    nextLogId = Math.max(nextLogId, id + 1);
  }

  void delete(long id) {
    Log log = known(id);
    for (Log.Run run : log.runs()) {
      count(run, -run.live);
    }
    logs.remove(id);
  }

  void append(long id, long fromGeneration, long generation) {
    Log log = known(id);
    log.append(fromGeneration, generation);
    count(log.runs().getLast(), 1);
  }

  void settle(long id, long first, long count) {
    Log log = known(id);
    for (long sequence = first; sequence < first + count; sequence++) {
      count(log.settle(sequence), -1);
    }
  }

  void dispatched(long id, long upTo) {
    known(id).markDispatched(upTo);
  }

  void define(String key, byte @Nullable [] value) {
    if (value == null) {
      definitions.remove(key);
    } else {
      definitions.put(key, value);
    }
  }

  private void count(Log.Run run, long change) {
    for (long g = run.fromGeneration; change != 0 && g <= run.generation; g++) {
      liveBySegment.merge(g, change, (a, b) -> a + b == 0 ? null : Long.valueOf(a + b));
    }
  }

  private Log known(long id) {
    Log log = logs.get(id);
    if (log == null) {
      throw new IllegalStateException("log " + id + " does not exist");
    }
    return log;
  }

  @Nullable Log log(long id) {
    return logs.get(id);
  }

  Map<Long, Log> logs() {
    return logs;
  }

  SortedMap<String, byte[]> definitions() {
    return definitions;
  }

  long nextLogId() {
    return nextLogId;
  }

  /// The segments that hold live entries.
  Set<Long> liveSegments() {
    return liveBySegment.keySet();
  }

  /// Takes a log over from a checkpoint.
  void restore(Log log) {
    logs.put(log.id(), log);
    for (Log.Run run : log.runs()) {
      count(run, run.live);
    }
  }

  void restoreNextLogId(long id) {
    nextLogId = Math.max(nextLogId, id);
  }
}
