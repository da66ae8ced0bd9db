package holdfast.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Deliveries by tag, against a tree.
class UnsettledTest {
  private static Entry entry() {
    return new Entry(null, null, Entry.NOT_LOGGED, true);
  }

  @Test
  void isATreeOfTags() {
    Seeded.forEach(
        60,
        dice -> {
          Unsettled unsettled = new Unsettled();
          TreeMap<Long, Entry> model = new TreeMap<>();
          long next = 1;
          int heldMax = 1 << dice.nextInt(13);
          for (int step = 0; step < 8000; step++) {
            int roll = dice.nextInt(8);
            if (roll == 0) {
              assertThat(unsettled.skip()).isEqualTo(next++);
            } else if (roll < 5 && model.size() < heldMax) {
              Entry added = entry();
              assertThat(unsettled.add(added)).isEqualTo(next);
              model.put(next++, added);
            } else if (!model.isEmpty()) {
              // Mostly the newest: the oldest stay, and the tags run away from them.
              long tag =
                  roll == 5
                      ? model.firstKey()
                      : roll == 6 ? next - 1 - dice.nextInt(9) : model.lastKey();
              assertThat(unsettled.contains(tag)).isEqualTo(model.containsKey(tag));
              assertThat(unsettled.remove(tag)).isSameAs(model.remove(tag));
            }
            long first = model.isEmpty() ? next : model.firstKey();
            boolean same =
                unsettled.count() == model.size()
                    && unsettled.next() == next
                    && unsettled.first() == first;
            assertThat(same).as("counts in step %d", step).isTrue();
          }
          for (long tag : List.copyOf(model.keySet())) {
            assertThat(unsettled.first()).isEqualTo(tag);
            assertThat(unsettled.remove(tag)).isSameAs(model.remove(tag));
          }
          assertThat(unsettled.first()).isEqualTo(next);
        });
  }

  @Test
  void oneForgottenDeliveryDoesNotMakeItGrow() {
    Unsettled unsettled = new Unsettled();
    Entry forgotten = entry();
    unsettled.add(forgotten);
    for (int i = 0; i < 1_000_000; i++) {
      unsettled.remove(unsettled.add(entry()));
      unsettled.skip();
    }
    assertThat(unsettled.capacity()).isLessThanOrEqualTo(2048);
    assertThat(unsettled.first()).isEqualTo(1);
    assertThat(unsettled.remove(1)).isSameAs(forgotten);
    assertThat(unsettled.count()).isZero();
  }

  @Test
  void knowsNoTagThatWasNeverGiven() {
    Unsettled unsettled = new Unsettled();
    unsettled.add(entry());
    for (long tag : new long[] {0, -1, 2, Long.MAX_VALUE, Long.MIN_VALUE}) {
      assertThat(unsettled.contains(tag)).isFalse();
      assertThat(unsettled.remove(tag)).isNull();
    }
  }
}
