package holdfast.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class FoldTest {
  /// The fold is pure: with a checkpoint written and read anywhere in between, the same operations
  /// add up to the same state.
  @Test
  void aCheckpointInBetweenChangesNothing() throws Exception {
    for (long seed = 1; seed <= 60; seed++) {
      Fold plain = new Fold();
      Fold checkpointed = new Fold();
      SplittableRandom dice = new SplittableRandom(seed);
      long generation = 1;
      for (int i = 0; i < 1_500; i++) {
        if (dice.nextInt(60) == 0) {
          generation++;
        }
        if (dice.nextInt(90) == 0) {
          checkpointed = throughACheckpoint(checkpointed);
        }
        step(dice, generation, plain, checkpointed);
      }
      requireSame(seed, plain, checkpointed);
    }
  }

  private static Fold throughACheckpoint(Fold fold) throws Exception {
    Journal.Place place = new Journal.Place(3, 4, 5);
    JournalId id = new JournalId(1, 2);
    byte[] bytes = Checkpoint.encode(id, 6, 7, place, new TreeMap<>(), fold);
    Checkpoint read = Checkpoint.decode(bytes, "checkpoint");
    assertThat(read.place()).isEqualTo(place);
    assertThat(read.journalId()).isEqualTo(id);
    assertThat(read.number()).isEqualTo(6);
    assertThat(read.epoch()).isEqualTo(7);
    return read.fold();
  }

  private static void step(SplittableRandom dice, long generation, Fold a, Fold b) {
    List<Long> ids = new ArrayList<>(a.logs().keySet());
    int roll = dice.nextInt(100);
    long id = ids.isEmpty() ? 0 : ids.get(dice.nextInt(ids.size()));
    if (ids.isEmpty() || roll < 3 && ids.size() < 5) {
      assertThat(b.nextLogId()).isEqualTo(a.nextLogId());
      long created = a.nextLogId();
      a.create(created);
      b.create(created);
    } else if (roll < 4) {
      a.delete(id);
      b.delete(id);
    } else if (roll < 50) {
      long from = Math.max(1, generation - dice.nextInt(3));
      a.append(id, from, generation);
      b.append(id, from, generation);
    } else if (roll < 54) {
      String key = "key" + dice.nextInt(5);
      byte[] value = dice.nextBoolean() ? new byte[] {(byte) roll} : null;
      a.define(key, value);
      b.define(key, value);
    } else if (roll < 56) {
      long upTo = dice.nextInt(500);
      a.dispatched(id, upTo);
      b.dispatched(id, upTo);
    } else {
      Log log = a.logs().get(id);
      long sequence = log.low() + dice.nextInt(6);
      if (log.isLive(sequence)) {
        a.settle(id, sequence, 1);
        b.settle(id, sequence, 1);
      }
    }
  }

  private static void requireSame(long seed, Fold a, Fold b) {
    assertThat(b.logs().keySet()).as("seed %d", seed).isEqualTo(a.logs().keySet());
    assertThat(b.definitions().keySet()).as("seed %d", seed).isEqualTo(a.definitions().keySet());
    assertThat(b.liveSegments()).as("seed %d", seed).isEqualTo(a.liveSegments());
    for (Log log : a.logs().values()) {
      Log other = b.logs().get(log.id());
      assertThat(other.next()).as("seed %d", seed).isEqualTo(log.next());
      assertThat(other.live()).as("seed %d", seed).isEqualTo(log.live());
      assertThat(other.dispatchMark()).as("seed %d", seed).isEqualTo(log.dispatchMark());
      for (long sequence = 0; sequence < log.next() + 3; sequence++) {
        assertThat(other.isLive(sequence))
            .as("seed %d, entry %d", seed, sequence)
            .isEqualTo(log.isLive(sequence));
      }
    }
  }
}
