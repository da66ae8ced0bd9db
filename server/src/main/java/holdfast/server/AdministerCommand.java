package holdfast.server;

import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// `holdfast users add ...` and its like: has the running broker do it, and prints the answer.
final class AdministerCommand {
  private final PrintStream out;
  private final PrintStream err;
  private final InputStream in;

  AdministerCommand(PrintStream out, PrintStream err, InputStream in) {
    this.out = out;
    this.err = err;
    this.in = in;
  }

  ExitStatus run(Command.Administer command) {
    try {
      Map<String, Object> arguments = new LinkedHashMap<>(command.arguments());
      if (command.secret()) {
        arguments.put("password", secret(command.secretFile()));
      }
      String request = command.topic() + "." + command.verb() + " " + Json.write(arguments);
      String text = ControlClient.ask(command.dataDir(), request);
      Object document = answer(text);
      if (command.asJson()) {
        out.println(text);
      } else {
        out.print(layOut(command.topic(), document));
      }
      return ExitStatus.CLEAN;
    } catch (NoBroker absent) {
      err.println("holdfast: " + absent.getMessage());
      return ExitStatus.NO_BROKER;
    } catch (OperationRefused refused) {
      err.println("holdfast: " + refused.text());
      return status(refused.kind());
    } catch (IOException failed) {
      err.println("holdfast: cannot read the password: " + failed);
      return ExitStatus.USAGE;
    }
  }

  private static ExitStatus status(OperationRefused.Kind kind) {
    return switch (kind) {
      case BAD_REQUEST -> ExitStatus.USAGE;
      case NOT_FOUND, CONFLICT -> ExitStatus.REFUSED;
      case UNAVAILABLE -> ExitStatus.NO_BROKER;
    };
  }

  // --- the answer ---

  /// The document of an answer.
  static @Nullable Object answer(String text) throws OperationRefused {
    Object document;
    try {
      document = JsonReader.read(text);
    } catch (IllegalArgumentException malformed) {
      throw new OperationRefused(
          OperationRefused.Kind.UNAVAILABLE, "the answer is not JSON: " + malformed.getMessage());
    }
    if (document instanceof Map<?, ?> map && map.containsKey("error")) {
      throw refusal(map);
    }
    return document;
  }

  /// What an answer says that is an error.
  static OperationRefused refusal(@Nullable Object document) {
    Map<?, ?> map = document instanceof Map<?, ?> told ? told : Map.of();
    OperationRefused.Kind kind = OperationRefused.Kind.CONFLICT;
    for (OperationRefused.Kind each : OperationRefused.Kind.values()) {
      if (each.name().equals(map.get("kind"))) {
        kind = each;
      }
    }
    return new OperationRefused(kind, String.valueOf(map.get("error")));
  }

  private static String layOut(String topic, @Nullable Object document) {
    if (document instanceof Map<?, ?> map && map.isEmpty()) {
      return ""; // done, and nothing to tell
    }
    return InspectCommand.layOut(topic, withoutEmptyColumns(document));
  }

  /// A column that says nothing in any row is left out: a terminal is narrow.
  static @Nullable Object withoutEmptyColumns(@Nullable Object document) {
    if (!(document instanceof List<?> list)) {
      return document;
    }
    Set<Object> telling = new LinkedHashSet<>();
    for (Object each : list) {
      if (each instanceof Map<?, ?> row) {
        row.forEach((key, value) -> {
          if (!isEmpty(value)) {
            telling.add(key);
          }
        });
      }
    }
    List<@Nullable Object> rows = new ArrayList<>();
    for (Object each : list) {
      if (each instanceof Map<?, ?> row) {
        Map<Object, @Nullable Object> kept = new LinkedHashMap<>();
        row.forEach((key, value) -> {
          if (telling.contains(key)) {
            kept.put(key, value);
          }
        });
        rows.add(kept);
      } else {
        rows.add(each);
      }
    }
    return rows;
  }

  private static boolean isEmpty(@Nullable Object value) {
    return switch (value) {
      case null -> true;
      case String text -> text.isEmpty();
      case List<?> list -> list.isEmpty();
      case Map<?, ?> map -> map.isEmpty();
      default -> false;
    };
  }

  // --- the password ---

  private String secret(Optional<String> file) throws IOException, OperationRefused {
    Console console = System.console();
    String secret;
    if (file.isPresent() && !file.get().equals("-")) {
      try (BufferedReader reader = Files.newBufferedReader(Path.of(file.get()))) {
        secret = reader.readLine();
      }
    } else if (file.isEmpty() && console != null && console.isTerminal()) {
      char[] typed = console.readPassword("Password: ");
      secret = typed == null ? null : new String(typed);
    } else {
      secret = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)).readLine();
    }
    if (secret == null || secret.isEmpty()) {
      throw OperationRefused.bad(
          "no password: give it on standard input or with --password-file, or a"
              + " --password-hash");
    }
    return secret;
  }
}
