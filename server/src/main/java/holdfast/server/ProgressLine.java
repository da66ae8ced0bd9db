package holdfast.server;

import holdfast.store.ReadProgress;
import java.io.PrintStream;
import java.util.Locale;

/// Tells how far long work is: on a terminal in one line that is written over, else a line every
/// few seconds. Says nothing about work that is done within the first second.
final class ProgressLine implements ReadProgress {
  static final String BYTES = "bytes";

  private static final long TERMINAL_MS = 250;
  private static final long LINES_MS = 5_000;
  private static final long FIRST_MS = 1_000;

  private final PrintStream err;
  private final String what;
  private final String unit;
  private final boolean terminal;
  private final long beganMs = System.nanoTime() / 1_000_000;
  private long nextMs = beganMs + FIRST_MS;
  private boolean shown;

  ProgressLine(PrintStream err, String what, String unit, boolean terminal) {
    this.err = err;
    this.what = what;
    this.unit = unit;
    this.terminal = terminal;
  }

  @Override
  public void read(long done, long total) {
    long nowMs = System.nanoTime() / 1_000_000;
    if (nowMs < nextMs) {
      return;
    }
    nextMs = nowMs + (terminal ? TERMINAL_MS : LINES_MS);
    String text = text(what, unit, done, total, nowMs - beganMs);
    if (terminal) {
      err.printf(Locale.ROOT, "\r%-79s", text);
    } else {
      err.println(text);
    }
    err.flush();
    shown = true;
  }

  static String text(String what, String unit, long done, long total, long elapsedMs) {
    double perSecond = done * 1000.0 / Math.max(1, elapsedMs);
    long leftSeconds = (long) ((total - done) / Math.max(1e-9, perSecond));
    String left = leftSeconds < 120 ? leftSeconds + " s" : (leftSeconds + 30) / 60 + " min";
    return String.format(
        Locale.ROOT,
        "%s: %s of %s, %s/s, %s left",
        what,
        amount(done, unit),
        amount(total, unit),
        amount((long) perSecond, unit),
        left);
  }

  private static String amount(long count, String unit) {
    return unit.equals(BYTES) ? JournalText.bytes(count) : count + " " + unit;
  }

  /// Clears the line; nothing more is told.
  void end() {
    nextMs = Long.MAX_VALUE;
    if (shown && terminal) {
      err.printf(Locale.ROOT, "\r%79s\r", "");
      err.flush();
    }
  }
}
