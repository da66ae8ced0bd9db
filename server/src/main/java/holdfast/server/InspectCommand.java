package holdfast.server;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `holdfast status | queues | connections`: asks the running broker and prints its answer.
final class InspectCommand {
  private final PrintStream out;
  private final PrintStream err;

  InspectCommand(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  ExitStatus run(Command.Inspect command) {
    try {
      String answer = ControlClient.ask(command.dataDir(), command.request());
      Object document = JsonReader.read(answer);
      if (document instanceof Map<?, ?> map && map.size() == 1 && map.containsKey("error")) {
        err.println("holdfast: " + map.get("error"));
        return ExitStatus.BUG;
      }
      if (command.asJson()) {
        out.println(answer);
      } else {
        out.print(layOut(command.request(), AdministerCommand.withoutEmptyColumns(document)));
      }
      return ExitStatus.CLEAN;
    } catch (NoBroker absent) {
      err.println("holdfast: " + absent.getMessage());
      return ExitStatus.NO_BROKER;
    } catch (IllegalArgumentException malformed) {
      err.println("holdfast: the answer is not JSON: " + malformed.getMessage());
      return ExitStatus.NO_BROKER;
    }
  }

  static String layOut(String request, @Nullable Object document) {
    return switch (document) {
      case Map<?, ?> map -> Table.ofFacts(row(map));
      case List<?> list when list.isEmpty() -> "no " + request + System.lineSeparator();
      case List<?> list -> Table.ofRows(rows(list));
      case null -> throw new IllegalArgumentException("expected a list or a map, found nothing");
      default -> throw new IllegalArgumentException("expected a list or a map: " + document);
    };
  }

  private static List<Map<String, @Nullable Object>> rows(List<?> list) {
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    for (Object each : list) {
      if (!(each instanceof Map<?, ?> map)) {
        throw new IllegalArgumentException("expected a map: " + each);
      }
      rows.add(row(map));
    }
    return rows;
  }

  private static Map<String, @Nullable Object> row(Map<?, ?> map) {
    Map<String, @Nullable Object> row = new LinkedHashMap<>();
    map.forEach((key, value) -> row.put(String.valueOf(key), value));
    return row;
  }
}
