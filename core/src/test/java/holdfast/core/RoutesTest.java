package holdfast.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Where messages go through exchanges that lead to exchanges.
class RoutesTest {
  private final VirtualHost host = new VirtualHost("/");
  private final Routes routes = new Routes();

  private Queue queue(String name) {
    return new Queue(
        null,
        host,
        new Queue.Declaration(name, false, false, false, Arguments.NONE),
        null,
        null,
        false);
  }

  private Exchange exchange(String type) {
    return Exchange.create(
        host, new Exchange.Declaration("", type, false, false, false, Arguments.NONE), 1);
  }

  private static void bind(Exchange source, Destination destination, String key) {
    source.bind(new Binding(source, destination, key, Arguments.NONE));
  }

  private static Message message(String key) {
    return new Message("", key, PropertyFormat.NONE, new byte[0], new byte[0], false, 1);
  }

  private Set<Queue> find(Exchange from, String key) {
    routes.find(from, message(key));
    List<Queue> found = List.of(routes.toArray());
    assertThat(found).as("each once").doesNotHaveDuplicates();
    assertThat(routes.count()).isEqualTo(found.size());
    return new HashSet<>(found);
  }

  @Test
  void agreesWithAWalkThroughTheGraph() {
    Seeded.forEach(
        300,
        dice -> {
          List<Exchange> exchanges = new ArrayList<>();
          List<Queue> queues = new ArrayList<>();
          for (int i = 0; i < 8; i++) {
            exchanges.add(exchange(dice.nextBoolean() ? "fanout" : "direct"));
            queues.add(queue("q" + i));
          }
          for (int i = dice.nextInt(30); i > 0; i--) {
            Exchange source = exchanges.get(dice.nextInt(8));
            boolean onward = dice.nextBoolean();
            bind(
                source,
                onward ? exchanges.get(dice.nextInt(8)) : queues.get(dice.nextInt(8)),
                "k" + dice.nextInt(2));
          }
          for (int i = 0; i < 8; i++) {
            String key = "k" + dice.nextInt(2);
            Set<Object> met = new HashSet<>();
            walk(exchanges.get(i), key, met);
            Set<Queue> expected = new HashSet<>(queues);
            expected.retainAll(met);
            assertThat(find(exchanges.get(i), key)).isEqualTo(expected);
          }
        });
  }

  private static void walk(Destination at, String key, Set<Object> met) {
    if (met.add(at) && at instanceof Exchange exchange) {
      for (Binding binding : exchange.bindings()) {
        if (exchange.type().equals("fanout") || binding.key().equals(key)) {
          walk(binding.destination(), key, met);
        }
      }
    }
  }

  @Test
  void aChainAsLongAsClientsLikeIsFollowedToItsEnd() {
    Exchange first = exchange("fanout");
    Exchange last = first;
    for (int i = 0; i < 100_000; i++) {
      Exchange next = exchange("fanout");
      bind(last, next, "");
      last = next;
    }
    Queue end = queue("end");
    bind(last, end, "");
    bind(last, first, "");
    assertThat(find(first, "k")).containsExactly(end);
  }

  @Test
  void holdsNothingOfTheMessageBefore() {
    Exchange exchange = exchange("direct");
    for (int i = 0; i < 100; i++) {
      bind(exchange, queue("q" + i), "many");
    }
    Queue one = queue("one");
    bind(exchange, one, "one");
    assertThat(find(exchange, "many")).hasSize(100);
    assertThat(find(exchange, "one")).containsExactly(one);
    assertThat(find(exchange, "none")).isEmpty();
  }

  @Test
  void aPolicyNamesAnAlternateWhereTheDeclarationNamesNone() {
    Exchange rest = host.exchange("amq.fanout");
    Queue queue = queue("rest");
    bind(rest, queue, "");
    Exchange exchange = exchange("direct");
    assertThat(find(exchange, "k")).isEmpty();
    exchange.policyAlternate = "amq.fanout";
    assertThat(find(exchange, "k")).containsExactly(queue);
    exchange.policyAlternate = "none";
    assertThat(find(exchange, "k")).isEmpty();
    Exchange declared =
        Exchange.create(
            host,
            new Exchange.Declaration(
                "x",
                "direct",
                false,
                false,
                false,
                Arguments.of(Map.of("alternate-exchange", "amq.fanout"))),
            1);
    declared.policyAlternate = "none";
    assertThat(find(declared, "k")).containsExactly(queue);
  }

  @Test
  void whatTakesTooManyStepsIsToldSo() {
    Exchange exchange = exchange("topic");
    Queue queue = queue("q");
    for (int i = 0; i < 1 << 13; i++) {
      StringBuilder pattern = new StringBuilder("#");
      for (int bit = 0; bit < 13; bit++) {
        pattern.append((i >> bit & 1) == 0 ? ".a.#" : ".*.a.#");
      }
      bind(exchange, queue, pattern.toString());
    }
    find(exchange, "a.a.a");
    assertThat(routes.tooMuch(100)).isNull();
    routes.find(exchange, message("a.".repeat(127) + "a"));
    assertThat(routes.tooMuch(100)).isNotNull();
    routes.clear();
    assertThat(routes.tooMuch(100)).isNull();
    find(exchange, "a.a.a");
    assertThat(routes.tooMuch(100)).isNull();
    routes.find(exchange, message("a"), Collections.nCopies(1000, "a.".repeat(11) + "a"));
    assertThat(routes.tooMuch(100)).isNotNull();
  }

  @Test
  void everyKeyIsAskedForBeforeTheAlternate() {
    Exchange exchange = exchange("direct");
    exchange.policyAlternate = "amq.fanout";
    bind(host.exchange("amq.fanout"), queue("rest"), "");
    Queue queue = queue("q");
    bind(exchange, queue, "copy");
    routes.find(exchange, message("k"), List.of("copy", "other"));
    assertThat(routes.toArray()).containsExactly(queue);
  }

  @Test
  void aBindingIsTheSameInOtherWords() {
    Exchange exchange = exchange("direct");
    Queue queue = queue("q");
    Binding made = new Binding(exchange, queue, "k", Arguments.of(Map.of("n", 1)));
    Binding again = new Binding(exchange, queue, "k", Arguments.of(Map.of("n", 1.0)));
    assertThat(exchange.bind(made)).isTrue();
    assertThat(exchange.bind(again)).isFalse();
    assertThat(exchange.bindingLike(again)).isSameAs(made);
    assertThat(exchange.unbind(again)).isTrue();
    assertThat(find(exchange, "k")).isEmpty();
  }
}
