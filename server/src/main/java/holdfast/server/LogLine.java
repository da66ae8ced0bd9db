package holdfast.server;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/// One record, one line: `2026-01-31T12:00:00.000Z INFO [thread] Logger - message`, in UTC. What a
/// client sent cannot forge a second record: control characters are shown as `?`. Only a stack
/// trace follows on lines of its own, indented.
final class LogLine extends LayoutBase<ILoggingEvent> {
  @Override
  public String doLayout(ILoggingEvent event) {
    StringBuilder out = new StringBuilder(160);
    appendTime(out, event.getTimeStamp());
    String level = event.getLevel().toString();
    out.append(' ').append(level).append(" ".repeat(Math.max(1, 6 - level.length())));
    out.append('[').append(event.getThreadName()).append("] ");
    String logger = event.getLoggerName();
    out.append(logger, logger.lastIndexOf('.') + 1, logger.length()).append(" - ");
    appendPrintable(out, String.valueOf(event.getFormattedMessage()));
    out.append('\n');
    if (event.getThrowableProxy() != null) {
      out.append(ThrowableProxyUtil.asString(event.getThrowableProxy()));
    }
    return out.toString();
  }

  /// By hand: the formatters of java.time load locales and take 20 ms the first time.
  private static void appendTime(StringBuilder out, long epochMs) {
    LocalDateTime time =
        LocalDateTime.ofEpochSecond(Math.floorDiv(epochMs, 1000L), 0, ZoneOffset.UTC);
    appendPadded(out, time.getYear(), 4).append('-');
    appendPadded(out, time.getMonthValue(), 2).append('-');
    appendPadded(out, time.getDayOfMonth(), 2).append('T');
    appendPadded(out, time.getHour(), 2).append(':');
    appendPadded(out, time.getMinute(), 2).append(':');
    appendPadded(out, time.getSecond(), 2).append('.');
    appendPadded(out, Math.floorMod(epochMs, 1000), 3).append('Z');
  }

  private static StringBuilder appendPadded(StringBuilder out, int number, int digits) {
    String text = Integer.toString(number);
    return out.append("0".repeat(Math.max(0, digits - text.length()))).append(text);
  }

  private static void appendPrintable(StringBuilder out, String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      out.append(Character.isISOControl(c) && c != '\t' ? '?' : c);
    }
  }
}
