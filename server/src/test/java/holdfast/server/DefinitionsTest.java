package holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Definitions of RabbitMQ in, and the same out again.
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class DefinitionsTest {
  private static final Path FILES = TidyTest.HOME.resolve("server/src/test/resources/definitions");

  @TempDir Path dir;

  private String file(String name) {
    return FILES.resolve(name).toString();
  }

  @Test
  void whatRabbitMq4WroteIsTakenAndComesOutTheSame() throws Exception {
    String first = dir.resolve("first.json").toString();
    String second = dir.resolve("second.json").toString();
    try (AdministeredBroker broker = new AdministeredBroker(dir.resolve("a"))) {
      broker.run("users", "delete", "guest"); // a default user, if there is one, is not the file's
      assertThat(
              broker.refused(ExitStatus.REFUSED, "definitions", "import", file("rabbitmq-4.json")))
          .isEmpty();
      assertThat(broker.printed())
          .contains("0 kept as it is here, 2 without meaning here, 1 refused")
          .contains("component 'shovel' mean nothing");
      assertThat(broker.rows("queues", "--vhost", "shop"))
          .extracting(row -> row.get("name") + "/" + row.get("type"))
          .containsExactly("orders/quorum", "tmp.ä/classic");
      assertThat(broker.rows("limits")).hasSize(4);
      assertThat(broker.rows("users")).extracting(row -> row.get("password")).contains("none");
      broker.say("definitions", "export", first);
    }
    try (AdministeredBroker broker = new AdministeredBroker(dir.resolve("b"))) {
      broker.run("users", "delete", "guest");
      assertThat(broker.say("definitions", "import", first)).contains("0 refused");
      broker.say("definitions", "export", second);
      assertThat(Files.readString(Path.of(second))).isEqualTo(Files.readString(Path.of(first)));
      assertThat(broker.say("definitions", "import", first))
          .as("a second time changes nothing")
          .contains("0 kept as it is here", "0 refused");
    }
    Map<?, ?> document = (Map<?, ?>) JsonReader.read(Files.readString(Path.of(first)));
    Map<?, ?> original =
        (Map<?, ?>) JsonReader.read(Files.readString(FILES.resolve("rabbitmq-4.json")));
    for (String section : List.of("users", "permissions", "topic_permissions", "policies")) {
      assertThat(document.get(section)).as(section).isEqualTo(original.get(section));
    }
    assertThat((List<?>) document.get("bindings")).hasSize(3);
  }

  @Test
  void whatRabbitMq310WroteIsTaken() throws Exception {
    try (AdministeredBroker broker = new AdministeredBroker(dir.resolve("a"))) {
      assertThat(
              broker.refused(
                  ExitStatus.REFUSED, "definitions", "import", file("rabbitmq-3.10.json")))
          .isEmpty();
      assertThat(broker.printed())
          .contains("before-3.6", "only sha256 and sha512: give the user a new password")
          .contains("1 refused");
      assertThat(broker.rows("bindings")).hasSize(1);
    }
  }

  @Test
  void theDefinitionsOfOneVhostGoWhereTheyAreSent() throws Exception {
    try (AdministeredBroker broker = new AdministeredBroker(dir.resolve("a"))) {
      broker.say("definitions", "import", file("one-vhost.json"));
      broker.say("definitions", "import", file("one-vhost.json"), "--vhost", "other");
      for (String vhost : List.of("shop", "other")) {
        assertThat(broker.rows("queues", "--vhost", vhost)).as(vhost).hasSize(1);
        assertThat(broker.rows("bindings", "--vhost", vhost)).as("bindings come first").hasSize(1);
        assertThat(broker.rows("limits", "--vhost", vhost)).hasSize(1);
      }
      assertThat(broker.say("definitions", "export", "-", "--vhost", "other"))
          .contains("\"single_virtual_host\"", "\"orders\"")
          .doesNotContain("\"shop\"", "\"users\"");
    }
  }

  @Test
  void whatIsThereStaysAsItIsAndIsNamed() throws Exception {
    try (AdministeredBroker broker = new AdministeredBroker(dir.resolve("a"))) {
      broker.say("vhosts", "add", "shop", "--description", "mine");
      broker.say("users", "add", "anna", "--password-hash", "", "--tags", "mine");
      broker.say("queues", "add", "orders", "--vhost", "shop");
      broker.refused(ExitStatus.REFUSED, "definitions", "import", file("rabbitmq-4.json"));
      assertThat(broker.printed())
          .contains("3 kept as it is here", "another password", "inequivalent arg 'x-queue-type'");
      assertThat(broker.rows("users", "--name", "anna").getFirst().get("tags"))
          .isEqualTo(List.of("mine"));
      assertThat(broker.rows("queues", "--name", "orders").getFirst().get("type"))
          .isEqualTo("classic");
    }
  }

  @Test
  void ofAMalformedFileNothingIsTaken() throws Exception {
    Path bad =
        Files.writeString(
            dir.resolve("bad.json"), "{\"vhosts\":[{\"name\":\"new\"}],\n \"queues\":[{]}");
    try (AdministeredBroker broker = new AdministeredBroker(dir.resolve("a"))) {
      assertThat(broker.refused(ExitStatus.USAGE, "definitions", "import", bad.toString()))
          .contains("nothing was taken from " + bad, "expected '\"' at line 2, column 13");
      assertThat(broker.say("vhosts")).doesNotContain("new");
      assertThat(broker.refused(ExitStatus.USAGE, "definitions", "import", "missing.json"))
          .contains("there is no file missing.json");
    }
  }

  @Test
  void definitionsAreLoadedAtTheStartOrTheStartIsRefused() throws Exception {
    String set = "load_definitions=" + file("rabbitmq-4.json");
    try (AdministeredBroker broker = new AdministeredBroker(dir.resolve("a"), set)) {
      assertThat(broker.rows("queues")).hasSize(2);
    }
    Path directory = Files.createDirectory(dir.resolve("definitions.d"));
    Files.copy(FILES.resolve("one-vhost.json"), directory.resolve("1.json"));
    Files.writeString(directory.resolve("notes.txt"), "not read");
    try (AdministeredBroker broker =
        new AdministeredBroker(dir.resolve("a"), "definitions.local.path=" + directory)) {
      assertThat(broker.rows("queues")).hasSize(2);
    }
    assertThatThrownBy(
            () -> new AdministeredBroker(dir.resolve("b"), "load_definitions=/none/at/all.json"))
        .isInstanceOf(StartRefused.class)
        .hasMessageContaining("there are no definitions at /none/at/all.json");
    Path bad = Files.writeString(dir.resolve("bad.json"), "{");
    assertThatThrownBy(() -> new AdministeredBroker(dir.resolve("b"), "load_definitions=" + bad))
        .isInstanceOf(StartRefused.class)
        .hasMessageContaining("bad.json: expected '\"' at line 1, column 2");
  }

  // -- without a broker --

  @Test
  void aLargeFileGoesInSlicesAndInTheOrderThingsNeedEachOther() throws Exception {
    int count = 20_000;
    Path large = dir.resolve("large.json");
    try (BufferedWriter out = Files.newBufferedWriter(large)) {
      out.write("{\"bindings\":[{\"source\":\"x\"}],\"queues\":[");
      for (int i = 0; i < count; i++) {
        out.write((i == 0 ? "" : ",\n") + "{\"name\":\"queue-" + i + "\",\"vhost\":\"/\"}");
      }
      out.write("],\"vhosts\":[{\"name\":\"/\"}],\"permissions\":[{}],\"users\":[]}");
    }
    List<String> sections = new ArrayList<>();
    List<Integer> sizes = new ArrayList<>();
    DefinitionsImport.Target target =
        (section, items, vhost) -> {
          if (sections.isEmpty() || !sections.getLast().equals(section)) {
            sections.add(section);
          }
          sizes.add(items.size());
          ImportReport report = new ImportReport();
          items.forEach(item -> report.add(ImportReport.Fate.TAKEN, section, "", ""));
          return report;
        };
    ImportReport report =
        new DefinitionsImport(new DefinitionsFile(large), Optional.empty(), target, done -> {})
            .run();
    assertThat(report.count(ImportReport.Fate.TAKEN)).isEqualTo(count + 3);
    assertThat(sections).containsExactly("vhosts", "permissions", "queues", "bindings");
    assertThat(sizes).allMatch(size -> size <= 500);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[] | expected '{' at line 1, column 1",
        "{} | no definitions in it",
        "{\"queues\":{}} | expected the list of queues at line 1, column 11",
        "{\"queues\":[],\"queues\":[]} | 'queues' a second time at line 1, column 23",
        "{\"queues\":[1,2} | expected ']' at line 1, column 15",
        "{\"queues\":[]} x | expected the end at line 1, column 15",
        "{\"queues\":[{\"a\":1e999999999}]} | expected a number of a usual size at line 1",
      })
  void whatIsWrongWithAFileIsSaidWithItsPlace(String text, String complaint) throws Exception {
    Path file = Files.writeString(dir.resolve("wrong.json"), text);
    assertThatThrownBy(() -> new DefinitionsFile(file).check())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(complaint);
  }

  @Test
  void anObjectBeyondAllMeasureIsRefusedAndNotHeld() throws Exception {
    Path file =
        Files.writeString(
            dir.resolve("wide.json"),
            "{\"queues\":[{\"name\":\"" + "a".repeat(DefinitionsFile.ITEM_LENGTH_MAX) + "\"}]}");
    assertThatThrownBy(() -> new DefinitionsFile(file).check())
        .hasMessageContaining("expected a shorter value at line 1");
    Path latin = Files.write(dir.resolve("latin.json"), new byte[] {'{', '"', (byte) 0xe4, '"'});
    assertThatThrownBy(() -> new DefinitionsFile(latin).check()).hasMessageContaining("UTF-8");
  }
}
