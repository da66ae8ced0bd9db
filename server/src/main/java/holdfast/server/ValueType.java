package holdfast.server;

import holdfast.store.SyncPolicy;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What a setting's value may look like: reads the text, and says what it expected when it cannot.
///
/// Records rather than lambdas: they load faster, and the start is counted.
sealed interface ValueType<T> {
  /// Empty when the text is not such a value, or is out of its bounds.
  Optional<T> parse(String text);

  /// Completes the sentence "expected ...".
  String expected();

  /// When what is confirmed is on stable storage.
  record Sync() implements ValueType<SyncPolicy> {
    @Override
    public Optional<SyncPolicy> parse(String text) {
      try {
        return Optional.of(SyncPolicy.parse(text.toLowerCase(Locale.ROOT)));
      } catch (IllegalArgumentException notOne) {
        return Optional.empty();
      }
    }

    @Override
    public String expected() {
      return "sync, written, or an interval such as interval:100ms, of at most 60s";
    }
  }

  /// A size: plain bytes, `64KiB`, `64k` (1024s) or `64kB` (1000s), in any case.
  record Bytes(long min, long max) implements ValueType<Long> {
    @Override
    public Optional<Long> parse(String text) {
      return Quantity.split(text)
          .flatMap(quantity -> quantity.times(factor(quantity.unit())))
          .filter(bytes -> bytes >= min && bytes <= max);
    }

    private static long factor(String unit) {
      return switch (unit.toLowerCase(Locale.ROOT)) {
        case "", "b" -> 1;
        case "k", "kib" -> 1L << 10;
        case "m", "mib" -> 1L << 20;
        case "g", "gib" -> 1L << 30;
        case "t", "tib" -> 1L << 40;
        case "kb" -> 1_000;
        case "mb" -> 1_000_000;
        case "gb" -> 1_000_000_000;
        case "tb" -> 1_000_000_000_000L;
        default -> 0;
      };
    }

    @Override
    public String expected() {
      String bounds = "a size such as 64MiB, 128MB or plain bytes, from " + text(min);
      return max == Long.MAX_VALUE ? bounds : bounds + " to " + text(max);
    }

    static String text(long bytes) {
      int step = 0;
      long left = bytes;
      while (left != 0 && left % 1024 == 0 && step < 4) {
        left /= 1024;
        step++;
      }
      return left + List.of("", "KiB", "MiB", "GiB", "TiB").get(step);
    }
  }

  /// A length of time, given in the key's own unit when it is a plain number.
  record Span(Unit unit, long min, long max) implements ValueType<Long> {
    enum Unit {
      MS(1, "ms"),
      SECONDS(1000, "s");

      private final long factorMs;
      private final String word;

      Unit(long factorMs, String word) {
        this.factorMs = factorMs;
        this.word = word;
      }
    }

    @Override
    public Optional<Long> parse(String text) {
      return Quantity.split(text)
          .flatMap(quantity -> quantity.times(factorMs(quantity.unit())))
          .filter(ms -> ms % unit.factorMs == 0)
          .map(ms -> ms / unit.factorMs)
          .filter(span -> span >= min && span <= max);
    }

    private long factorMs(String word) {
      return switch (word.toLowerCase(Locale.ROOT)) {
        case "" -> unit.factorMs;
        case "ms" -> 1;
        case "s" -> 1_000;
        case "m", "min" -> 60_000;
        case "h" -> 3_600_000;
        case "d" -> 86_400_000;
        default -> 0;
      };
    }

    @Override
    public String expected() {
      return "a time such as 10s, 500ms or a plain number of "
          + (unit == Unit.MS ? "milliseconds" : "seconds")
          + (", from " + min + unit.word + " to " + max + unit.word);
    }
  }

  /// A whole number; `infinity`, where allowed, reads as `Integer.MAX_VALUE`.
  record Count(int min, int max, boolean infinite) implements ValueType<Integer> {
    @Override
    public Optional<Integer> parse(String text) {
      if (infinite && text.equalsIgnoreCase("infinity")) {
        return Optional.of(Integer.MAX_VALUE);
      }
      return Quantity.split(text)
          .filter(quantity -> quantity.unit().isEmpty())
          .map(Quantity::number)
          .filter(number -> number >= min && number <= max)
          .map(Math::toIntExact);
    }

    @Override
    public String expected() {
      return infinite
          ? "a number of at least " + min + ", or infinity"
          : "a number from " + min + " to " + max;
    }
  }

  record Flag() implements ValueType<Boolean> {
    @Override
    public Optional<Boolean> parse(String text) {
      return switch (text.toLowerCase(Locale.ROOT)) {
        case "true", "yes", "on" -> Optional.of(true);
        case "false", "no", "off" -> Optional.of(false);
        default -> Optional.empty();
      };
    }

