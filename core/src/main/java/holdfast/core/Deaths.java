package holdfast.core;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What stands in a dead letter's headers about how it got there: `x-death`, newest first, one
/// element for each queue and reason; and its first and last death by themselves. The names and
/// forms are RabbitMQ's ("Dead Letter Exchanges" in its documentation).
final class Deaths {
  private static final String DEATHS = "x-death";
  private static final String QUEUE = "queue";
  private static final String REASON = "reason";
  private static final String COUNT = "count";

  private Deaths() {}

  /// The message that becomes of one that died in a queue: it has new headers, no expiration of its
  /// own any more, and is as old as its death.
  ///
  /// @param key what it is published under; null for the key it came with
  static Message letter(
      Message message,
      Queue queue,
      DeadLetters.Reason reason,
      String exchange,
      @Nullable String key,
      long nowMs) {
    Map<String, @Nullable Object> headers = message.headers().asMap();
    List<Object> keys = new ArrayList<>();
    keys.add(message.routingKey());
    keys.addAll(copies(message));
    Map<String, Object> death = new LinkedHashMap<>();
    death.put(COUNT, 1L);
    death.put(REASON, reason.text());
    death.put(QUEUE, queue.name());
    death.put("time", Instant.ofEpochSecond(nowMs / 1000));
    death.put("exchange", message.exchange());
    death.put("routing-keys", keys);
    String expiration = message.expiration();
    if (expiration != null) {
      death.put("original-expiration", expiration);
    }
    Map<String, @Nullable Object> changed = new LinkedHashMap<>();
    changed.put(DEATHS, deaths(headers, death, queue.name(), reason));
    if (!headers.containsKey("x-first-death-reason")) {
      where("x-first-death-", changed, message, queue, reason);
    }
    where("x-last-death-", changed, message, queue, reason);
    Set<String> removed = Set.of();
    if (key != null && headers.containsKey("CC")) {
      removed = Set.of("CC"); // it goes where the key says, and nowhere besides
    }
    return message.as(
        exchange,
        key == null ? message.routingKey() : key,
        message.format().edited(message.properties(), Arguments.of(changed), removed, true),
        nowMs);
  }

  /// The routing keys that a letter has beside its own.
  static List<String> copies(Message letter) {
    List<String> keys = new ArrayList<>();
    if (letter.headers().get("CC") instanceof List<?> copies) {
      for (Object copy : copies) {
        if (copy instanceof String key) {
          keys.add(key);
        }
      }
    }
    return keys;
  }

  private static void where(
      String prefix,
      Map<String, @Nullable Object> headers,
      Message message,
      Queue queue,
      DeadLetters.Reason reason) {
    headers.put(prefix + REASON, reason.text());
    headers.put(prefix + QUEUE, queue.name());
    headers.put(prefix + "exchange", message.exchange());
  }

  /// One element for each queue and reason, counts added up: publishers, and other brokers, may
  /// have written several.
  private static List<Object> deaths(
      Map<String, @Nullable Object> headers,
      Map<String, Object> newest,
      String queue,
      DeadLetters.Reason reason) {
    Map<List<Object>, Map<String, @Nullable Object>> deaths = new LinkedHashMap<>();
    deaths.put(List.of(queue, reason.text()), new LinkedHashMap<>(newest));
    if (headers.get(DEATHS) instanceof List<?> before) {
      for (Object one : before) {
        if (one instanceof Map<?, ?> death) {
          List<Object> where =
              List.of(String.valueOf(death.get(QUEUE)), String.valueOf(death.get(REASON)));
          Map<String, @Nullable Object> known =
              deaths.computeIfAbsent(where, first -> new LinkedHashMap<>());
          long count = known.get(COUNT) instanceof Long so ? so : 0;
          death.forEach((name, value) -> known.putIfAbsent(String.valueOf(name), value));
          known.put(COUNT, count + count(death));
        }
      }
    }
    return new ArrayList<>(deaths.values());
  }

  /// An element that does not say how often stands for once.
  private static long count(Map<?, ?> death) {
    return death.get(COUNT) instanceof Long count ? count : 1;
  }

  /// Whether a letter would go round for ever: it died in this queue before, and nobody has refused
  /// it since, so nothing but the broker moves it.
  static boolean isCycle(Message letter, Queue target) {
    if (!(letter.headers().asMap().get(DEATHS) instanceof List<?> deaths)) {
      return false;
    }
    for (Object death : deaths) {
      if (death instanceof Map<?, ?> map) {
        if (DeadLetters.Reason.REJECTED.text().equals(map.get(REASON))) {
          return false;
        }
        if (target.name().equals(map.get(QUEUE))) {
          return true;
        }
      }
    }
    return false;
  }
}
