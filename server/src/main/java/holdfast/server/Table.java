package holdfast.server;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Lays out an answer of the control socket for people: aligned columns, numbers to the right.
final class Table {
  private static final String GAP = "  ";

  private Table() {}

  /// One row a map, one column a key, in the order in which the keys are first met. A row without a
  /// key has an empty cell there.
  static String ofRows(List<? extends Map<String, ? extends @Nullable Object>> rows) {
    Set<String> names = new LinkedHashSet<>();
    rows.forEach(row -> names.addAll(row.keySet()));
    List<String[]> lines = new ArrayList<>();
    lines.add(names.toArray(String[]::new));
    for (Map<String, ? extends @Nullable Object> row : rows) {
      lines.add(names.stream().map(name -> cell(row.get(name))).toArray(String[]::new));
    }
    boolean[] right = new boolean[names.size()];
    int column = 0;
    for (String name : names) {
      right[column++] = isNumeric(rows, name);
    }
    return layOut(lines, right);
  }

  /// One line a key; a map inside is opened as `outer.inner`.
  static String ofFacts(Map<String, ? extends @Nullable Object> facts) {
    List<String[]> lines = new ArrayList<>();
    addFacts(lines, "", facts);
    return layOut(lines, new boolean[2]);
  }

  private static void addFacts(
      List<String[]> lines, String prefix, Map<?, ? extends @Nullable Object> facts) {
    facts.forEach((key, value) -> {
      if (value instanceof Map<?, ?> inner && !inner.isEmpty()) {
        addFacts(lines, prefix + key + ".", inner);
      } else {
        lines.add(new String[] {prefix + key, cell(value)});
      }
    });
  }

  private static boolean isNumeric(
      List<? extends Map<String, ? extends @Nullable Object>> rows, String name) {
    return rows.stream()
        .map(row -> row.get(name))
        .allMatch(value -> value == null || value instanceof Number);
  }

  private static String cell(@Nullable Object value) {
    return switch (value) {
      case null -> "";
      case BigDecimal number -> number.toPlainString();
      case Boolean flag -> flag ? "yes" : "no";
      case List<?> list -> String.join(", ", list.stream().map(Table::cell).toList());
      case Map<?, ?> map -> map.isEmpty() ? "" : printable(Json.write(map));
      default -> printable(value.toString());
    };
  }

  /// A queue may be named by anyone: no name of it moves the cursor or breaks the row.
  private static String printable(String text) {
    if (text.chars().noneMatch(Character::isISOControl)) {
      return text;
    }
    StringBuilder out = new StringBuilder();
    text.chars().forEach(c -> out.append(Character.isISOControl(c) ? '?' : (char) c));
    return out.toString();
  }

  private static String layOut(List<String[]> lines, boolean[] right) {
    int[] widths = new int[right.length];
    for (String[] line : lines) {
      for (int i = 0; i < line.length; i++) {
        widths[i] = Math.max(widths[i], width(line[i]));
      }
    }
    StringBuilder out = new StringBuilder();
    for (String[] line : lines) {
      String[] padded = new String[line.length];
      Arrays.setAll(padded, i -> pad(line[i], widths[i], right[i]));
      out.append(String.join(GAP, padded).stripTrailing()).append('\n');
    }
    return out.toString();
  }

  private static String pad(String text, int width, boolean right) {
    String blanks = " ".repeat(width - width(text));
    return right ? blanks + text : text + blanks;
  }

  private static int width(String text) {
    return text.codePointCount(0, text.length());
  }
}
