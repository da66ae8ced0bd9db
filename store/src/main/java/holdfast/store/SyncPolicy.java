package holdfast.store;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// When the journal brings what it writes to stable storage, and with it what a confirm means. One
/// policy holds for the whole journal; its files are the same under each, so that a store may be
/// opened under another one than it was closed with.
///
/// | policy | text | a position may be confirmed when | what a loss of power may take back |
/// |---|---|---|---|
/// | [Sync] | `sync` | its write is on stable storage | nothing |
/// | [Interval] | `interval:100ms` | the operating system has its write | what was confirmed since the last force |
/// | [Written] | `written` | the operating system has its write | what the operating system had not written back |
///
/// A process that is killed, and a system that goes on, lose nothing confirmed under any of them.
public sealed interface SyncPolicy {
  /// Confirmed is on stable storage.
  SyncPolicy SYNC = new Sync();

  /// Every write is on stable storage before it is confirmed.
  record Sync() implements SyncPolicy {
    @Override
    public String toString() {
      return "sync";
    }
  }

  /// Written through the operating system's memory, and forced again and again.
  ///
  /// @param everyMs the longest that a write waits for its force, from 1 to 60,000
  record Interval(long everyMs) implements SyncPolicy {
    private static final long MS_MAX = 60_000;

    public Interval {
      if (everyMs < 1 || everyMs > MS_MAX) {
        throw new IllegalArgumentException(
            "sync interval of " + everyMs + " ms: it must be from 1 ms to " + MS_MAX + " ms");
      }
    }

    @Override
    public String toString() {
      return "interval:" + everyMs + "ms";
    }
  }

  /// Written through the operating system's memory, and forced only for a checkpoint, at the end of
  /// a segment and at a clean stop.
  record Written() implements SyncPolicy {
    @Override
    public String toString() {
      return "written";
    }
  }

  /// Reads what `toString` prints: `sync`, `interval:100ms` (or `interval:2s`) or `written`.
  ///
  /// @throws IllegalArgumentException with what is wrong, for anything else
  static SyncPolicy parse(String text) {
    return switch (text) {
      case "sync" -> SYNC;
      case "written" -> new Written();
      default -> {
        if (!text.equals("interval") && !text.startsWith("interval:")) {
          throw new IllegalArgumentException(
              "sync policy '" + text + "': it must be sync, interval:100ms or written");
        }
        yield parseInterval(text);
      }
    };
  }

  private static SyncPolicy parseInterval(String text) {
    Matcher matcher = Pattern.compile("interval:([0-9]{1,9})(ms|s)").matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "sync policy '" + text + "': an interval is given as interval:100ms or interval:2s");
    }
    long count = Long.parseLong(matcher.group(1));
    return new Interval(matcher.group(2).equals("s") ? count * 1000 : count);
  }
}
