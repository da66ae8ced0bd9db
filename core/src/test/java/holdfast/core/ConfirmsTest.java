package holdfast.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// In which words confirms are said, against a set of tags.
class ConfirmsTest {
  private static List<String> say(Confirms confirms) {
    List<String> said = new ArrayList<>();
    confirms.say((tag, multiple) -> said.add((multiple ? "<=" : "") + tag));
    return said;
  }

  @Test
  void speaksForManyWithOneWord() {
    Confirms confirms = new Confirms();
    for (int i = 0; i < 3; i++) {
      confirms.confirm(confirms.take());
    }
    assertThat(say(confirms)).containsExactly("<=3");
    assertThat(say(confirms)).isEmpty();
    assertThat(confirms.hasNews()).isFalse();
  }

  @Test
  void singlesOutWhatIsSafeBehindAGap() {
    Confirms confirms = new Confirms();
    for (int i = 0; i < 4; i++) {
      confirms.take();
    }
    confirms.confirm(2);
    confirms.confirm(4);
    assertThat(say(confirms)).containsExactly("2", "4");
    confirms.confirm(1);
    assertThat(say(confirms)).containsExactly("<=2");
    confirms.confirm(3);
    assertThat(say(confirms)).containsExactly("<=4");
  }

  @Test
  void neverSpeaksForARefusedPublishAlone() {
    Confirms confirms = new Confirms();
    for (int i = 0; i < 6; i++) {
      confirms.take();
    }
    confirms.refuse(1);
    assertThat(say(confirms)).isEmpty();
    confirms.refuse(3);
    confirms.confirm(2);
    assertThat(say(confirms)).containsExactly("2");
    confirms.confirm(4);
    confirms.refuse(6);
    confirms.confirm(5);
    assertThat(say(confirms)).containsExactly("<=5");
    assertThat(say(confirms)).isEmpty();
  }

  @Test
  void keepsNothingOfPublishesThatAreAllRefused() {
    Confirms confirms = new Confirms();
    for (int i = 0; i < 100_000; i++) {
      confirms.refuse(confirms.take());
    }
    assertThat(confirms.capacity()).isLessThanOrEqualTo(16 * 64);
  }

  @Test
  void saysEveryTagAndNeverSpeaksForOneThatIsNotSafe() {
    Seeded.forEach(
        60,
        dice -> {
          Confirms confirms = new Confirms();
          List<Long> open = new ArrayList<>();
          Set<Long> safe = new HashSet<>();
          Set<Long> said = new HashSet<>();
          long[] spokenFor = {0};
          // Now and then the oldest stays open for long, so that the ring must grow.
          int inOrder = dice.nextInt(3);
          for (int step = 0; step < 3000; step++) {
            int roll = dice.nextInt(10);
            if (roll < 5) {
              open.add(confirms.take());
            } else if (roll < 9 && !open.isEmpty()) {
              int which =
                  switch (inOrder) {
                    case 0 -> 0;
                    case 1 -> dice.nextInt(open.size());
                    default -> open.size() - 1;
                  };
              long tag = open.remove(which);
              safe.add(tag);
              confirms.confirm(tag);
            } else {
              say(confirms, safe, said, spokenFor);
            }
          }
          open.forEach(confirms::confirm);
          safe.addAll(open);
          say(confirms, safe, said, spokenFor);
          assertThat(said).isEqualTo(safe);
          assertThat(confirms.take()).isEqualTo(safe.size() + 1L);
        });
  }

  /// `spokenFor` is the highest tag up to which all have been said in one word.
  private static void say(Confirms confirms, Set<Long> safe, Set<Long> said, long[] spokenFor) {
    confirms.say((tag, multiple) -> {
      for (long t = multiple ? spokenFor[0] + 1 : tag; t <= tag; t++) {
        if (!safe.contains(t)) {
          throw new AssertionError("the word for " + tag + " speaks for " + t);
        }
        if (!said.add(t) && !multiple) {
          throw new AssertionError(tag + " is said by itself a second time");
        }
      }
      spokenFor[0] = multiple ? tag : spokenFor[0];
    });
    if (said.size() != safe.size()) {
      throw new AssertionError(said.size() + " of " + safe.size() + " safe tags are said");
    }
  }
}
