package holdfast.store;

import static org.assertj.core.api.Assertions.assertThat;

import holdfast.store.LogSegment.Piece;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Moving an entry changes nothing that a reader could see, and the counts by which segments are
/// kept stay exact, whatever is settled while a move is under way.
class FoldMoveTest {
  private long segmentNumber;

  @Test
  void countsExactlyWhatIsLiveWhereverItLies() {
    for (long seed = 1; seed <= 300; seed++) {
      try {
        run(seed);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
      }
    }
  }

  private void run(long seed) {
    SplittableRandom dice = new SplittableRandom(seed);
    Fold fold = new Fold();
    Fold plain = new Fold();
    for (long id = 1; id <= 3; id++) {
      fold.create(id);
      plain.create(id);
    }
    long generation = 1;
    Planned planned = null;
    for (int i = 0; i < 1_200; i++) {
      generation += dice.nextInt(40) == 0 ? 1 : 0;
      long id = 1L + dice.nextInt(3);
      Log log = fold.logs().get(id);
      int roll = dice.nextInt(100);
      if (roll < 55) {
        long address = Address.of(generation, 8L * (i + 512));
        LargeParts parts = dice.nextInt(12) == 0 ? parts(dice, generation) : null;
        LargeParts others = parts == null ? null : copy(parts);
        fold.append(log, address, parts);
        plain.append(plain.logs().get(id), address, others);
      } else if (roll < 90) {
        long first = log.nextLive(log.low() + dice.nextInt(40));
        long most = dice.nextInt(6) == 0 ? 80 : 4;
        long count = log.liveRunEnd(first, 1 + dice.nextLong(most)) - first;
        if (count > 0) {
          fold.settle(log, first, count);
          plain.settle(plain.logs().get(id), first, count);
        }
      } else if (roll < 92) {
        long upTo = log.low() + dice.nextInt(30);
        fold.trim(log, upTo);
        plain.trim(plain.logs().get(id), upTo);
      } else if (planned == null) {
        planned = plan(log, dice);
      } else {
        finish(fold, planned);
        planned = null;
      }
      requireExact(fold);
    }
    for (Log log : fold.allLogs()) {
      Log other = plain.logs().get(log.id());
      assertThat(log.live()).isEqualTo(other.live());
      for (long s = 0; s < log.next(); s++) {
        assertThat(log.isLive(s)).isEqualTo(other.isLive(s));
      }
    }
  }

  private static LargeParts parts(SplittableRandom dice, long generation) {
    LargeParts parts = new LargeParts();
    long first = Math.max(1, generation - dice.nextInt(3));
    for (long g = first; g <= generation; g++) {
      parts.add(Address.of(g, 4096));
    }
    return parts;
  }

  private static LargeParts copy(LargeParts parts) {
    LargeParts copy = new LargeParts();
    for (long address : parts.addresses()) {
      copy.add(address);
    }
    return copy;
  }

  /// A move of one log's front, or of one of its pieces.
  private record Planned(long log, long first, long end, Piece old, List<Long> live) {}

  private static Planned plan(Log log, SplittableRandom dice) {
    if (!log.pieces().isEmpty() && dice.nextInt(3) == 0) {
      Piece old = log.pieces().get(dice.nextInt(log.pieces().size()));
      return new Planned(log.id(), old.first, old.end, old, live(log, old.first, old.end));
    }
    long first = log.tail().first();
    if (first == log.next()) {
      return null;
    }
    // Not only whole segments: an entry whose parts are old drags what lies before it along.
    long end = first + 1 + dice.nextLong(log.next() - first);
    return new Planned(log.id(), first, end, null, live(log, first, end));
  }

  private static List<Long> live(Log log, long first, long end) {
    List<Long> live = new ArrayList<>();
    for (long s = log.nextLive(first); s < end; s = log.nextLive(s + 1)) {
      live.add(s);
    }
    return live;
  }

  private void finish(Fold fold, Planned planned) {
    Log log = fold.logs().get(planned.log);
    List<Piece> pieces = new ArrayList<>();
    if (!planned.live.isEmpty()) {
      LogSegment segment = new LogSegment(++segmentNumber, 8192, 0);
      long total = planned.live.size();
      pieces.add(new Piece(segment, planned.first, planned.end, total, total * 100, 4096, 64));
    }
    if (planned.old == null) {
      fold.moved(log, planned.end, pieces);
    } else {
      fold.rewritten(log, planned.old, pieces);
    }
  }

  private static void requireExact(Fold fold) {
    long inSegments = 0;
    for (Log log : fold.allLogs()) {
      long inJournal = 0;
      for (Log.Run run : log.runs()) {
        assertThat(run.live).isBetween(0L, log.live());
        inJournal += run.live;
      }
      assertThat(inJournal).isEqualTo(Fold.liveIn(log, log.tail().first(), log.next()));
      long inPieces = 0;
      long before = 0;
      for (Piece piece : log.pieces()) {
        assertThat(piece.first).isGreaterThanOrEqualTo(before);
        assertThat(piece.live()).isEqualTo(Fold.liveIn(log, piece.first, piece.end)).isPositive();
        before = piece.end;
        inPieces += piece.live();
      }
      assertThat(before).isLessThanOrEqualTo(log.tail().first());
      assertThat(inJournal + inPieces).isEqualTo(log.live());
      inSegments += inPieces;
    }
    long counted = fold.segments().values().stream().mapToLong(LogSegment::live).sum();
    assertThat(counted).isEqualTo(inSegments);
    long generations = 0;
    for (Fold.Generation generation : fold.generations().values()) {
      assertThat(generation.live).isNotNegative();
      assertThat(generation.bodies).isNotNegative();
      generations += generation.live;
    }
    assertThat(generations + inSegments)
        .isEqualTo(fold.allLogs().stream().mapToLong(Log::live).sum());
  }
}
