package holdfast.testkit;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/// The plain model of a store: every batch in its order, the state they add up to, and how many of
/// them are confirmed. After a crash it says whether what was recovered is the state after some
/// number of batches: the confirmed ones at least, and of the others a prefix, each whole.
public final class StoreModel {
  /// One change of a batch.
  public sealed interface Change {
    void applyTo(StoreState state);
  }

  public record Created(long log) implements Change {
    @Override
    public void applyTo(StoreState state) {
      state.create(log);
    }
  }

  public record Deleted(long log) implements Change {
    @Override
    public void applyTo(StoreState state) {
      state.delete(log);
    }
  }

  public record Appended(long log, long sequence, StoreState.Entry entry) implements Change {
    @Override
    public void applyTo(StoreState state) {
      state.append(log, sequence, entry);
    }
  }

  public record Settled(long log, long first, long count) implements Change {
    @Override
    public void applyTo(StoreState state) {
      state.settle(log, first, count);
    }
  }

  public record Trimmed(long log, long upTo) implements Change {
    @Override
    public void applyTo(StoreState state) {
      state.trim(log, upTo);
    }
  }

  public record Noted(long log, long sequence, byte[] note) implements Change {
    @Override
    public void applyTo(StoreState state) {
      state.note(log, sequence, note);
    }
  }

  public record Dispatched(long log, long upTo) implements Change {
    @Override
    public void applyTo(StoreState state) {
      state.dispatched(log, upTo);
    }
  }

  public record Put(String key, byte[] value) implements Change {
    @Override
    public void applyTo(StoreState state) {
      state.put(key, value);
    }
  }

  public record Removed(String key) implements Change {
    @Override
    public void applyTo(StoreState state) {
      state.remove(key);
    }
  }

  private record Batch(long position, List<Change> changes) {}

  /// Everything written so far.
  private StoreState current = new StoreState();

  /// What is confirmed: all but the batches below.
  private StoreState confirmed = new StoreState();

  private final ArrayDeque<Batch> unconfirmed = new ArrayDeque<>();

  /// The state that the store should hold in memory.
  public StoreState current() {
    return current;
  }

  /// Entries of a log below this are confirmed, and so are on disk.
  public long confirmedNext(long log) {
    StoreState.LogState state = confirmed.logs().get(log);
    return state == null ? 0 : state.next();
  }

  /// Takes over a batch that has been written at a position.
  public void written(long position, List<Change> changes) {
    Batch batch = new Batch(position, List.copyOf(changes));
    batch.changes.forEach(change -> change.applyTo(current));
    unconfirmed.add(batch);
  }

  /// Everything up to a position is on stable storage.
  public void confirmed(long durable) {
    while (!unconfirmed.isEmpty() && unconfirmed.peek().position <= durable) {
      applyNext();
    }
  }

  private void applyNext() {
    unconfirmed.remove().changes.forEach(change -> change.applyTo(confirmed));
  }

  /// Compares what was recovered, and goes on from there. Throws an [AssertionError] that tells
  /// what is lost, doubled or invented.
  public void recovered(StoreState found) {
    List<String> differences = confirmed.differences(found);
    int batches = unconfirmed.size();
    while (!differences.isEmpty() && !unconfirmed.isEmpty()) {
      applyNext();
      if (confirmed.fingerprint() == found.fingerprint()) {
        List<String> here = confirmed.differences(found);
        if (here.isEmpty()) {
          differences = here;
        }
      }
    }
    if (!differences.isEmpty()) {
      throw new AssertionError(
          "recovered what none of "
              + (batches + 1)
              + " allowed states is; from the confirmed one it differs in "
              + differences.size()
              + " places: "
              + new ArrayList<>(differences).subList(0, Math.min(8, differences.size())));
    }
    unconfirmed.clear();
    current = confirmed.copy();
  }

  /// Requires that everything written is there: after a clean stop.
  public void recoveredAll(StoreState found) {
    confirmed(Long.MAX_VALUE);
    recovered(found);
  }
}
