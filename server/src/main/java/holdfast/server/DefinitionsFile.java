package holdfast.server;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A definitions file in RabbitMQ's form, read object by object: a large one never is in memory as
/// a whole.
final class DefinitionsFile {
  /// Letters of one object: a queue has some hundred.
  static final int ITEM_LENGTH_MAX = 1 << 18;

  private static final Set<String> SECTIONS = sections();

  /// What a file may say of itself, and of the virtual host it is of.
  private static final Set<String> FACTS =
      Set.of(
          "rabbit_version",
          "rabbitmq_version",
          "product_name",
          "product_version",
          "rabbitmq_definition_format",
          "original_vhost_name",
          "original_cluster_name",
          "explanation",
          "name",
          "vhost",
          "description",
          "metadata",
          "tags",
          "limits",
          "default_queue_type");

  private final Path path;

  DefinitionsFile(Path path) {
    this.path = path;
  }

  private static Set<String> sections() {
    Set<String> all = new LinkedHashSet<>();
    DefinitionSections.RANKS.forEach(all::addAll);
    return all;
  }

  /// What is in a file.
  ///
  /// @param counts section -> objects, in the file's order
  /// @param facts what it says of itself
  /// @param unknown other names
  record Content(
      Map<String, Long> counts, Map<String, @Nullable Object> facts, Set<String> unknown) {
    long total() {
      return counts.values().stream().mapToLong(n -> n).sum();
    }

    /// Whether it is of one virtual host, and its objects name none.
    boolean isOfOneHost() {
      return "single_virtual_host".equals(facts.get("rabbitmq_definition_format"))
          || !counts.containsKey("vhosts") && !counts.containsKey("users");
    }
  }

  /// What is done with an object of a section.
  interface Visitor {
    void visit(String section, @Nullable Object item);
  }

  /// Reads all of it, and so makes sure that it is well-formed.
  ///
  /// @throws IllegalArgumentException if it is not; it says where
  Content check() throws IOException {
    Map<String, Long> counts = new LinkedHashMap<>();
    Map<String, @Nullable Object> facts = new LinkedHashMap<>();
    Set<String> unknown = new LinkedHashSet<>();
    read((reader, key) -> {
      if (SECTIONS.contains(key)) {
        if (counts.putIfAbsent(key, 0L) != null) {
          throw new IllegalArgumentException("'" + key + "' a second time at " + reader.place());
        }
        items(reader, key, item -> counts.merge(key, 1L, Long::sum));
      } else {
        Object value = reader.value(ITEM_LENGTH_MAX);
        if (FACTS.contains(key)) {
          facts.put(key, value);
        } else {
          unknown.add(key);
        }
      }
    });
    if (counts.isEmpty()) {
      throw new IllegalArgumentException(
          "no definitions in it: there are none of " + String.join(", ", SECTIONS));
    }
    return new Content(counts, facts, unknown);
  }

  /// Hands over the objects of the sections that are wanted when they are met.
  void visit(java.util.function.Predicate<String> wanted, Visitor visitor) throws IOException {
    read((reader, key) -> {
      boolean isWanted = SECTIONS.contains(key) && wanted.test(key);
      if (isWanted) {
        items(reader, key, item -> visitor.visit(key, item));
      } else if (reader.isList()) {
        reader.eachElement(() -> reader.value(ITEM_LENGTH_MAX));
      } else {
        reader.value(ITEM_LENGTH_MAX);
      }
    });
  }

  private static void items(
      JsonReader reader, String section, java.util.function.Consumer<@Nullable Object> each) {
    if (!reader.isList()) {
      throw new IllegalArgumentException(
          "expected the list of " + section + " at " + reader.place());
    }
    reader.eachElement(() -> each.accept(reader.value(ITEM_LENGTH_MAX)));
  }

  private interface Section {
    void read(JsonReader reader, String key);
  }

  private void read(Section section) throws IOException {
    try (Reader text = Files.newBufferedReader(path, StandardCharsets.UTF_8)) {
      JsonReader reader = new JsonReader(text);
      reader.eachMember(key -> section.read(reader, key));
      reader.expectEnd();
    } catch (UncheckedIOException unreadable) {
      if (unreadable.getCause() instanceof MalformedInputException) {
        throw new IllegalArgumentException("it is not written in UTF-8", unreadable);
      }
      throw unreadable.getCause();
    }
  }
}
