package holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// Keeps the tables of docs/configuration.md what the program does. After a change to [ConfigKeys]
/// or [ExitStatus] this writes them anew:
///
/// ```
/// ./mvnw -pl server -am test -Dtest=ConfigurationDocsTest \
///     -Dsurefire.failIfNoSpecifiedTests=false -Dholdfast.docs.write=true
/// ```
class ConfigurationDocsTest {
  private static final Path DOCS = TidyTest.HOME.resolve("docs/configuration.md");
  private static final String HOW =
      "docs/configuration.md is not what the program does; write it anew with\n"
          + "  ./mvnw -pl server -am test -Dtest=ConfigurationDocsTest"
          + " -Dsurefire.failIfNoSpecifiedTests=false -Dholdfast.docs.write=true";

  @Test
  void everyKeyAndExitStatusIsDocumentedAsItIs() throws IOException {
    String written = Files.readString(DOCS);
    String current = replace(replace(written, "keys", keys()), "exit statuses", exitStatuses());
    for (ConfigKey<?> key : ConfigKeys.ALL) {
      assertThat(current).as(HOW).contains("| `" + key.name() + "` |");
    }
    if (Boolean.getBoolean("holdfast.docs.write")) {
      Files.writeString(DOCS, current);
    } else {
      assertThat(written).as(HOW).isEqualTo(current);
    }
  }

  private static String keys() {
    StringBuilder table =
        new StringBuilder("| key | default | value | what it is |\n|---|---|---|---|\n");
    for (ConfigKey<?> key : ConfigKeys.ALL) {
      String fallback = key.defaultText().isEmpty() ? "" : "`" + key.defaultText() + "`";
      table.append("| `").append(key.name()).append("` | ").append(fallback);
      table.append(" | ").append(key.type().expected()).append(" | ").append(key.doc());
      table.append(" |\n");
    }
    return table.toString();
  }

  private static String exitStatuses() {
    StringBuilder table = new StringBuilder("| status | meaning |\n|---|---|\n");
    for (ExitStatus status : ExitStatus.values()) {
      table.append("| ").append(status.code()).append(" | ").append(status.meaning());
      table.append(" |\n");
    }
    return table.toString();
  }

  private static String replace(String text, String name, String table) {
    String begin = "<!-- " + name + ": written by ConfigurationDocsTest -->\n";
    String end = "<!-- end of " + name + " -->";
    int from = text.indexOf(begin);
    int to = text.indexOf(end);
    assertThat(from).as("the mark " + begin).isNotNegative();
    assertThat(to).as("the mark " + end).isGreaterThan(from);
    return text.substring(0, from + begin.length()) + "\n" + table + "\n" + text.substring(to);
  }
}
