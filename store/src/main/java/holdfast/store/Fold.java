package holdfast.store;

import holdfast.store.LogSegment.Piece;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The state that the journal's records add up to: definitions, logs, and how many live entries
/// each segment holds. A pure function of the records in their order, changed by the same methods
/// when a batch is written and when it is replayed. Where entries lie is not part of that function:
/// moving one changes nothing that a reader could see.
///
/// Owned by one thread: the gate's, or recovery's before there is a gate.
final class Fold {
  private final TreeMap<String, byte[]> definitions = new TreeMap<>();
  private final TreeMap<Long, Log> logs = new TreeMap<>();

  /// Logs that have an id and no record yet.
  private final HashMap<Long, Log> announced = new HashMap<>();

  /// Segments of the journal that entries were appended to, by generation.
  private final TreeMap<Long, Generation> generations = new TreeMap<>();

  /// The one asked for last.
  private Generation lastGeneration = new Generation(0);

  /// Segments that hold entries which left the journal, by number.
  private final TreeMap<Long, LogSegment> segments = new TreeMap<>();

  private long nextLogId = 1;
  private Changes changes = new Changes();

  /// What has changed since the last checkpoint was begun.
  static final class Changes {
    final ArrayList<Log> logs = new ArrayList<>();
    final ArrayList<Long> goneLogs = new ArrayList<>();
    final TreeSet<String> keys = new TreeSet<>();
  }

  /// A segment of the journal, as far as entries are concerned.
  static final class Generation {
    final long number;

    /// Entries appended to it, dead ones too.
    long appended;

    /// Live entries that lie there.
    long live;

    /// Large bodies whose first part lies there.
    long bodies;

    Generation(long number) {
      this.number = number;
    }

    boolean isNeeded() {
      return live > 0 || bodies > 0;
    }
  }

  /// A log whose CREATE record is yet to be written.
  Log announce() {
    Log log = new Log(nextLogId++);
    announced.put(log.id(), log);
    return log;
  }

  /// The same for a log that keeps the id it has had elsewhere.
  Log announce(long id) {
    Log log = new Log(id);
    announced.put(id, log);
    nextLogId = Math.max(nextLogId, id + 1);
    return log;
  }

  void create(long id) {
    Log log = announced.remove(id);
    Log created = log != null ? log : new Log(id);
    logs.put(id, created);
    nextLogId = Math.max(nextLogId, id + 1);
    changed(created);
  }

  void delete(Log log) {
    changes.goneLogs.add(log.id());
    remove(log);
  }

  private void remove(Log log) {
    for (Piece piece : log.pieces()) {
      piece.count(-piece.live());
    }
    for (Log.Run run : log.runs()) {
      generation(run.generation).live -= run.live;
    }
    letGo(log.removeLarge(0, log.next()));
    logs.remove(log.id());
  }

  /// Counts an entry appended at an address; `parts` if its body went ahead of it.
  void append(Log log, long address, @Nullable LargeParts parts) {
    if (parts != null) {
      hold(log, log.next(), parts);
    }
    changed(log);
    Generation generation = generation(Address.generation(address));
    log.append(address);
    generation.live++;
    generation.appended++;
  }

  /// Tells where an entry lies that a checkpoint has counted.
  void found(Log log, long sequence, long address, @Nullable LargeParts parts) {
    if (parts != null) {
      hold(log, sequence, parts);
    }
    log.found(sequence, address);
    Generation generation = generation(Address.generation(address));
    generation.live++;
    generation.appended++;
  }

  /// An entry was met that is dead by now.
  void sawDead(long generation) {
    generation(generation).appended++;
  }

  private void hold(Log log, long sequence, LargeParts parts) {
    if (parts.entries == 0) {
      generation(parts.fromGeneration()).bodies++;
    }
    log.addLarge(sequence, parts);
  }

  private void letGo(Iterable<LargeParts> released) {
    for (LargeParts parts : released) {
      if (--parts.entries == 0) {
        generation(parts.fromGeneration()).bodies--;
      }
    }
  }

  /// Settles neighbouring live entries.
  void settle(Log log, long first, long count) {
    changed(log);
    long end = first + count;
    for (long at = first; at < end; ) {
      at += settleNeighbours(log, at, end);
    }
    if (!log.large().isEmpty()) {
      letGo(log.removeLarge(first, end));
    }
    log.settle(first, count);
  }

  /// Counts those that lie together, from `at` on; returns how many.
  private long settleNeighbours(Log log, long at, long end) {
    List<Piece> pieces = log.pieces();
    int index = pieces.isEmpty() ? 0 : log.pieceIndex(at);
    if (index < pieces.size() && pieces.get(index).first <= at) {
      Piece piece = pieces.get(index);
      long count = Math.min(end, piece.end) - at;
      piece.count(-count);
      if (piece.live() == 0) {
        pieces.remove(index);
      }
      return count;
    }
    List<Log.Run> runs = log.runs();
    int runIndex = log.runIndex(at);
    Log.Run run = runs.get(runIndex);
    boolean last = runIndex == runs.size() - 1;
    long count = (last ? end : Math.min(end, runs.get(runIndex + 1).first)) - at;
    run.live -= count;
    assert run.live >= 0 : "log " + log.id() + " has lost count of its live entries";
    generation(run.generation).live -= count;
    if (run.live == 0 && !last) {
      runs.remove(runIndex);
    }
    return count;
  }

