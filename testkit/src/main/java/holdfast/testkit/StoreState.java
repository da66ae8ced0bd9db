package holdfast.testkit;

import holdfast.store.FetchedEntry;
import holdfast.store.Log;
import holdfast.store.Store;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/// What a store holds, in plain maps: definitions, and for each log its entries with their notes.
/// Kept beside a store by [StoreModel], and read out of one after recovery.
///
/// A fingerprint is kept along, so that many states can be compared with one; it decides nothing.
public final class StoreState {
  /// An entry's bytes.
  ///
  /// @param flagged in a model: appended while offered; in a recovered state: may have been
  ///   delivered
  public record Entry(byte[] header, byte[] body, boolean flagged, long hash) {
    public Entry(byte[] header, byte[] body, boolean flagged) {
      this(header, body, flagged, hashOf(header) * 31 + hashOf(body));
    }
  }

  /// A log's live entries by sequence.
  public static final class LogState {
    private final TreeMap<Long, Entry> entries = new TreeMap<>();
    private final TreeMap<Long, byte[]> notes = new TreeMap<>();
    private long next;
    private long dispatchMark;

    public TreeMap<Long, Entry> entries() {
      return entries;
    }

    /// Notes of live entries.
    public TreeMap<Long, byte[]> notes() {
      return notes;
    }

    public long next() {
      return next;
    }

    public long dispatchMark() {
      return dispatchMark;
    }
  }

  /// What is read at once: little, so that reading goes on in the middle of pages and records.
  private static final int READ_BYTES = 3_000;

  private static final int READ_COUNT = 50;

  private final TreeMap<Long, LogState> logs = new TreeMap<>();
  private final TreeMap<String, byte[]> definitions = new TreeMap<>();

  /// The sum of the mixed hashes of everything below.
  private long fingerprint;

  public TreeMap<Long, LogState> logs() {
    return logs;
  }

  public TreeMap<String, byte[]> definitions() {
    return definitions;
  }

  long fingerprint() {
    return fingerprint;
  }

  public long liveEntries() {
    return logs.values().stream().mapToLong(log -> log.entries.size()).sum();
  }

  /// Reads all that a store holds. Its reader has to be an executor that runs tasks at once.
  ///
  /// @throws IllegalStateException when an entry cannot be read: the store has told its listener
  ///   why
  public static StoreState of(Store store) {
    StoreState state = new StoreState();
    store.definitions().forEach(state::put);
    for (Log log : store.logs()) {
      state.create(log.id());
      for (long from = log.low(); from < log.next(); ) {
        from = state.readSome(store, log, from);
      }
      LogState read = state.log(log.id());
      state.fingerprint -= mix(log.id(), read);
      read.next = log.next();
      read.dispatchMark = log.dispatchMark();
      state.fingerprint += mix(log.id(), read);
      for (long sequence : read.entries.keySet()) {
        byte[] note = log.note(sequence);
        if (note != null) {
          state.note(log.id(), sequence, note);
        }
      }
    }
    return state;
  }

  /// Returns where to go on.
  private long readSome(Store store, Log log, long from) {
    long[] next = {log.next()};
    store.fetch(
        log,
        from,
        log.next(),
        READ_BYTES,
        READ_COUNT,
        entries -> {
          for (FetchedEntry entry : entries) {
            long sequence = entry.sequence();
            if (log.isLive(sequence)) {
              boolean flagged = log.mayHaveBeenDelivered(sequence, entry.offered());
              enter(log.id(), sequence, new Entry(entry.header(), entry.body(), flagged));
            }
            next[0] = sequence + 1;
          }
        });
    if (!store.handOverFetched()) {
      throw new IllegalStateException("entries of log " + log.id() + " could not be read");
    }
    return next[0];
  }

  void create(long id) {
    LogState log = new LogState();
    if (logs.putIfAbsent(id, log) != null) {
      throw new AssertionError("log " + id + " is there twice");
    }
    fingerprint += mix(id, log);
  }

  void delete(long id) {
    LogState log = log(id);
    log.entries.forEach((sequence, entry) -> fingerprint -= mix(id, sequence, entry));
    log.notes.forEach((sequence, note) -> fingerprint -= mix(id, sequence, note));
    fingerprint -= mix(id, log);
    logs.remove(id);
  }

  void append(long id, long sequence, Entry entry) {
    LogState log = log(id);
    if (sequence != log.next) {
      throw new AssertionError("entry " + sequence + " of log " + id + ", not " + log.next);
    }
    fingerprint -= mix(id, log);
    log.next++;
    fingerprint += mix(id, log);
    enter(id, sequence, entry);
  }

  private void enter(long id, long sequence, Entry entry) {
    if (log(id).entries.put(sequence, entry) != null) {
      throw new AssertionError("entry " + sequence + " of log " + id + " is there twice");
    }
    fingerprint += mix(id, sequence, entry);
  }

