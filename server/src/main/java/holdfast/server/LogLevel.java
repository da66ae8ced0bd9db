package holdfast.server;

import java.util.Locale;
import java.util.Optional;

/// How much is logged, in the logging library's words; RabbitMQ's words are understood too.
enum LogLevel {
  TRACE,
  DEBUG,
  INFO,
  WARN,
  ERROR,
  OFF;

  static Optional<LogLevel> parse(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "trace" -> Optional.of(TRACE);
      case "debug" -> Optional.of(DEBUG);
      case "info", "notice" -> Optional.of(INFO);
      case "warn", "warning" -> Optional.of(WARN);
      case "error", "critical" -> Optional.of(ERROR);
      case "off", "none" -> Optional.of(OFF);
      default -> Optional.empty();
    };
  }
}
