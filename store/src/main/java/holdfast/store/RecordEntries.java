package holdfast.store;

import java.nio.ByteBuffer;
import java.util.Arrays;

/// Where the entries of one record stand in it, found by log and sequence: a large batch has ten
/// thousand of them, of any number of logs, and each is looked for by itself. Reused from one
/// record to the next; for one thread.
final class RecordEntries implements OperationLayout.Reader {
  private static final int FIRST = 4;

  private ByteBuffer payload = ByteBuffer.allocate(0);

  // One element an append.
  private int entries;
  private int[] headerAt = new int[FIRST];
  private int[] headerLength = new int[FIRST];
  private int[] bodyAt = new int[FIRST];
  private long[] bodyLength = new long[FIRST];
  private long[] bodyId = new long[FIRST];
  private int[] targets = new int[FIRST];

  // One element for each log that an append goes to.
  private int count;
  private long[] logs = new long[FIRST];
  private long[] sequences = new long[FIRST];
  private int[] entryOf = new int[FIRST];
  private boolean[] offered = new boolean[FIRST];

  /// Indexes of these by log and sequence, plus one; at most half of the first `mask + 1` are
  /// taken.
  private int[] slots = new int[2 * FIRST];

  private int mask;

  /// Takes a record's entries; the payload has to stay as it is for as long as they are asked for.
  void read(ByteBuffer payload, OperationLayout.Scan scan) throws CorruptionException {
    this.payload = payload;
    entries = 0;
    count = 0;
    scan.read(payload.duplicate(), this);
    int size = Integer.highestOneBit(Math.max(count, 1)) * 4;
    if (slots.length < size) {
      slots = new int[size];
    } else {
      Arrays.fill(slots, 0, size, 0);
    }
    mask = size - 1;
    for (int i = 0; i < count; i++) {
      slots[slot(logs[i], sequences[i])] = i + 1;
    }
  }

  /// Index of an entry in a log; -1 if the record has none such.
  int find(long log, long sequence) {
    return slots[slot(log, sequence)] - 1;
  }

  private int slot(long log, long sequence) {
    long mixed = (log * 0x9e3779b97f4a7c15L + sequence) * 0xbf58476d1ce4e5b9L;
    int slot = (int) (mixed >>> 32) & mask;
    while (slots[slot] != 0) {
      int index = slots[slot] - 1;
      if (logs[index] == log && sequences[index] == sequence) {
        break;
      }
      slot = slot + 1 & mask;
    }
    return slot;
  }

  ByteBuffer payload() {
    return payload;
  }

  boolean offered(int index) {
    return offered[index];
  }

  /// What was appended under this index: the argument of all that follow.
  int entry(int index) {
    return entryOf[index];
  }

  int headerAt(int entry) {
    return headerAt[entry];
  }

  int headerLength(int entry) {
    return headerLength[entry];
  }

  /// Where the body stands in the payload; -1 if it stands in parts.
  int bodyAt(int entry) {
    return bodyAt[entry];
  }

  long bodyLength(int entry) {
    return bodyLength[entry];
  }

  long bodyId(int entry) {
    return bodyId[entry];
  }

  /// Logs that it was appended to at once.
  int targets(int entry) {
    return targets[entry];
  }

  @Override
  public void entry(OperationLayout.Entry entry) {
    if (entries == headerAt.length) {
      growEntries();
    }
    headerAt[entries] = entry.headerAt;
    headerLength[entries] = entry.headerLength;
    bodyAt[entries] = entry.bodyAt;
    bodyLength[entries] = entry.bodyLength;
    bodyId[entries] = entry.bodyId;
    targets[entries] = entry.targets;
    entries++;
  }

  @Override
  public void appended(long log, long sequence, boolean offered) {
    if (count == logs.length) {
      grow();
    }
    logs[count] = log;
    sequences[count] = sequence;
    entryOf[count] = entries - 1;
    this.offered[count] = offered;
    count++;
  }

  private void growEntries() {
    headerAt = Arrays.copyOf(headerAt, entries * 2);
    headerLength = Arrays.copyOf(headerLength, entries * 2);
    bodyAt = Arrays.copyOf(bodyAt, entries * 2);
    bodyLength = Arrays.copyOf(bodyLength, entries * 2);
    bodyId = Arrays.copyOf(bodyId, entries * 2);
    targets = Arrays.copyOf(targets, entries * 2);
  }

  private void grow() {
    logs = Arrays.copyOf(logs, count * 2);
    sequences = Arrays.copyOf(sequences, count * 2);
    entryOf = Arrays.copyOf(entryOf, count * 2);
    offered = Arrays.copyOf(offered, count * 2);
  }

  @Override
  public void createLog(long log) {}

  @Override
  public void deleteLog(long log) {}

  @Override
  public void settled(long log, long first, long count) {}

  @Override
  public void put(String key, byte[] value) {}

  @Override
  public void removed(String key) {}

  @Override
  public void dispatched(long log, long upTo) {}

  @Override
  public void trimmed(long log, long upTo) {}

  @Override
  public void noted(long log, long sequence, byte[] note) {}
}