  void settle(long id, long first, long count) {
    for (long sequence = first; sequence < first + count; sequence++) {
      Entry entry = log(id).entries.remove(sequence);
      if (entry == null) {
        throw new AssertionError("entry " + sequence + " of log " + id + " is not there to settle");
      }
      fingerprint -= mix(id, sequence, entry);
      removeNote(id, sequence);
    }
  }

  /// Settles all that is live below a sequence.
  void trim(long id, long upTo) {
    for (long sequence : List.copyOf(log(id).entries.headMap(upTo).keySet())) {
      settle(id, sequence, 1);
    }
  }

  /// A note of an entry that is not live is nothing.
  void note(long id, long sequence, byte[] note) {
    if (log(id).entries.containsKey(sequence)) {
      removeNote(id, sequence);
      log(id).notes.put(sequence, note);
      fingerprint += mix(id, sequence, note);
    }
  }

  private void removeNote(long id, long sequence) {
    byte[] old = log(id).notes.remove(sequence);
    if (old != null) {
      fingerprint -= mix(id, sequence, old);
    }
  }

  void dispatched(long id, long upTo) {
    LogState log = log(id);
    fingerprint -= mix(id, log);
    log.dispatchMark = Math.max(log.dispatchMark, upTo);
    fingerprint += mix(id, log);
  }

  void put(String key, byte[] value) {
    remove(key);
    definitions.put(key, value);
    fingerprint += mix(key, value);
  }

  void remove(String key) {
    byte[] old = definitions.remove(key);
    if (old != null) {
      fingerprint -= mix(key, old);
    }
  }

  LogState log(long id) {
    LogState log = logs.get(id);
    if (log == null) {
      throw new AssertionError("there is no log " + id);
    }
    return log;
  }

  StoreState copy() {
    StoreState copy = new StoreState();
    copy.definitions.putAll(definitions);
    copy.fingerprint = fingerprint;
    logs.forEach((id, log) -> {
      LogState other = new LogState();
      other.entries.putAll(log.entries);
      other.notes.putAll(log.notes);
      other.next = log.next;
      other.dispatchMark = log.dispatchMark;
      copy.logs.put(id, other);
    });
    return copy;
  }

  /// Where a recovered state is not this one, byte for byte; empty if it is. An entry that may have
  /// been delivered must say so; one that says so needlessly is no difference.
  public List<String> differences(StoreState recovered) {
    List<String> all = new ArrayList<>();
    differences(definitions, recovered.definitions, Arrays::equals, "definition", all);
    differences(logs, recovered.logs, (a, b) -> true, "log", all);
    logs.forEach((id, log) -> {
      LogState other = recovered.logs.get(id);
      if (other == null) {
        return;
      }
      if (log.next != other.next || log.dispatchMark != other.dispatchMark) {
        all.add("log " + id + " goes on at " + other.next + ", not " + log.next);
      }
      differences(
          log.entries,
          other.entries,
          (a, b) -> Arrays.equals(a.header, b.header) && Arrays.equals(a.body, b.body),
          "log " + id + " entry",
          all);
      differences(log.notes, other.notes, Arrays::equals, "log " + id + " note of entry", all);
      log.entries.forEach((sequence, entry) -> {
        Entry found = other.entries.get(sequence);
        boolean delivered = entry.flagged || sequence < log.dispatchMark;
        if (found != null && delivered && !found.flagged) {
          all.add("log " + id + " entry " + sequence + " was delivered and is not flagged");
        }
      });
    });
    return all;
  }

  private interface Same<V> {
    boolean same(V a, V b);
  }

  private static <K, V> void differences(
      Map<K, V> expected, Map<K, V> found, Same<V> same, String what, List<String> all) {
    expected.forEach((key, value) -> {
      V other = found.get(key);
      if (other == null) {
        all.add(what + " " + key + " is lost");
      } else if (!same.same(value, other)) {
        all.add(what + " " + key + " has other bytes");
      }
    });
    for (K key : found.keySet()) {
      if (!expected.containsKey(key)) {
        all.add(what + " " + key + " is a phantom");
      }
    }
  }

  private static long hashOf(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return crc.getValue() ^ (long) bytes.length << 32;
  }

  private static long mix(long id, LogState log) {
    return mixed(mixed(mixed(id) + log.next) + log.dispatchMark);
  }

  private static long mix(long id, long sequence, Entry entry) {
    return mixed(mixed(mixed(id + 7) + sequence) + entry.hash);
  }

  private static long mix(long id, long sequence, byte[] note) {
    return mixed(mixed(mixed(id + 13) + sequence) + hashOf(note));
  }

  private static long mix(String key, byte[] value) {
    return mixed(hashOf(key.getBytes(StandardCharsets.UTF_8)) * 17 + mixed(hashOf(value)));
  }

  private static long mixed(long value) {
    long z = (value + 0x9e3779b97f4a7c15L) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 31) * 0x94d049bb133111ebL;
    return z ^ z >>> 29;
  }
}
