package holdfast.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Topic patterns, against a matcher that tries everything one after the other.
class TopicTrieTest {
  private static final String[] WORDS = {"a", "b", "", "*", "#", "ab"};

  private static Binding binding(String pattern) {
    return new Binding(null, null, pattern, Arguments.NONE);
  }

  private static Set<String> matches(TopicTrie trie, String key) {
    List<String> found = new ArrayList<>();
    trie.match(key, Long.MAX_VALUE, binding -> found.add(binding.key()));
    assertThat(found).as("each once").doesNotHaveDuplicates();
    return new TreeSet<>(found);
  }

  private static long steps(TopicTrie trie, String key) {
    return trie.match(key, Long.MAX_VALUE, binding -> {});
  }

  private static List<String> words(String text) {
    return text.isEmpty() ? List.of() : List.of(text.split("\\.", -1));
  }

  private static boolean naive(List<String> pattern, List<String> key) {
    if (pattern.isEmpty()) {
      return key.isEmpty();
    }
    List<String> rest = pattern.subList(1, pattern.size());
    if (pattern.getFirst().equals("#")) {
      for (int i = 0; i <= key.size(); i++) {
        if (naive(rest, key.subList(i, key.size()))) {
          return true;
        }
      }
      return false;
    }
    return !key.isEmpty()
        && (pattern.getFirst().equals("*") || pattern.getFirst().equals(key.getFirst()))
        && naive(rest, key.subList(1, key.size()));
  }

  @ParameterizedTest
  @CsvSource({
    "a.b, a.b, true",
    "a.b, a.c, false",
    "a.*, a.b, true",
    "a.*, a, false",
    "a.*, a.b.c, false",
    "a.#, a, true",
    "a.#, a.b.c, true",
    "#, '', true",
    "#, a.b, true",
    "*, '', false",
    "'', '', true",
    "'', a, false",
    "#.b, b, true",
    "#.b, a.a.b, true",
    "#.b, b.a, false",
    "*.#.*, a, false",
    "*.#.*, a.b, true",
    "a..b, a..b, true",
    "a.*.b, a..b, true",
    "*.*, a., true",
    "#.#, a, true",
    "*, *, true",
    "a, *, false",
    "#, #.a, true",
  })
  void matchesAsTheFieldHasIt(String pattern, String key, boolean expected) {
    TopicTrie trie = new TopicTrie();
    trie.add(binding(pattern));
    assertThat(matches(trie, key).contains(pattern)).isEqualTo(expected);
  }

  @Test
  void agreesWithAMatcherThatTriesEverything() {
    Seeded.forEach(
        300,
        dice -> {
          TopicTrie trie = new TopicTrie();
          Set<String> bound = new HashSet<>();
          for (int step = 0; step < 60; step++) {
            String pattern = text(dice);
            if (bound.remove(pattern)) {
              trie.remove(binding(pattern));
            } else {
              bound.add(pattern);
              trie.add(binding(pattern));
            }
            String key = text(dice);
            Set<String> expected = new TreeSet<>();
            bound.stream().filter(p -> naive(words(p), words(key))).forEach(expected::add);
            assertThat(matches(trie, key)).as("key '%s' of %s", key, bound).isEqualTo(expected);
          }
        });
  }

  private static String text(SplittableRandom dice) {
    List<String> words = new ArrayList<>();
    for (int n = dice.nextInt(6); n > 0; n--) {
      words.add(WORDS[dice.nextInt(WORDS.length)]);
    }
    return String.join(".", words);
  }

  @Test
  void forgetsWhatIsRemoved() {
    TopicTrie trie = new TopicTrie();
    trie.add(binding("a.#.b"));
    trie.add(binding("a.#"));
    trie.remove(binding("a.#.b"));
    trie.remove(binding("never.there"));
    assertThat(matches(trie, "a.x.b")).containsExactly("a.#");
    trie.remove(binding("a.#"));
    assertThat(matches(trie, "a.x.b")).isEmpty();
  }

  /// A place is stood at no more than once a word: words times nodes, whatever the patterns are.
  @Test
  void theWorkIsAtMostWordsTimesNodes() {
    String dots = ".".repeat(254);
    for (String pattern :
        List.of(
            "#.".repeat(127) + "#",
            "*.#.".repeat(63) + "*.#",
            "#.*.".repeat(63) + "#",
            "#.a.".repeat(63) + "b",
            dots)) {
      TopicTrie trie = new TopicTrie();
      trie.add(binding(pattern));
      long nodes = words(pattern).size() + 1L;
      for (String key : List.of(dots, "a.".repeat(127) + "a", "a")) {
        assertThat(steps(trie, key))
            .as("%s against %s", key, pattern)
            .isPositive()
            .isLessThanOrEqualTo((words(key).size() + 1L) * nodes);
      }
    }
  }

  /// Of many patterns only those are walked that the words so far agree with.
  @Test
  void manyPatternsThatHaveNothingToDoWithAKeyCostNothing() {
    TopicTrie trie = new TopicTrie();
    for (int i = 0; i < 100_000; i++) {
      trie.add(binding("area" + i + ".#.sensor.*"));
    }
    assertThat(matches(trie, "area7.x.y.sensor.z")).containsExactly("area7.#.sensor.*");
    assertThat(steps(trie, "area7.x.y.sensor.z")).isLessThan(20);
  }

  /// Every word of the key is a step for every node of these patterns.
  @Test
  void aMatchIsGivenUpWhenItTakesTooLong() {
    TopicTrie trie = new TopicTrie();
    Seeded.forEach(
        1,
        dice -> {
          String[] hostile = {"a", "*", "#"};
          for (int i = 0; i < 2_000; i++) {
            List<String> pattern = new ArrayList<>();
            for (int n = 0; n < 20; n++) {
              pattern.add(hostile[dice.nextInt(hostile.length)]);
            }
            trie.add(binding(String.join(".", pattern)));
          }
        });
    String key = "a.".repeat(127) + "a";
    long needed = steps(trie, key);
    assertThat(needed).isGreaterThan(Limits.TOPIC_STEPS_MAX);
    List<Binding> found = new ArrayList<>();
    long taken = trie.match(key, 100_000, found::add);
    assertThat(taken).isBetween(100_001L, needed / 2);
    assertThat(found).isEmpty();
  }

  /// Trying the ways that each `#` can stretch would take some 10^30 steps here.
  @Test
  void manyHashesTakeNoLonger() {
    TopicTrie trie = new TopicTrie();
    String pattern = "#.a.".repeat(60) + "b";
    trie.add(binding(pattern));
    trie.add(binding("#." + "*.#.".repeat(60) + "*"));
    String key = "a.".repeat(120) + "c";
    assertTimeoutPreemptively(
        Duration.ofSeconds(10),
        () -> {
          for (int i = 0; i < 100; i++) {
            assertThat(matches(trie, key)).hasSize(1).doesNotContain(pattern);
          }
        });
  }
}