    @Override
    public String expected() {
      return "true or false";
    }
  }

  /// A share of a whole, more than nothing and at most all of it.
  record Fraction() implements ValueType<Double> {
    @Override
    public Optional<Double> parse(String text) {
      if (!text.matches("[0-9]{0,3}\\.?[0-9]{1,9}")) {
        return Optional.empty();
      }
      double share = Double.parseDouble(text);
      return share > 0 && share <= 1 ? Optional.of(share) : Optional.empty();
    }

    @Override
    public String expected() {
      return "a fraction above 0 and at most 1, such as 0.4";
    }
  }

  record Listen() implements ValueType<ListenAddress> {
    @Override
    public Optional<ListenAddress> parse(String text) {
      return ListenAddress.parse(text);
    }

    @Override
    public String expected() {
      return "a port from 0 to 65535, or an address and a port such as 127.0.0.1:5672";
    }
  }

  record Host() implements ValueType<String> {
    @Override
    public Optional<String> parse(String text) {
      String host =
          text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
      return ListenAddress.isHost(host) ? Optional.of(host) : Optional.empty();
    }

    @Override
    public String expected() {
      return "an address or host name without a port, such as 127.0.0.1";
    }
  }

  /// Text that fits an AMQP short string.
  record Text() implements ValueType<String> {
    private static final int BYTES_MAX = 255;

    @Override
    public Optional<String> parse(String text) {
      int bytes = text.getBytes(StandardCharsets.UTF_8).length;
      return bytes > 0 && bytes <= BYTES_MAX ? Optional.of(text) : Optional.empty();
    }

    @Override
    public String expected() {
      return "text of 1 to " + BYTES_MAX + " bytes";
    }
  }

  /// Names with commas between; `none` is no name at all.
  record Names() implements ValueType<List<String>> {
    @Override
    public Optional<List<String>> parse(String text) {
      List<String> names = new ArrayList<>();
      if (text.equals("none")) {
        return Optional.of(List.of());
      }
      for (String part : text.split(",", -1)) {
        Optional<String> name = new Text().parse(part.strip());
        if (name.isEmpty()) {
          return Optional.empty();
        }
        names.add(name.get());
      }
      return Optional.of(List.copyOf(names));
    }

    @Override
    public String expected() {
      return "names with commas between, or none";
    }
  }

  record FileOrDirectory() implements ValueType<Path> {
    @Override
    public Optional<Path> parse(String text) {
      return new Directory().parse(text);
    }

    @Override
    public String expected() {
      return "the path of a file or a directory";
    }
  }

  record Directory() implements ValueType<Path> {
    @Override
    public Optional<Path> parse(String text) {
      try {
        return text.isEmpty() ? Optional.empty() : Optional.of(Path.of(text));
      } catch (InvalidPathException unusable) {
        return Optional.empty();
      }
    }

    @Override
    public String expected() {
      return "the path of a directory";
    }
  }

  /// A file that is read when the broker starts.
  record PemFile() implements ValueType<Path> {
    @Override
    public Optional<Path> parse(String text) {
      return new Directory().parse(text);
    }

    @Override
    public String expected() {
      return "the path of a PEM file";
    }
  }

  /// One of a few words.
  record OneOf(List<String> words) implements ValueType<String> {
    OneOf(String... words) {
      this(List.of(words));
    }

    @Override
    public Optional<String> parse(String text) {
      return Optional.of(text.toLowerCase(Locale.ROOT)).filter(words::contains);
    }

    @Override
    public String expected() {
      return words.size() == 1 ? words.getFirst() : "one of " + String.join(", ", words);
    }
  }

  record Level() implements ValueType<LogLevel> {
    @Override
    public Optional<LogLevel> parse(String text) {
      return LogLevel.parse(text);
    }

    @Override
    public String expected() {
      return "one of trace, debug, info, warn, error, off";
    }
  }

  /// A whole number and the letters behind it.
  record Quantity(long number, String unit) {
    private static final int DIGITS_MAX = 18;

    static Optional<Quantity> split(String text) {
      int digits = 0;
      while (digits < text.length() && text.charAt(digits) >= '0' && text.charAt(digits) <= '9') {
        digits++;
      }
      if (digits == 0 || digits > DIGITS_MAX) {
        return Optional.empty();
      }
      return Optional.of(
          new Quantity(Long.parseLong(text.substring(0, digits)), text.substring(digits).strip()));
    }

    /// Empty for an unknown unit, whose factor is 0, and for more than a long can hold.
    Optional<Long> times(long factor) {
      return factor == 0 || number > Long.MAX_VALUE / factor
          ? Optional.empty()
          : Optional.of(number * factor);
    }
  }
}
