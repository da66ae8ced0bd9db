package holdfast.testkit.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Plays the scripts in `scenarios/`: what the broker does, in words for anybody.
class ScenarioTest {
  private static final Path SCENARIOS =
      Path.of(System.getProperty("holdfast.home", "..")).resolve("scenarios");

  private static final String TITLE = "scenario: ";

  @TestFactory
  List<DynamicNode> scenarios() throws IOException {
    List<DynamicNode> files = new ArrayList<>();
    try (Stream<Path> found = Files.list(SCENARIOS)) {
      for (Path file : found.filter(f -> f.toString().endsWith(".txt")).sorted().toList()) {
        files.add(
            DynamicContainer.dynamicContainer(
                file.getFileName().toString(), scenarios(Files.readAllLines(file))));
      }
    }
    assertThat(files).isNotEmpty();
    return files;
  }

  private static List<DynamicTest> scenarios(List<String> lines) {
    List<DynamicTest> tests = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).startsWith(TITLE)) {
        int end = i + 1;
        while (end < lines.size() && !lines.get(end).startsWith(TITLE)) {
          end++;
        }
        List<String> script = lines.subList(i + 1, end);
        tests.add(
            DynamicTest.dynamicTest(
                lines.get(i).substring(TITLE.length()), () -> new ScenarioPlayer().play(script)));
      }
    }
    return tests;
  }

  @Test
  void aScriptThatExpectsSomethingElseFails() {
    List<String> script = List.of("client A: get q", "expect A: got nothing");
    assertThatThrownBy(() -> new ScenarioPlayer().play(script))
        .hasMessageContaining("instead came: error NOT_FOUND: no queue 'q' in vhost '/'");
  }

  @Test
  void aScriptThatLeavesSomethingUnsaidFails() {
    List<String> script = List.of("declare queue q", "client A: get q");
    assertThatThrownBy(() -> new ScenarioPlayer().play(script))
        .hasMessageContaining("A.1 was told: got nothing");
  }
}
