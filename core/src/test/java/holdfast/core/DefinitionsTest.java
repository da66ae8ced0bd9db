package holdfast.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Names and definitions as they stand in the store: no name can pass for another.
class DefinitionsTest {
  private static final String[] HOSTILE = {
    "",
    ":",
    "1:",
    "1:a",
    "3:a:b",
    "a",
    "aa",
    "0:",
    "q",
    "x",
    "\u0000",
    "\n",
    "\ud83d\ude00",
    "9:9:9:",
    "11111111111",
    ".#*",
    " ",
    "c1:/1:a"
  };

  private static Queue queue(VirtualHost host, String name) {
    return new Queue(
        null,
        host,
        new Queue.Declaration(name, true, false, true, Arguments.NONE),
        null,
        null,
        true);
  }

  private static Exchange exchange(VirtualHost host, String name, Arguments arguments) {
    return Exchange.create(
        host, new Exchange.Declaration(name, "topic", true, true, true, arguments), 4711);
  }

  @Test
  void noNamePassesForAnother() {
    Map<String, List<String>> byKey = new HashMap<>();
    for (String host : HOSTILE) {
      VirtualHost virtualHost = new VirtualHost(host);
      put(byKey, Definitions.key(virtualHost), List.of("host", host));
      for (String name : HOSTILE) {
        Queue queue = queue(virtualHost, name);
        Exchange exchange = exchange(virtualHost, name, Arguments.NONE);
        put(byKey, Definitions.key(queue), List.of("queue", host, name));
        put(byKey, Definitions.key(exchange), List.of("exchange", host, name));
        for (String key : HOSTILE) {
          Exchange source = exchange(virtualHost, key, Arguments.NONE);
          for (String routing : List.of("", "1:a", "a")) {
            put(
                byKey,
                Definitions.key(new Binding(source, queue, routing, Arguments.NONE)),
                List.of("to queue", host, key, name, routing));
            put(
                byKey,
                Definitions.key(new Binding(source, exchange, routing, Arguments.NONE)),
                List.of("to exchange", host, key, name, routing));
          }
        }
      }
    }
    assertThat(byKey).hasSizeGreaterThan(30_000);
  }

  private static void put(Map<String, List<String>> byKey, String key, List<String> what) {
    List<String> before = byKey.put(key, what);
    assertThat(before).as("key %s of %s", key, what).isNull();
  }

  @Test
  void namesComeBackFromTheirKey() {
    for (String host : HOSTILE) {
      for (String name : HOSTILE) {
        VirtualHost virtualHost = new VirtualHost(host);
        Arguments arguments = Arguments.of(Map.of("x-match", "any", name, List.of(1, "two")));
        Binding binding =
            new Binding(
                exchange(virtualHost, name, Arguments.NONE),
                queue(virtualHost, host),
                name,
                arguments);
        String key = Definitions.key(binding);
        assertThat(Definitions.names(key, 5)).containsExactly(host, name, "q", host, name);
        assertThat(Definitions.bindingArguments(key)).isEqualTo(arguments);
      }
    }
  }

  @Test
  void definitionsComeBackFromTheirValue() {
    VirtualHost host = new VirtualHost("/");
    Arguments arguments = Arguments.of(Map.of("a", 1, "b", List.of("x")));
    Definitions.ExchangeOfId back =
        Definitions.exchange("name", Definitions.value(exchange(host, "name", arguments)));
    assertThat(back.id()).isEqualTo(4711);
    assertThat(back.declaration())
        .isEqualTo(new Exchange.Declaration("name", "topic", true, true, true, arguments));
    Definitions.QueueOfLog queue = Definitions.queue("q", Definitions.value(queue(host, "q")));
    assertThat(queue.logId()).isEqualTo(Entry.NOT_LOGGED);
    assertThat(queue.messagesAge()).isTrue();
    assertThat(queue.declaration())
        .isEqualTo(new Queue.Declaration("q", true, false, true, Arguments.NONE));
  }

  @Test
  void thingsAreMadeAgainInTheOrderOfTheirKeys() {
    VirtualHost host = new VirtualHost("z");
    Exchange exchange = exchange(host, "z", Arguments.NONE);
    Queue queue = queue(host, "a");
    List<String> keys = new ArrayList<>();
    keys.add(Definitions.key(new Binding(exchange, queue, "", Arguments.NONE)));
    keys.add(Definitions.key(queue));
    keys.add(Definitions.key(exchange));
    keys.add(Definitions.key(host));
    assertThat(keys.stream().sorted().toList()).isEqualTo(keys.reversed());
  }

  @Test
  void whatIsTooLongForARecordIsRefused() {
    DefinitionSizes sizes = new DefinitionSizes(4096);
    assertThat(sizes.check("it", "a".repeat(255), Arguments.NONE)).isNull();
    assertThat(sizes.check("it", "a".repeat(256), Arguments.NONE).text()).contains("255 bytes");
    assertThat(sizes.check("it", "\u20ac".repeat(85), Arguments.NONE)).isNull();
    assertThat(sizes.check("it", "\u20ac".repeat(86), Arguments.NONE)).isNotNull();
    assertThat(sizes.check("it", "half \ud83d", Arguments.NONE).text())
        .contains("half a character");
    assertThat(sizes.check("it", "", Arguments.of(Map.of("a", "b".repeat(2000))))).isNull();
    assertThat(sizes.check("it", "", Arguments.of(Map.of("a", "b".repeat(3000)))).text())
        .contains("limit is 2048");
  }
}
