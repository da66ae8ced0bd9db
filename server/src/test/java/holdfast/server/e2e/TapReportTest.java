package holdfast.server.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

class TapReportTest {
  private static final String PRINTED =
      """
      TAP version 13
      # about to begin
      ok 1 - this is fine
      not ok 2 - that is not
        ---
        error: 'expected 1'
      ok 3 - another # SKIP too old
      1..3
      """;

  private static List<DynamicTest> tests(String printed, int exitCode) {
    return TapReport.read(printed).tests(exitCode, printed).toList();
  }

  @Test
  void everyResultIsATestOfItsNameAndTheEndIsOneMore() {
    assertThat(tests(PRINTED, 1))
        .extracting(DynamicTest::getDisplayName)
        .containsExactly("this is fine", "that is not", "another", "the program ran all its tests");
  }

  @Test
  void resultsAreJudgedAndFailuresTellTheirComment() throws Throwable {
    List<DynamicTest> tests = tests(PRINTED, 1);
    tests.get(0).getExecutable().execute();
    assertThatThrownBy(() -> tests.get(1).getExecutable().execute())
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("error: 'expected 1'");
    assertThatThrownBy(() -> tests.get(2).getExecutable().execute())
        .isInstanceOf(TestAbortedException.class)
        .hasMessageContaining("too old");
    tests.get(3).getExecutable().execute();
  }

  @Test
  void aMissingResultAMissingPlanAndAWrongExitCodeAreNoticed() {
    for (List<DynamicTest> tests :
        List.of(
            tests(PRINTED.replace("1..3", "1..4"), 1),
            tests(PRINTED.replace("1..3", ""), 1),
            tests(PRINTED, 0),
            tests("ok 1 - a\n1..1\n", 1),
            tests("Traceback", 1))) {
      assertThatThrownBy(() -> tests.getLast().getExecutable().execute())
          .isInstanceOf(AssertionError.class);
    }
  }
}
