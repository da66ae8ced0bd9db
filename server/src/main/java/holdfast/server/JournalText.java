package holdfast.server;

import holdfast.store.Damage;
import holdfast.store.JournalInspection;
import holdfast.store.JournalVerification;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What the journal's tools print for people: no line is longer than 100 columns.
final class JournalText {
  static final String ENTRY_HEADING =
      String.format(Locale.ROOT, "%16s %9s %11s  %s%n", "sequence", "header", "body", "where");

  private static final int COLUMNS = 100;

  /// Ranges and damaged places beyond this are counted; `--json` has them all.
  private static final int LINES_MAX = 200;

  private final StringBuilder text = new StringBuilder();

  private JournalText() {}

  private void line(String format, @Nullable Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  // --- verify ---

  static String of(JournalVerification found, String directory) {
    JournalText page = new JournalText();
    page.line(
        "Read %s: %d writes of the journal, %d logs, %d definitions, %d live entries.",
        bytes(found.fileBytes()),
        found.writes(),
        found.logs(),
        found.definitions(),
        found.liveEntries());
    String torn = found.tornTail();
    if (torn != null) {
      page.wrapped("Torn tail, no damage: " + torn + ".", "  ");
    }
    if (found.isWhole()) {
      page.line("Whole.");
      page.damages("Harmless, for nothing that is live needs these bytes:", found.damages(), true);
    } else {
      page.damaged(found, directory);
    }
    return page.text.toString();
  }

  private void damaged(JournalVerification found, String directory) {
    line("DAMAGED.");
    damages("Damaged places:", found.damages(), false);
    damages("Harmless, for nothing that is live needs these bytes:", found.damages(), true);
    line("");
    if (found.lostEntries() == 0) {
      line("Every live entry that is known of can still be read.");
    } else {
      line("Lost: %d live entries.", found.lostEntries());
      found.lost().stream()
          .limit(LINES_MAX)
          .forEach(
              lost -> line("  log %d: sequences %d to %d", lost.log(), lost.first(), lost.last()));
      if (found.lost().size() > LINES_MAX) {
        line("  and more ranges: --json lists them");
      }
    }
    line("");
    String refusal = found.refusal();
    if (refusal == null) {
      wrapped("A broker still starts here, but may fail when it comes to what is damaged.", "");
    } else {
      wrapped("A broker refuses to start here: " + refusal, "  ");
    }
    line("");
    line("What now");
    line("  1. Keep a copy of the directory. Look at the disk: it may be failing.");
    line("  2. If you have a copy of a damaged file from before, with the broker stopped since,");
    line("     put it back and verify again.");
    line("  3. Else save what can be read:");
    line("     holdfast journal salvage %s --to NEW", directory);
  }

  private void damages(String heading, List<Damage> all, boolean harmless) {
    List<Damage> damages = all.stream().filter(each -> each.harmless() == harmless).toList();
    if (damages.isEmpty()) {
      return;
    }
    line("%s", heading);
    damages.stream().limit(LINES_MAX).forEach(each -> wrapped("  " + each, "    "));
    if (damages.size() > LINES_MAX) {
      line("  and %d more: --json lists them", damages.size() - LINES_MAX);
    }
  }

  // --- inspect ---

  static String of(JournalInspection found) {
    JournalText page = new JournalText();
    page.wrapped("Directory   " + escaped(found.directory()), "            ");
    page.line("Journal     %s, format %d", found.journalId(), found.format());
    page.line("Epoch       %d starts so far", found.epoch());
    String torn = found.tornTail();
    if (torn != null) {
      page.wrapped("Torn tail   " + torn, "            ");
    }
    if (!found.damages().isEmpty()) {
      page.line("");
      page.line("DAMAGE was met: `holdfast journal verify` says what it means.");
      found.damages().stream().limit(LINES_MAX).forEach(each -> page.wrapped("  " + each, "    "));
    }
    page.segments(found);
    page.logSegments(found);
    page.checkpoints(found);
    page.logs(found);
    page.definitions(found);
    return page.text.toString();
  }

  private void segments(JournalInspection found) {
    line("");
    line("Journal segments (journal-GENERATION.seg)");
    line(
        "%12s %10s %10s %6s %12s %12s %9s %9s",
        "generation", "size", "used", "epoch", "first write", "last write", "records", "live");
    for (JournalInspection.SegmentFacts each : found.segments()) {
      line(
          "%12s %10s %10s %6d %12d %12d %9d %9d%s",
          Long.toHexString(each.generation()),
          bytes(each.bytes()),
          bytes(each.usedBytes()),
          each.epoch(),
          each.firstWrite(),
          each.lastWrite(),
          each.records(),
          each.live(),
          each.needed() ? "" : "  fallback");
    }
  }

  private void logSegments(JournalInspection found) {
    line("");
    line("Log segments (log-NUMBER.seg)");
    if (found.logSegments().isEmpty()) {
      line("  none");
      return;
    }
    line(
        "%12s %10s %8s %12s %10s %10s", "number", "size", "pieces", "live entries", "live", "dead");
    for (JournalInspection.LogSegmentFacts each : found.logSegments()) {
      line(
          "%12s %10s %8d %12d %10s %10s%s",
          Long.toHexString(each.number()),
          bytes(each.bytes()),
          each.pieces(),
          each.live(),
          bytes(each.liveBytes()),
          bytes(each.deadBytes()),
          each.needed() ? "" : "  not needed by the newest checkpoint");
    }
  }

  private void checkpoints(JournalInspection found) {
    line("");
    line("Checkpoints (checkpoint-NUMBER)");
    if (found.checkpoints().isEmpty()) {
      line("  none yet");
      return;
    }
    line("%12s %10s %6s %12s", "number", "size", "epoch", "replay from");
    for (JournalInspection.CheckpointFacts each : found.checkpoints()) {
      line(
          "%12s %10s %6d %12s%s",
          Long.toHexString(each.number()),
          bytes(each.bytes()),
          each.epoch(),
          Long.toHexString(each.replayFrom()),
          !each.whole() ? "  DAMAGED" : each.used() ? "  used" : "");
    }
  }

  private void logs(JournalInspection found) {
    line("");
    line("Logs: %d", found.logs().size());
    if (found.logs().isEmpty()) {
      return;
    }
    line(
        "%10s %12s %14s %14s %12s %8s %12s",
        "log", "live", "first", "next", "in journal", "pieces", "in segments");
    for (JournalInspection.LogFacts each : found.logs()) {
      line(
          "%10d %12d %14d %14d %12d %8d %12s",
          each.id(),
          each.live(),
          each.first(),
          each.next(),
          each.inJournal(),
          each.pieces(),
          bytes(each.logSegmentBytes()));
    }
  }

  private void definitions(JournalInspection found) {
    line("");
    line("Definitions: %d", found.definitions().size());
    for (JournalInspection.Definition each : found.definitions()) {
      line("%10d bytes  %s", each.valueBytes(), shortened(escaped(each.key()), COLUMNS - 18));
    }
  }

  static String of(JournalInspection.EntryFacts entry) {
    return String.format(
        Locale.ROOT,
        "%16d %9d %11d  %s at %d%n",
        entry.sequence(),
        entry.headerBytes(),
        entry.bodyBytes(),
        entry.file(),
        entry.offset());
  }

  // --- words ---

  /// Breaks at blanks so that no line is too long; those behind the first are indented.
  private void wrapped(String words, String indent) {
    String rest = words;
    String before = "";
    while (before.length() + rest.length() > COLUMNS) {
      int room = COLUMNS - before.length();
      int cut = rest.lastIndexOf(' ', room);
      int end = cut > indent.length() ? cut : Math.min(room, rest.length());
      line("%s%s", before, rest.substring(0, end));
      rest = rest.substring(end).stripLeading();
      before = indent;
    }
    line("%s%s", before, rest);
  }

  private static String shortened(String words, int most) {
    return words.length() <= most ? words : words.substring(0, most - 3) + "...";
  }

  /// Whatever is not printable as `\` and a code, so that a key neither moves the cursor nor hides
  /// what it is.
  static String escaped(String words) {
    StringBuilder out = new StringBuilder();
    words
        .codePoints()
        .forEach(c -> {
          if (c == '\\') {
            out.append("\\\\");
          } else if (c == '\n') {
            out.append("\\n");
          } else if (c == '\t') {
            out.append("\\t");
          } else if (isPrintable(c)) {
            out.appendCodePoint(c);
          } else {
            out.append(String.format(Locale.ROOT, "\\u{%x}", c));
          }
        });
    return out.toString();
  }

  private static boolean isPrintable(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }

  /// A size for people: `8.0 MiB`.
  static String bytes(long count) {
    if (count < 1024) {
      return count + " B";
    }
    double value = count;
    int unit = -1;
    while (value >= 1024 && unit < 4) {
      value /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, "%.1f %ciB", value, "KMGTP".charAt(unit));
  }
}
