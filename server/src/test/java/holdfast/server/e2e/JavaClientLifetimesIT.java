package holdfast.server.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/// Lifetimes, dead letters, lengths, priorities and who is served, with RabbitMQ's Java client.
class JavaClientLifetimesIT extends ClientCase {
  private GetResponse await(String queue) throws Exception {
    GetResponse[] got = {null};
    Await.until(
        "a message in " + queue,
        () -> {
          got[0] = channel.basicGet(queue, true);
          return got[0] != null;
        });
    return got[0];
  }

  private void publish(String queue, AMQP.BasicProperties properties, String... bodies)
      throws Exception {
    channel.confirmSelect();
    for (String body : bodies) {
      channel.basicPublish("", queue, properties, bytes(body));
    }
    channel.waitForConfirmsOrDie(15_000);
  }

  private static AMQP.BasicProperties expiring(String afterMs) {
    return new AMQP.BasicProperties.Builder().expiration(afterMs).build();
  }

  private static AMQP.BasicProperties priority(int priority) {
    return new AMQP.BasicProperties.Builder().priority(priority).build();
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> deaths(GetResponse dead) {
    return (List<Map<String, Object>>) dead.getProps().getHeaders().get("x-death");
  }

  /// A queue whose dead letters go to `grave` by the default exchange.
  private String dying(String grave, Map<String, Object> more) throws Exception {
    Map<String, Object> arguments = new HashMap<>(more);
    arguments.put("x-dead-letter-exchange", "");
    arguments.put("x-dead-letter-routing-key", grave);
    return queue(arguments);
  }

  @Test
  void aTimeToLiveOfAQueueOrAMessageEndsMessages() throws Exception {
    String whole = queue(Map.of("x-message-ttl", 200));
    publish(whole, null, "a", "b");
    awaitReady(whole, 0);
    String single = queue();
    publish(single, expiring("200"), "short");
    publish(single, expiring("600000"), "long");
    awaitReady(single, 1);
    assertEquals(List.of("long"), take(single));
  }

  @Test
  void theSameArgumentOfAnotherIntegerTypeIsTheSame() throws Exception {
    String queue = queue(Map.of("x-message-ttl", 200_000));
    channel.queueDeclare(queue, true, false, false, Map.of("x-message-ttl", 200_000L));
    refused(
        406, () -> channel.queueDeclare(queue, true, false, false, Map.of("x-message-ttl", 1L)));
  }

  @Test
  void anExpiredMessageTellsHowItDied() throws Exception {
    String grave = queue();
    String queue = dying(grave, Map.of());
    publish(queue, expiring("100"), "a");
    GetResponse dead = await(grave);
    assertNull(dead.getProps().getExpiration());
    Map<String, Object> death = deaths(dead).getFirst();
    assertEquals("expired", death.get("reason").toString());
    assertEquals(queue, death.get("queue").toString());
    assertEquals(1L, death.get("count"));
    assertEquals("", death.get("exchange").toString());
    assertEquals("100", death.get("original-expiration").toString());
    assertInstanceOf(Date.class, death.get("time"));
    assertEquals(1, assertInstanceOf(List.class, death.get("routing-keys")).size());
    assertEquals("expired", dead.getProps().getHeaders().get("x-first-death-reason").toString());
  }

  @Test
  void rejectedMessagesAreCountedEachTimeTheyDie() throws Exception {
    String retry = queue();
    String queue = dying(retry, Map.of());
    publish(queue, null, "a");
    for (long count = 1; count <= 3; count++) {
      awaitReady(queue, 1);
      GetResponse got = channel.basicGet(queue, false);
      channel.basicReject(got.getEnvelope().getDeliveryTag(), false);
      GetResponse dead = await(retry);
      assertEquals(1, deaths(dead).size());
      assertEquals(count, deaths(dead).getFirst().get("count"));
      publish(queue, dead.getProps(), "a");
    }
  }

  @Test
  void aFullQueueDropsItsOldest() throws Exception {
    String grave = queue();
    String queue = dying(grave, Map.of("x-max-length", 2));
    publish(queue, null, "a", "b", "c");
    assertEquals(List.of("b", "c"), take(queue));
    GetResponse dead = await(grave);
    assertEquals("a", text(dead.getBody()));
    assertEquals("maxlen", deaths(dead).getFirst().get("reason").toString());
  }

  @Test
  void aFullQueueThatRejectsPublishesNacksThem() throws Exception {
    String queue = queue(Map.of("x-max-length", 10, "x-overflow", "reject-publish"));
    Set<Long> acked = new ConcurrentSkipListSet<>();
    Set<Long> nacked = new ConcurrentSkipListSet<>();
    Set<Long> open = new ConcurrentSkipListSet<>();
    channel.confirmSelect();
    channel.addConfirmListener(
        (tag, multiple) -> settle(open, acked, tag, multiple),
        (tag, multiple) -> settle(open, nacked, tag, multiple));
    for (long tag = 1; tag <= 30; tag++) {
      open.add(tag);
      channel.basicPublish("", queue, null, bytes("" + tag));
    }
    Await.until("an answer to each", open::isEmpty);
    Set<Long> kept = new TreeSet<>(take(queue).stream().map(Long::valueOf).toList());
    assertTrue(kept.size() >= 10, kept::toString);
    assertTrue(nacked.size() >= 10, nacked::toString);
    assertEquals(kept, acked, "what was confirmed is what the queue holds");
  }

  private static void settle(Set<Long> open, Set<Long> into, long tag, boolean multiple) {
    List<Long> settled = open.stream().filter(t -> multiple ? t <= tag : t == tag).toList();
    into.addAll(settled);
    settled.forEach(open::remove);
  }

  @Test
  void prioritiesDecideTheOrder() throws Exception {
    String queue = queue(Map.of("x-max-priority", 10));
    publish(queue, null, "none");
    for (int priority : new int[] {1, 9, 5, 9, 12}) {
      publish(queue, priority(priority), String.valueOf(priority));
    }
    assertEquals(List.of("12", "9", "9", "5", "1", "none"), take(queue));
  }

  @Test
  void anUnusedQueueExpires() throws Exception {
    String queue = queue(Map.of("x-expires", 300));
    long began = System.nanoTime();
    // Asking counts as using, so this asks once, when it must be gone.
    Await.until("the lease to end", () -> System.nanoTime() - began > 1_500_000_000L);
    refused(404, () -> channel.queueDeclarePassive(queue));
  }

  @Test
  void aSingleActiveConsumerIsFollowedByTheNextWhenItsConnectionIsLost() throws Exception {
    String queue = queue(Map.of("x-single-active-consumer", true));
    Connection losing = connect();
    List<String> first = new CopyOnWriteArrayList<>();
    List<String> second = new CopyOnWriteArrayList<>();
    losing
        .createChannel()
        .basicConsume(queue, false, (_, d) -> first.add(text(d.getBody())), _ -> {});
    channel.basicConsume(queue, false, (_, d) -> second.add(text(d.getBody())), _ -> {});
    fill(queue, "a", "b");
    Await.until("both with the first", () -> first.size() == 2);
    assertEquals(List.of(), second);
    losing.abort();
    Await.until("both with the second", () -> second.size() == 2);
    assertEquals(List.of("a", "b"), second);
  }

  @Test
  void theConsumerOfTheHighestPriorityIsServedWhileItHasCredit() throws Exception {
    String queue = queue();
    List<String> low = new CopyOnWriteArrayList<>();
    List<String> high = new CopyOnWriteArrayList<>();
    channel.basicConsume(queue, false, (_, d) -> low.add(text(d.getBody())), _ -> {});
    Channel preferred = connect().createChannel();
    preferred.basicQos(2);
    preferred.basicConsume(
        queue, false, Map.of("x-priority", 5), (_, d) -> high.add(text(d.getBody())), _ -> {});
    fill(queue, "a", "b", "c");
    Await.until("all", () -> low.size() + high.size() == 3);
    assertEquals(List.of("a", "b"), high);
    assertEquals(List.of("c"), low);
  }

  @Test
  void aQuorumQueueDeadLettersWhatComesBackTooOften() throws Exception {
    String grave = queue();
    String queue = dying(grave, Map.of("x-queue-type", "quorum", "x-delivery-limit", 1));
    publish(queue, null, "poison");
    awaitReady(queue, 1);
    List<Object> counts = new ArrayList<>();
    for (int attempt = 0; attempt < 2; attempt++) {
      GetResponse got = channel.basicGet(queue, false);
      Map<String, Object> headers = got.getProps().getHeaders();
      counts.add(headers == null ? null : headers.get("x-delivery-count"));
      channel.basicNack(got.getEnvelope().getDeliveryTag(), false, true);
    }
    assertEquals(1L, counts.get(1));
    GetResponse dead = await(grave);
    assertEquals("delivery_limit", deaths(dead).getFirst().get("reason").toString());
  }

  @Test
  void aQuorumQueueKnowsItsLastDeath() throws Exception {
    assumeTrue(modern(), "x-last-death headers are new in RabbitMQ 4.0");
    String grave = queue();
    String queue = dying(grave, Map.of("x-queue-type", "quorum", "x-message-ttl", 50));
    publish(queue, null, "a");
    Map<String, Object> headers = await(grave).getProps().getHeaders();
    assertEquals("expired", headers.get("x-last-death-reason").toString());
    assertEquals(queue, headers.get("x-last-death-queue").toString());
    assertEquals("", headers.get("x-last-death-exchange").toString());
  }
}
