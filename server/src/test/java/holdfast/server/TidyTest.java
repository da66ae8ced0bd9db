package holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Holds the whole project to the rules of STYLE.md that a scan of the text can see, and shows that
/// each of them can fail.
class TidyTest {
  static final Path HOME = Path.of(System.getProperty("holdfast.home", ".."));

  private static final String MAIN = "core/src/main/java/holdfast/core/Thing.java";

  // -- the project --

  @Test
  void theSourcesAreTidy() throws IOException {
    List<String> complaints = new ArrayList<>();
    for (Path file : sources(HOME)) {
      String path = HOME.relativize(file).toString().replace('\\', '/');
      complaints.addAll(Tidy.complaints(path, Files.readString(file)));
    }
    assertThat(complaints).isEmpty();
  }

  @Test
  void everyModuleStandsInTheArchitecture() throws IOException {
    String text = Files.readString(HOME.resolve("ARCHITECTURE.md"));
    assertThat(unnamed(modules(), text))
        .as("modules that ARCHITECTURE.md has no line for: say there what they are for")
        .isEmpty();
  }

  @Test
  void mostOfTheCoreIsItsOwnBusiness() throws IOException {
    int all = 0;
    int open = 0;
    for (Path file : sources(HOME.resolve("core/src/main"))) {
      String text = Tidy.code(Files.readString(file));
      all += count("(?m)^[a-z@][\\w -]*\\b(class|interface|record|enum) ", text);
      open += count("(?m)^public [\\w -]*\\b(class|interface|record|enum) ", text);
    }
    // Of a handful of types the first ones are public: the rule is for a core that has grown.
    if (all >= 20) {
      assertThat(100 * open / all)
          .as(
              "%d of %d types of core are public, in percent: hide what no one outside uses",
              open, all)
          .isLessThan(40);
    }
  }

  // -- each rule can fail --

  @Test
  void aLongFileIsNoticed() {
    assertThat(Tidy.complaints(MAIN, "\n".repeat(500))).isEmpty();
    assertThat(Tidy.complaints(MAIN, "\n".repeat(501)))
        .singleElement()
        .asString()
        .contains("split");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "void m(int a) {",
        "@Override public <T> List<T> m(Map<K, V> a) throws IOException {",
        "Thing(int m) { // a constructor",
        "synchronized void m() {",
      })
  void aLongMethodIsNoticed(String header) {
    String start = "class Thing {\n  int field = 1;\n  " + header + "\n";
    assertThat(Tidy.complaints(MAIN, start + "    x();\n".repeat(68) + "  }\n}\n")).isEmpty();
    assertThat(Tidy.complaints(MAIN, start + "    x();\n".repeat(69) + "  }\n}\n"))
        .singleElement()
        .asString()
        .contains(MAIN + ":3", "71 lines", "name of its own");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "record Thing(int a) {",
        "sealed interface Thing permits A, B {",
        "enum Thing {",
      })
  void aTypeMayBeLongerThanAMethod(String header) {
    assertThat(Tidy.complaints(MAIN, header + "\n" + "  int x();\n".repeat(100) + "}\n")).isEmpty();
  }

  @Test
  void bracesInTextAndCommentsDoNotCount() {
    String body = "  void m() {\n    x(\"}\", '{'); // {\n    y(\"\"\"\n { \"\"\");\n  }\n";
    String text = "class Thing {\n" + body + "  /* { */\n".repeat(90) + "}\n";
    assertThat(Tidy.complaints(MAIN, text)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "long now = System.nanoTime(); | the clock",
        "long now = System.currentTimeMillis(); | the clock",
        "var c = FileChannel.open(path); | Disk",
        "new Thread(this).start(); | gate",
        "Thread.ofVirtual().start(this); | gate",
        "Thread.sleep(10); | condition",
        "System.exit(1); | Main",
        "System.out.println(1); | log it",
        "e.printStackTrace(); | log the exception",
      })
  void aCallWithABetterWayIsNoticed(String call, String instead) {
    assertThat(Tidy.complaints(MAIN, "class Thing {\n" + call + "\n}\n"))
        .singleElement()
        .asString()
        .contains(MAIN + ":2", instead);
    assertThat(Tidy.complaints(MAIN, "class Thing {\n// " + call + "\n}\n")).isEmpty();
  }

  @Test
  void anOpenEndIsNoticedInCommentsToo() {
    assertThat(Tidy.complaints(MAIN, "// TO" + "DO later\n")).hasSize(1);
    assertThat(Tidy.complaints(MAIN, "/* FIX" + "ME */ int a; // XX" + "X\n")).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource({"QueueImpl", "QueueManager", "StringUtils", "AbstractQueue", "BaseQueue"})
  void anEmptyNameIsNoticed(String name) {
    assertThat(Tidy.complaints("core/src/main/java/" + name + ".java", "")).hasSize(1);
  }

  @Test
  void aModuleWithoutALineIsNoticed() {
    assertThat(unnamed(List.of("store", "core"), "- `store`: the journal")).containsExactly("core");
    assertThat(unnamed(List.of("store", "core"), "store/ a, core/ b")).isEmpty();
  }

  // -- reading --

  static List<String> modules() throws IOException {
    String pom = Files.readString(HOME.resolve("pom.xml"));
    Stream<MatchResult> found = Pattern.compile("<module>([^<]+)</module>").matcher(pom).results();
    return found.map(match -> match.group(1)).toList();
  }

  private static List<String> unnamed(List<String> modules, String text) {
    return modules.stream()
        .filter(m -> !text.contains("`" + m + "`") && !text.contains(m + "/"))
        .toList();
  }

  private static int count(String pattern, String text) {
    return (int) Pattern.compile(pattern).matcher(text).results().count();
  }

  private static List<Path> sources(Path top) throws IOException {
    try (Stream<Path> files = Files.walk(top)) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .filter(file -> !file.toString().matches(".*[/\\\\](target|generated)[/\\\\].*"))
          .sorted()
          .toList();
    }
  }
}
