package holdfast.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
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
    JournalFront.Place place = new JournalFront.Place(3, 4, 5);
    CheckpointHead head =
        new CheckpointHead(new JournalId(1, 2), 6, 0, 7, 1, place, fold.nextLogId());
    CheckpointBuilder builder = new CheckpointBuilder(fold, head);
    while (!builder.step(place)) {
      assertThat(fold.logs().size() + fold.definitions().size()).isPositive();
    }
    byte[] bytes = builder.toBytes();
    Checkpoint read = Checkpoint.read(6, number -> bytes);
    assertThat(read.head()).isEqualTo(head);
    assertThat(read.complete()).isEqualTo(new JournalFront.Place(0, 4, 5));
    // What lies in the journal is found by replay: here it is told.
    for (Log log : fold.allLogs()) {
      for (long s = log.nextLive(log.tail().first()); s < log.next(); s = log.nextLive(s + 1)) {
        read.fold().found(read.fold().logs().get(log.id()), s, log.tail().get(s), null);
      }
    }
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
      a.delete(a.logs().get(id));
      b.delete(b.logs().get(id));
    } else if (roll < 50) {
      long address = Address.of(generation, 8L * dice.nextInt(1000));
      a.append(a.logs().get(id), address, null);
      b.append(b.logs().get(id), address, null);
    } else if (roll < 54) {
      String key = "key" + dice.nextInt(5);
      byte[] value = dice.nextBoolean() ? new byte[] {(byte) roll} : null;
      a.define(key, value);
      b.define(key, value);
    } else if (roll < 56) {
      long upTo = dice.nextInt(500);
      a.logs().get(id).markDispatched(upTo);
      b.logs().get(id).markDispatched(upTo);
    } else if (roll < 57) {
      long upTo = a.logs().get(id).low() + dice.nextInt(20);
      a.trim(a.logs().get(id), upTo);
      b.trim(b.logs().get(id), upTo);
    } else if (roll < 60) {
      long noted = dice.nextInt(200);
      a.note(a.logs().get(id), noted, new byte[] {(byte) roll});
      b.note(b.logs().get(id), noted, new byte[] {(byte) roll});
    } else {
      Log log = a.logs().get(id);
      long sequence = log.nextLive(log.low() + dice.nextInt(6));
      long count = log.liveRunEnd(sequence, 1 + dice.nextInt(9)) - sequence;
      if (count > 0) {
        a.settle(log, sequence, count);
        b.settle(b.logs().get(id), sequence, count);
      }
    }
  }

  private static void requireSame(long seed, Fold a, Fold b) {
    assertThat(b.logs().keySet()).as("seed %d", seed).isEqualTo(a.logs().keySet());
    assertThat(b.definitions().keySet()).as("seed %d", seed).isEqualTo(a.definitions().keySet());
    assertThat(b.oldestNeeded(99)).as("seed %d", seed).isEqualTo(a.oldestNeeded(99));
    for (Log log : a.logs().values()) {
      Log other = b.logs().get(log.id());
      assertThat(other.next()).as("seed %d", seed).isEqualTo(log.next());
      assertThat(other.live()).as("seed %d", seed).isEqualTo(log.live());
      assertThat(other.notes().keySet()).as("seed %d", seed).isEqualTo(log.notes().keySet());
      assertThat(other.dispatchMark()).as("seed %d", seed).isEqualTo(log.dispatchMark());
      for (long sequence = 0; sequence < log.next() + 3; sequence++) {
        assertThat(other.isLive(sequence))
            .as("seed %d, entry %d", seed, sequence)
            .isEqualTo(log.isLive(sequence));
      }
    }
  }
}
