package holdfast.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Exchanges that send each message to one of what is bound: to whom, how often, and what changes
/// when somebody comes or goes.
class OneOfManyTest {
  private static final int KEYS = 20_000;

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
        host, new Exchange.Declaration("x", type, false, false, false, Arguments.NONE), 1);
  }

  private static Binding binding(Exchange source, Queue queue, String key) {
    return new Binding(source, queue, key, Arguments.NONE);
  }

  /// Where each key goes, which must be one place.
  private Map<String, String> places(Exchange from) {
    Map<String, String> places = new HashMap<>();
    for (int i = 0; i < KEYS; i++) {
      String key = "user-" + i;
      routes.find(
          from, new Message("x", key, PropertyFormat.NONE, new byte[0], new byte[0], false, 1));
      assertThat(routes.count()).isEqualTo(1);
      places.put(key, routes.get(0).name());
    }
    return places;
  }

  private static double share(Map<String, String> places, String queue) {
    return (double) places.values().stream().filter(queue::equals).count() / KEYS;
  }

  private static Set<String> moved(Map<String, String> before, Map<String, String> after) {
    Set<String> moved = new HashSet<>();
    before.forEach((key, place) -> {
      if (!place.equals(after.get(key))) {
        moved.add(key);
      }
    });
    return moved;
  }

  @Test
  void aConsistentHashSharesByWeight() {
    Exchange exchange = exchange(ConsistentHashExchange.TYPE);
    exchange.bind(binding(exchange, queue("a"), "1"));
    exchange.bind(binding(exchange, queue("b"), "1"));
    exchange.bind(binding(exchange, queue("c"), "2"));
    Map<String, String> places = places(exchange);
    assertThat(share(places, "a")).isCloseTo(0.25, within(0.02));
    assertThat(share(places, "b")).isCloseTo(0.25, within(0.02));
    assertThat(share(places, "c")).isCloseTo(0.50, within(0.02));
  }

  @Test
  void whoComesTakesKeysOnlyForItselfAndWhoGoesGivesUpOnlyItsOwn() {
    Exchange exchange = exchange(ConsistentHashExchange.TYPE);
    for (int i = 0; i < 9; i++) {
      exchange.bind(binding(exchange, queue("q" + i), "3"));
    }
    Map<String, String> before = places(exchange);
    Binding tenth = binding(exchange, queue("q9"), "3");
    exchange.bind(tenth);
    Map<String, String> after = places(exchange);
    Set<String> moved = moved(before, after);
    assertThat(moved).isNotEmpty().allMatch(key -> after.get(key).equals("q9"));
    assertThat((double) moved.size() / KEYS).isCloseTo(0.1, within(0.02));
    exchange.unbind(tenth);
    assertThat(places(exchange)).isEqualTo(before);
  }

  @Test
  void theOrderOfBindingMakesNoDifference() {
    for (String type : new String[] {ConsistentHashExchange.TYPE, ModulusHashExchange.TYPE}) {
      Exchange one = exchange(type);
      Exchange other = exchange(type);
      for (int i = 0; i < 5; i++) {
        one.bind(binding(one, queue("q" + i), "1"));
        other.bind(binding(other, queue("q" + (4 - i)), "1"));
      }
      assertThat(places(one)).as(type).isEqualTo(places(other));
    }
  }

  /// What is written here was computed once, and stays: else an update would send keys elsewhere.
  @Test
  void hashesAreTheSameForEver() {
    assertThat(Hash.of("")).isEqualTo(0xefd01f60ba992926L);
    assertThat(Hash.of("user-1")).isNotEqualTo(Hash.of("user-2"));
  }

  @Test
  void aModulusSharesEvenly() {
    Exchange exchange = exchange(ModulusHashExchange.TYPE);
    for (String name : new String[] {"a", "b", "c"}) {
      exchange.bind(binding(exchange, queue(name), ""));
    }
    Map<String, String> places = places(exchange);
    for (String name : new String[] {"a", "b", "c"}) {
      assertThat(share(places, name)).isCloseTo(1.0 / 3, within(0.02));
    }
    assertThat(places(exchange)).isEqualTo(places);
  }

  @Test
  void chanceGivesEveryQueueTheSameWhateverItsBindings() {
    Exchange exchange = exchange(RandomExchange.TYPE);
    Queue a = queue("a");
    Binding second = binding(exchange, a, "2");
    exchange.bind(binding(exchange, a, "1"));
    exchange.bind(second);
    exchange.bind(binding(exchange, queue("b"), "1"));
    Map<String, String> places = places(exchange);
    assertThat(share(places, "a")).isCloseTo(0.5, within(0.02));
    assertThat(places(exchange)).isNotEqualTo(places);
    exchange.unbind(second);
    assertThat(share(places(exchange), "a")).isCloseTo(0.5, within(0.02));
  }
}