  /// Settles everything below a sequence.
  void trim(Log log, long upTo) {
    long end = Math.min(upTo, log.next());
    for (long first = log.nextLive(0); first < end; first = log.nextLive(first)) {
      settle(log, first, log.liveRunEnd(first, end - first) - first);
    }
  }

  void note(Log log, long sequence, byte[] note) {
    if (log.isLive(sequence)) {
      changed(log);
      log.note(sequence, note);
    }
  }

  void dispatched(Log log, long upTo) {
    changed(log);
    log.markDispatched(upTo);
  }

  void define(String key, byte @Nullable [] value) {
    changes.keys.add(key);
    restoreDefinition(key, value);
  }

  /// Takes over what a checkpoint says: nothing that the next one had to say again.
  void restoreDefinition(String key, byte @Nullable [] value) {
    if (value == null) {
      definitions.remove(key);
    } else {
      definitions.put(key, value);
    }
  }

  // --- where entries lie ---

  /// The entries of a log below `end` that lay in the journal have moved to these pieces.
  void moved(Log log, long end, List<Piece> pieces) {
    changed(log);
    for (Piece piece : pieces) {
      piece.segment.holds(piece);
      addPiece(log, piece, log.pieces().size());
    }
    letGo(log.removeLarge(0, end));
    List<Log.Run> runs = log.runs();
    long from = log.tail().first();
    for (int i = 0; i < runs.size() && runs.get(i).first < end; i++) {
      Log.Run run = runs.get(i);
      long runEnd = i + 1 < runs.size() ? runs.get(i + 1).first : log.next();
      // What was settled meanwhile may reach beyond the move.
      long start = Math.min(end, Math.max(from, run.first));
      long gone = end >= runEnd ? run.live : liveIn(log, start, end);
      run.live -= gone;
      generation(run.generation).live -= gone;
    }
    log.dropEmptyRuns();
    log.tail().dropFront(end);
  }

  /// A piece has been written anew.
  void rewritten(Log log, Piece old, List<Piece> pieces) {
    pieces.forEach(piece -> piece.segment.holds(piece));
    int index = log.pieces().indexOf(old);
    if (index < 0) {
      return; // all of it was settled meanwhile
    }
    changed(log);
    old.count(-old.live());
    log.pieces().remove(index);
    for (Piece piece : pieces) {
      index += addPiece(log, piece, index);
    }
  }

  private int addPiece(Log log, Piece piece, int index) {
    segments.put(piece.segment.number, piece.segment);
    long live = liveIn(log, piece.first, piece.end);
    if (live == 0) {
      return 0;
    }
    piece.count(live);
    log.pieces().add(index, piece);
    return 1;
  }

  static long liveIn(Log log, long first, long end) {
    return end - first - log.settled().countIn(first, end);
  }

  /// The oldest segment of the journal that still holds something; `otherwise` if none does.
  long oldestNeeded(long otherwise) {
    for (Generation generation : generations.values()) {
      if (generation.isNeeded()) {
        return Math.min(generation.number, otherwise);
      }
    }
    return otherwise;
  }

  /// Forgets what was counted of segments below one.
  void forgetGenerations(long below) {
    generations.headMap(below).clear();
    lastGeneration = new Generation(0);
  }

  NavigableMap<Long, Generation> generations() {
    return generations;
  }

  private Generation generation(long number) {
    if (lastGeneration.number != number) {
      lastGeneration = generations.computeIfAbsent(number, Generation::new);
    }
    return lastGeneration;
  }

  Map<Long, LogSegment> segments() {
    return segments;
  }

  // --- changes ---

  private void changed(Log log) {
    if (!log.changed) {
      log.changed = true;
      changes.logs.add(log);
    }
  }

  /// The changes so far; those from now on are gathered anew. A log that changes again after this
  /// is gathered again once [Log#changed] is false.
  Changes takeChanges() {
    Changes taken = changes;
    changes = new Changes();
    return taken;
  }

  // --- what it is ---

  @Nullable Log log(long id) {
    return logs.get(id);
  }

  NavigableMap<Long, Log> logs() {
    return logs;
  }

  Collection<Log> allLogs() {
    return logs.values();
  }

  NavigableMap<String, byte[]> definitions() {
    return definitions;
  }

  long nextLogId() {
    return nextLogId;
  }

  /// Takes a log over from a checkpoint; its pieces name segments that are known already.
  void restore(Log log, List<Piece> pieces) {
    forget(log.id());
    logs.put(log.id(), log);
    for (Piece piece : pieces) {
      addPiece(log, piece, log.pieces().size());
    }
  }

  /// A checkpoint says that a log is gone, or says anew what it is.
  void forget(long id) {
    Log older = logs.get(id);
    if (older != null) {
      remove(older);
    }
  }

  /// The segment of a number, which a checkpoint names.
  LogSegment restoreSegment(long number, long fileBytes, long entryBytes) {
    return segments.computeIfAbsent(number, n -> new LogSegment(n, fileBytes, entryBytes));
  }

  void restoreNextLogId(long id) {
    nextLogId = Math.max(nextLogId, id);
  }
}
