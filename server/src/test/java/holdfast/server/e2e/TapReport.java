package holdfast.server.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/// Reads what a test program of another language says of its tests in the Test Anything Protocol:
/// `ok` or `not ok`, a number and a name a line, the plan `1..N`, and whatever else as comment on
/// the result before it. Each result becomes a test of ours; that none is missing is one more.
final class TapReport {
  private static final Pattern RESULT =
      Pattern.compile("(not )?ok \\d+ - (.*?)(?: # SKIP\\b ?(.*))?");
  private static final Pattern PLAN = Pattern.compile("1\\.\\.(\\d+)");

  /// `skipped` is the reason, or null where the test ran.
  private record Result(boolean passed, String name, String skipped, StringBuilder comment) {}

  private final List<Result> results = new ArrayList<>();
  private int planned = -1;

  private TapReport() {}

  static TapReport read(String printed) {
    TapReport report = new TapReport();
    printed.lines().forEach(report::line);
    return report;
  }

  private void line(String line) {
    Matcher result = RESULT.matcher(line);
    Matcher plan = PLAN.matcher(line);
    if (result.matches()) {
      boolean passed = result.group(1) == null;
      results.add(new Result(passed, result.group(2), result.group(3), new StringBuilder()));
    } else if (plan.matches()) {
      planned = Integer.parseInt(plan.group(1));
    } else if (!results.isEmpty()) {
      results.getLast().comment.append(line).append('\n');
    }
  }

  /// One test for each result, and one for the program's own end with its exit code.
  Stream<DynamicTest> tests(int exitCode, String printed) {
    Stream<DynamicTest> each =
        results.stream().map(result -> DynamicTest.dynamicTest(result.name, () -> judge(result)));
    boolean failed = results.stream().anyMatch(result -> !result.passed);
    DynamicTest end =
        DynamicTest.dynamicTest(
            "the program ran all its tests",
            () -> {
              assertTrue(planned > 0, () -> "no plan was printed:\n" + printed);
              assertEquals(planned, results.size(), () -> "of the planned tests:\n" + printed);
              assertEquals(failed, exitCode != 0, () -> "exit code " + exitCode + "\n" + printed);
            });
    return Stream.concat(each, Stream.of(end));
  }

  private static void judge(Result result) {
    if (result.skipped != null) {
      abort(result.skipped);
    }
    if (!result.passed) {
      fail(result.name + "\n" + result.comment);
    }
  }
}
