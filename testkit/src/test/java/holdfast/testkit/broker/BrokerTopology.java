package holdfast.testkit.broker;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// The plain model's queues, exchanges and bindings. Each is a fact that holds now and that may or
/// may not be on disk yet; one that is uncertain is not changed again before it is certain.
final class BrokerTopology {
  static final List<String> KEYS = List.of("a", "a.b", "c.b");
  static final List<String> PATTERNS = List.of("#", "a.*", "*.b", "a");

  /// Something that is there or not, and is so on disk for sure or not.
  static class Fact {
    final boolean durable;
    boolean now = true;
    boolean certain;

    /// The driver's clock when it last changed.
    long changedAt;

    Fact(boolean durable) {
      this.durable = durable;
    }

    void change(boolean to, long clock) {
      now = to;
      certain = false;
      changedAt = clock;
    }
  }

  static final class QueueM extends Fact {
    final String name;
    final boolean exclusive;
    final boolean autoDelete;
    final Object owner;
    int consumers;

    /// Whether it ever had a consumer or was asked by a get: only then its messages may be flagged.
    boolean offered;

    final Map<Integer, Place> places = new LinkedHashMap<>();

    QueueM(String name, boolean durable, boolean exclusive, boolean autoDelete, Object owner) {
      super(durable && !exclusive);
      this.name = name;
      this.exclusive = exclusive;
      this.autoDelete = autoDelete;
      this.owner = owner;
    }
  }

  static final class ExchangeM extends Fact {
    final String name;
    final String type;

    ExchangeM(String name, String type, boolean durable) {
      super(durable);
      this.name = name;
      this.type = type;
    }

    boolean leads(String pattern, String key) {
      return switch (type) {
        case "fanout" -> true;
        case "direct" -> pattern.equals(key);
        default ->
            Pattern.matches(
                pattern.equals("#") ? ".*" : pattern.replace(".", "\\.").replace("*", "[^.]*"),
                key);
      };
    }
  }

  static final class BindingM extends Fact {
    final ExchangeM from;
    final QueueM to;
    final String key;

    BindingM(ExchangeM from, QueueM to, String key) {
      super(from.durable && to.durable);
      this.from = from;
      this.to = to;
      this.key = key;
    }

    boolean leads() {
      return now && from.now && to.now;
    }
  }

  /// A message, as its publisher knows it.
  static final class Msg {
    final int id;
    final Object publisher;
    final boolean persistent;
    final boolean large;
    final byte[] body;
    final long footprint;

    /// The driver's clock when the gate took it.
    long acceptedAt;

    boolean confirmed;

    /// Whether it is known exactly where it was routed to.
    boolean exact = true;

    final List<Place> places = new ArrayList<>();

    Msg(int id, Object publisher, boolean persistent, boolean large, byte[] body, long footprint) {
      this.id = id;
      this.publisher = publisher;
      this.persistent = persistent;
      this.large = large;
      this.body = body;
      this.footprint = footprint;
    }
  }

  /// A message in a queue.
  static final class Place {
    static final long UNKNOWN = Long.MAX_VALUE;

    final Msg message;
    final QueueM queue;

    /// Handed to somebody, in any life.
    boolean delivered;

    /// In somebody's hands.
    boolean out;

    /// Whose, if it was delivered to a consumer.
    Taker taker;

    boolean settled;

    /// The driver's clock when it was settled, or UNKNOWN.
    long settledAt = UNKNOWN;

    /// What the redelivered flag of the next delivery must say.
    boolean flagged;

    Place(Msg message, QueueM queue) {
      this.message = message;
      this.queue = queue;
    }

    boolean isLogged() {
      return message.persistent && queue.durable;
    }

    boolean isHeld() {
      return out || queue.now && !settled;
    }
  }

  final Map<String, QueueM> queues = new LinkedHashMap<>();
  final Map<String, ExchangeM> exchanges = new LinkedHashMap<>();
  final List<BindingM> bindings = new ArrayList<>();

  QueueM queue(String name) {
    QueueM queue = queues.get(name);
    return queue != null && queue.now ? queue : null;
  }

  ExchangeM exchange(String name) {
    ExchangeM exchange = exchanges.get(name);
    return exchange != null && exchange.now ? exchange : null;
  }

  /// The binding between what has these names now, or null.
  BindingM binding(ExchangeM from, QueueM to, String key) {
    for (BindingM binding : bindings) {
      if (binding.from == from && binding.to == to && binding.key.equals(key)) {
        return binding;
      }
    }
    return null;
  }

  Set<QueueM> route(String exchange, String key) {
    Set<QueueM> targets = new LinkedHashSet<>();
    if (exchange.isEmpty()) {
      QueueM queue = queue(key);
      if (queue != null) {
        targets.add(queue);
      }
      return targets;
    }
    for (BindingM binding : bindings) {
      if (binding.leads()
          && binding.from.name.equals(exchange)
          && binding.from.leads(binding.key, key)) {
        targets.add(binding.to);
      }
    }
    return targets;
  }

  /// What changed before this is on disk.
  void durableUpTo(long clock) {
    List<Fact> facts = new ArrayList<>(queues.values());
    facts.addAll(exchanges.values());
    facts.addAll(bindings);
    facts.stream().filter(f -> f.changedAt < clock).forEach(f -> f.certain = true);
  }

  // --- after a crash ---

  /// What was found takes the place of what was uncertain; what was certain must have been found.
  void recovered(BrokerLook found) {
    resolve(queues, found.queues.keySet(), "queue");
    resolve(exchanges, found.exchanges, "exchange");
    bindings.removeIf(b -> !b.durable || !b.from.now || !b.to.now);
    // There is one binding between two ends at a time, so what comes through tells whether it is.
    for (BindingM binding : bindings) {
      if (!binding.certain) {
        binding.now =
            KEYS.stream()
                .filter(key -> binding.from.leads(binding.key, key))
                .anyMatch(key -> found.reached(binding.from.name, key, binding.to.name));
        binding.certain = true;
      }
    }
    bindings.removeIf(b -> !b.now);
    requireRoutes(found);
  }

  private void requireRoutes(BrokerLook found) {
    for (ExchangeM exchange : exchanges.values()) {
      for (String key : KEYS) {
        for (QueueM queue : queues.values()) {
          boolean should = exchange.now && queue.now && route(exchange.name, key).contains(queue);
          boolean does = found.reached(exchange.name, key, queue.name);
          if (should != does) {
            throw new AssertionError(
                "a message to %s with key %s %s queue %s"
                    .formatted(
                        exchange.name, key, does ? "reaches" : "does not reach", queue.name));
          }
        }
      }
    }
  }

  private static <F extends Fact> void resolve(
      Map<String, F> facts, Set<String> found, String what) {
    for (Map.Entry<String, F> entry : Map.copyOf(facts).entrySet()) {
      F fact = entry.getValue();
      boolean there = found.contains(entry.getKey());
      if (!fact.durable && there) {
        throw new AssertionError(what + " " + entry.getKey() + " is not durable and came back");
      }
      if (fact.durable && fact.certain && fact.now != there) {
        throw new AssertionError(
            what
                + " "
                + entry.getKey()
                + (there ? " came back after its deletion" : " is gone")
                + " although the answer was given");
      }
      fact.now = there;
      fact.certain = true;
      if (!there) {
        facts.remove(entry.getKey());
      }
    }
    for (String name : found) {
      if (!facts.containsKey(name)) {
        throw new AssertionError(what + " " + name + " was never declared, or never kept");
      }
    }
  }
}
