package holdfast.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads one source file and says what STYLE.md would have otherwise. It knows text, not Java:
/// braces are counted after comments and literals have been blanked out, which is enough for
/// formatted code.
final class Tidy {
  static final int FILE_LINES_MAX = 500;
  static final int METHOD_LINES_MAX = 70;

  /// A call that has a better way, the way, and the places that may use it all the same. A place is
  /// the start of a path, seen from the root of the project.
  record Ban(Pattern call, String instead, List<String> places) {}

  /// Who may read the time: the clock itself, a wait with a deadline, and what measures from
  /// outside.
  private static final List<String> CLOCKS =
      List.of(
          "broker/src/main/java/holdfast/broker/SystemClock.java",
          "amqp091/src/main/java/holdfast/amqp091/SystemClock.java",
          "store/src/main/java/holdfast/store/JournalFlusher.java",
          "store/src/main/java/holdfast/store/JournalTail.java",
          "store/src/main/java/holdfast/store/Throttle.java",
          "store/src/main/java/holdfast/store/WriterBell.java",
          "store/src/main/java/holdfast/store/Calibration.java",
          "store/src/main/java/holdfast/store/Pace.java",
          "bench/",
          "examples/",
          "load/",
          "server/");

  /// Who may start threads: each owns its threads from start to end.
  private static final List<String> THREAD_OWNERS =
      List.of("bench/", "examples/", "server/", "testkit/", "broker/", "store/");

  static final List<Ban> BANS =
      List.of(
          ban(
              "System\\.(currentTimeMillis|nanoTime)\\b|Instant\\.now\\b|Clock\\.system",
              "take the time as an argument, or from the clock you were given",
              CLOCKS),
          ban(
              "\\b(FileChannel|RandomAccessFile|FileOutputStream)\\b",
              "only the store opens files for writing: use its Disk",
              List.of("store/", "testkit/", "bench/")),
          ban(
              "new Thread\\(|Thread\\.(ofPlatform|ofVirtual|startVirtualThread)\\b|\\bExecutors\\.",
              "post to the gate, or to the event loop you are on",
              THREAD_OWNERS),
          ban(
              "Thread\\.sleep\\b",
              "wait for the condition itself, or ask the timer",
              List.of("bench/", "examples/")),
          ban(
              "System\\.exit\\b|\\.halt\\(",
              "throw, and let Main end the process",
              List.of("server/src/main/java/holdfast/server/Main.java", "bench/")),
          ban(
              "System\\.(out|err)\\b",
              "log it, or return it to who can show it",
              List.of("server/", "bench/", "examples/")));

  /// Banned in tests as well.
  static final Ban STACK_TRACE =
      ban("\\.printStackTrace\\(", "log the exception, or let it go up", List.of());

  // Written in pieces, so that this file passes its own check.
  private static final Pattern OPEN_END = Pattern.compile("\\b(TO" + "DO|FIX" + "ME|XX" + "X)\\b");

  private static final Pattern EMPTY_NAME =
      Pattern.compile("(Abstract|Base(?!64))[A-Z].*|.+(Impl|Manager|Helper|Utils?)");

  private static final Pattern HEADER =
      Pattern.compile("(?s)([\\w<>\\[\\],.?&\\s]*?)\\b(\\w+)\\s*\\(.*\\)\\s*(throws [\\w.,\\s]+)?");

  private static final Set<String> NOT_A_METHOD =
      Set.of("if", "for", "while", "switch", "try", "catch", "synchronized");

  private static final Pattern NOT_BEFORE_A_NAME =
      Pattern.compile("\\b(new|return|record|else|case|yield|throw|assert)\\b");

  private Tidy() {}

  /// What is wrong with the file at `path` (from the root of the project, with slashes), a line
  /// each.
  static List<String> complaints(String path, String text) {
    List<String> found = new ArrayList<>();
    String code = code(text);
    long lines = text.lines().count();
    if (lines > FILE_LINES_MAX) {
      found.add(path + ": " + lines + " lines; a file is one idea in at most 500: split it");
    }
    String name = path.replaceAll(".*/|\\.java$", "");
    if (EMPTY_NAME.matcher(name).matches()) {
      found.add(path + ": this name does not say what the type is; use a word of the field");
    }
    find(OPEN_END, path, text, "finish it now, or open an issue and drop the mark", found);
    find(STACK_TRACE.call, path, code, STACK_TRACE.instead, found);
    if (path.contains("/src/main/")) {
      Predicate<Ban> applies = ban -> ban.places.stream().noneMatch(path::startsWith);
      BANS.stream().filter(applies).forEach(b -> find(b.call, path, code, b.instead, found));
    }
    longMethods(path, code, found);
    return found;
  }

  private static Ban ban(String call, String instead, List<String> places) {
    return new Ban(Pattern.compile(call), instead, places);
  }

  private static void find(
      Pattern what, String path, String text, String instead, List<String> found) {
    Matcher matcher = what.matcher(text);
    while (matcher.find()) {
      int line = line(text, matcher.start());
      found.add(path + ":" + line + ": " + matcher.group() + ": " + instead);
    }
  }

  private static void longMethods(String path, String code, List<String> found) {
    int headerStart = 0;
    for (int at = 0; at < code.length(); at++) {
      char c = code.charAt(at);
      if (c == '{') {
        String header = code.substring(headerStart, at).replaceAll("@[\\w.]+(\\([^()]*\\))?", "");
        String method = methodName(header.strip());
        int lines = line(code, closing(code, at)) - line(code, at) + 1;
        if (method != null && lines > METHOD_LINES_MAX) {
          String where = path + ":" + line(code, at) + ": " + method + "() has " + lines + " lines";
          found.add(where + "; at most 70: give a step of it a name of its own");
        }
      }
      if (c == '{' || c == '}' || c == ';') {
        headerStart = at + 1;
      }
    }
  }

  /// The name, when `header` is what stands before a method's body, else null.
  private static String methodName(String header) {
    Matcher matcher = HEADER.matcher(header);
    boolean balanced =
        header.chars().filter(c -> c == '(').count()
            == header.chars().filter(c -> c == ')').count();
    if (!balanced || !matcher.matches() || NOT_A_METHOD.contains(matcher.group(2))) {
      return null;
    }
    return NOT_BEFORE_A_NAME.matcher(matcher.group(1)).find() ? null : matcher.group(2);
  }

  private static int closing(String code, int open) {
    int depth = 0;
    for (int at = open; at < code.length(); at++) {
      depth += code.charAt(at) == '{' ? 1 : code.charAt(at) == '}' ? -1 : 0;
      if (depth == 0) {
        return at;
      }
    }
    return code.length();
  }

  private static int line(String text, int at) {
    return 1 + (int) text.substring(0, at).chars().filter(c -> c == '\n').count();
  }

  private static final Pattern NOT_CODE =
      Pattern.compile(
          "(?s)//[^\n]*|/\\*.*?\\*/|\"\"\".*?(?<!\\\\)\"\"\"|\"(?:\\\\.|[^\"\\\\\n])*\"|'(?:\\\\.|[^'\\\\\n])+'");

  /// The text with comments and literals blanked out, line for line.
  static String code(String text) {
    return NOT_CODE.matcher(text).replaceAll(match -> match.group().replaceAll("[^\n]", " "));
  }
}
