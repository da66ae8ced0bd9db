package holdfast.server;

import holdfast.server.ImportReport.Fate;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// Takes a definitions file to a broker, a slice at a time. The file is read once to see that it is
/// well-formed, and then as often as the order of its sections asks for: once, as brokers write it.
final class DefinitionsImport {
  /// Where slices go: the broker in this process, or one behind its control socket.
  interface Target {
    ImportReport take(String section, List<@Nullable Object> items, String vhost)
        throws OperationRefused, NoBroker;
  }

  /// Objects of a slice, and the letters it may have.
  private static final int SLICE_ITEMS = 500;

  private static final int SLICE_LENGTH = DefinitionsFile.ITEM_LENGTH_MAX;

  private final DefinitionsFile file;
  private final Optional<String> vhost;
  private final Target target;
  private final LongConsumer progress;
  private final ImportReport report = new ImportReport();

  /// @param vhost where objects go that name no virtual host
  /// @param progress told after each slice how many objects are done
  DefinitionsImport(
      DefinitionsFile file, Optional<String> vhost, Target target, LongConsumer progress) {
    this.file = file;
    this.vhost = vhost;
    this.target = target;
    this.progress = progress;
  }

  /// A target that gave up in the middle of a reading.
  private static final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Stopped(Exception cause) {
      super(cause);
    }
  }

  /// @throws IllegalArgumentException if the file is malformed: nothing has been taken then
  ImportReport run() throws IOException, OperationRefused, NoBroker {
    DefinitionsFile.Content content = file.check();
    for (String name : content.unknown()) {
      report.add(Fate.REFUSED, name, "", "a section that this broker does not know");
    }
    String host = vhost.orElseGet(() -> text(content.facts().get("original_vhost_name")));
    Set<String> remaining = new LinkedHashSet<>(content.counts().keySet());
    try {
      if (content.isOfOneHost()) {
        takeHost(host, content.facts());
      }
      while (!remaining.isEmpty()) {
        takeWhatCan(remaining, host);
      }
    } catch (Stopped stopped) {
      switch (stopped.getCause()) {
        case OperationRefused refused -> throw refused;
        case NoBroker absent -> throw absent;
        case null, default -> throw stopped;
      }
    }
    return report;
  }

  private static String text(@Nullable Object fact) {
    return fact instanceof String text && !text.isEmpty() ? text : HostOperations.USUAL;
  }

  /// The virtual host that a file is of is made if it is not there.
  private void takeHost(String name, Map<String, @Nullable Object> facts) {
    Map<String, @Nullable Object> host = new LinkedHashMap<>();
    host.put("name", name);
    for (String fact : List.of("description", "metadata", "tags", "default_queue_type")) {
      if (facts.get(fact) != null) {
        host.put(fact, facts.get(fact));
      }
    }
    give("vhosts", List.of(host), name);
  }

  /// One reading: takes every section for which what it needs has been taken.
  private void takeWhatCan(Set<String> remaining, String host) throws IOException {
    Slice slice = new Slice(host);
    file.visit(
        section -> {
          boolean can = isReady(section, remaining);
          if (can) {
            slice.flush();
            remaining.remove(section);
          }
          return can;
        },
        slice::add);
    slice.flush();
  }

  private static boolean isReady(String section, Set<String> remaining) {
    if (!remaining.contains(section)) {
      return false;
    }
    for (Set<String> rank : DefinitionSections.RANKS) {
      if (rank.contains(section)) {
        return true;
      }
      if (rank.stream().anyMatch(remaining::contains)) {
        return false;
      }
    }
    return true;
  }

  private void give(String section, List<@Nullable Object> items, String host) {
    try {
      report.add(target.take(section, items, host));
    } catch (OperationRefused | NoBroker gaveUp) {
      throw new Stopped(gaveUp);
    }
    progress.accept(report.total());
  }

  /// Objects of one section that wait until they are enough to be sent.
  private final class Slice {
    private final String host;
    private List<@Nullable Object> items = new ArrayList<>();
    private String section = "";
    private long length;

    Slice(String host) {
      this.host = host;
    }

    void add(String of, @Nullable Object item) {
      long itemLength = Json.write(item).length();
      if (items.size() >= SLICE_ITEMS || length + itemLength > SLICE_LENGTH) {
        flush();
      }
      section = of;
      items.add(item);
      length += itemLength;
    }

    void flush() {
      if (!items.isEmpty()) {
        List<@Nullable Object> full = items;
        items = new ArrayList<>();
        length = 0;
        give(section, full, host);
      }
    }
  }
}
