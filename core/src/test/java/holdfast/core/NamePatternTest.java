package holdfast.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Expressions are found anywhere, and always end.
class NamePatternTest {
  @ParameterizedTest
  @CsvSource({
    "'', '', true",
    "'', a, false",
    ".*, '', true",
    "q, my-queue, true",
    "^q, my-queue, false",
    "^amq\\., amq.topic, true",
    "^(a|b)$, b, true",
    "^(a|b)$, ab, false",
  })
  void isFoundAnywhereUnlessAnchored(String regex, String name, boolean found) {
    assertThat(new NamePattern(regex).isFoundIn(name)).isEqualTo(found);
  }

  @Test
  void aSearchThatWouldTakeForEverFindsNothing() {
    String hostile = "a".repeat(254) + "!";
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(5),
        () -> {
          assertThat(new NamePattern("^(a+)+$").isFoundIn(hostile)).isFalse();
          assertThat(new NamePattern("^((a|a)*)*$").isFoundIn(hostile)).isFalse();
          assertThat(new NamePattern("^(.*a){20}b$").isFoundIn(hostile)).isFalse();
        });
    assertThat(new NamePattern("^(a+)+$").isFoundIn("a".repeat(255))).isTrue();
  }

  @Test
  void whatIsNoExpressionIsToldWithItsPlace() {
    assertThat(NamePattern.problem("a(b")).contains("Unclosed group");
    assertThat(NamePattern.problem("[")).isNotNull();
    assertThat(NamePattern.problem("a".repeat(1025))).contains("longer than 1024");
    assertThat(NamePattern.problem("a".repeat(1024))).isNull();
  }
}
