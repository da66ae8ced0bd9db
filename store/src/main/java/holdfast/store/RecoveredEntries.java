package holdfast.store;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The live entries that recovery met, by log, until the store's owner has taken them over.
final class RecoveredEntries {
  private final Map<Long, Slots> byLog = new HashMap<>();

  /// An entry's bytes.
  ///
  /// @param offered whether the log had somebody to hand it to when it was appended
  record Entry(byte[] header, byte[] body, boolean offered) {}

  /// A log's entries from the first live one on, with gaps where some are settled.
  private static final class Slots {
    private long base;
    private int settledInFront;
    private int count;
    private ArrayList<@Nullable Entry> slots = new ArrayList<>();

    void put(long sequence, Entry entry) {
      if (count == 0) {
        slots.clear();
        settledInFront = 0;
        base = sequence;
      }
      int index = (int) (sequence - base);
      while (slots.size() <= index) {
        slots.add(null);
      }
      if (slots.set(index, entry) == null) {
        count++;
      }
    }

    void remove(long sequence) {
      long index = sequence - base;
      if (index < 0 || index >= slots.size() || slots.set((int) index, null) == null) {
        return;
      }
      count--;
      while (settledInFront < slots.size() && slots.get(settledInFront) == null) {
        settledInFront++;
      }
      if (settledInFront > slots.size() / 2) {
        slots = new ArrayList<>(slots.subList(settledInFront, slots.size()));
        base += settledInFront;
        settledInFront = 0;
      }
    }
  }

  void put(long log, long sequence, Entry entry) {
    byLog.computeIfAbsent(log, id -> new Slots()).put(sequence, entry);
  }

  void remove(long log, long sequence) {
    Slots slots = byLog.get(log);
    if (slots != null) {
      slots.remove(sequence);
    }
  }

  void removeLog(long log) {
    byLog.remove(log);
  }

  /// Every entry that the fold counts as live must have been met.
  void requireAll(Fold fold) throws CorruptionException {
    List<String> missing = new ArrayList<>();
    for (Log log : fold.logs().values()) {
      Slots slots = byLog.get(log.id());
      long found = slots == null ? 0 : slots.count;
      if (found != log.live()) {
        missing.add("log " + log.id() + ": " + found + " of " + log.live());
      }
    }
    if (!missing.isEmpty()) {
      throw new CorruptionException("entries that were confirmed are missing: " + missing);
    }
  }

  /// Hands over a log's entries in order of sequence and forgets them.
  void drain(Log log, Store.EntryReader reader) {
    Slots slots = byLog.remove(log.id());
    if (slots == null) {
      return;
    }
    for (int i = 0; i < slots.slots.size(); i++) {
      Entry entry = slots.slots.get(i);
      if (entry != null) {
        long sequence = slots.base + i;
        boolean mayHaveBeenDelivered = entry.offered || sequence < log.dispatchMark();
        reader.entry(sequence, entry.header, entry.body, mayHaveBeenDelivered);
      }
    }
  }
}
