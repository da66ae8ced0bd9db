package holdfast.server.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.amqp.AmqpRejectAndDontRequeueException;
import org.springframework.amqp.core.AcknowledgeMode;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageListener;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.rabbit.listener.AbstractMessageListenerContainer;
import org.springframework.amqp.rabbit.listener.DirectMessageListenerContainer;
import org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer;
import org.springframework.amqp.rabbit.listener.api.ChannelAwareMessageListener;

/// Spring AMQP's listener containers.
class SpringListenerIT extends SpringCase {
  private static String text(Message message) {
    return new String(message.getBody(), StandardCharsets.UTF_8);
  }

  private void fill(String queue, int count) {
    for (int number = 0; number < count; number++) {
      template.convertAndSend("", queue, "" + number);
    }
  }

  private SimpleMessageListenerContainer simple(String queue, MessageListener listener) {
    SimpleMessageListenerContainer container = new SimpleMessageListenerContainer(connections);
    container.setQueueNames(queue);
    container.setMessageListener(listener);
    container.setReceiveTimeout(50);
    return container;
  }

  private DirectMessageListenerContainer direct(String queue, MessageListener listener) {
    DirectMessageListenerContainer container = new DirectMessageListenerContainer(connections);
    container.setQueueNames(queue);
    container.setMessageListener(listener);
    return container;
  }

  private void receivesEverything(AbstractMessageListenerContainer container, Set<String> seen)
      throws Exception {
    String queue = container.getQueueNames()[0];
    fill(queue, 100);
    started(container);
    Await.until("a hundred messages", () -> seen.size() == 100);
    container.stop();
    assertEquals(0, ready(queue));
  }

  @Test
  void aSimpleContainerWithSeveralConsumersReceivesEverything() throws Exception {
    Set<String> seen = ConcurrentHashMap.newKeySet();
    SimpleMessageListenerContainer container = simple(queue(), m -> seen.add(text(m)));
    container.setConcurrentConsumers(3);
    container.setPrefetchCount(5);
    receivesEverything(container, seen);
  }

  @Test
  void aDirectContainerWithSeveralConsumersReceivesEverything() throws Exception {
    Set<String> seen = ConcurrentHashMap.newKeySet();
    DirectMessageListenerContainer container = direct(queue(), m -> seen.add(text(m)));
    container.setConsumersPerQueue(3);
    container.setPrefetchCount(5);
    receivesEverything(container, seen);
  }

  @Test
  void aTransactedContainerReceivesEverything() throws Exception {
    Set<String> seen = ConcurrentHashMap.newKeySet();
    SimpleMessageListenerContainer container = simple(queue(), m -> seen.add(text(m)));
    container.setChannelTransacted(true);
    receivesEverything(container, seen);
  }

  @Test
  void aTransactedListenersReplyIsRolledBackWithItsMessage() throws Exception {
    String queue = queue();
    String out = queue();
    template.setChannelTransacted(true);
    AtomicInteger attempts = new AtomicInteger();
    SimpleMessageListenerContainer container =
        simple(
            queue,
            message -> {
              template.convertAndSend("", out, "attempt " + attempts.incrementAndGet());
              if (attempts.get() < 3) {
                throw new IllegalStateException("fails at first");
              }
            });
    container.setChannelTransacted(true);
    fill(queue, 1);
    started(container);
    assertEquals("attempt 3", template.receiveAndConvert(out));
    container.stop();
    assertEquals(0, ready(out));
    assertEquals(0, ready(queue));
  }

  @Test
  void acknowledgementsMayBeGivenByHand() throws Exception {
    String queue = queue();
    fill(queue, 10);
    List<String> seen = new CopyOnWriteArrayList<>();
    ChannelAwareMessageListener listener =
        (message, channel) -> {
          seen.add(text(message));
          long tag = message.getMessageProperties().getDeliveryTag();
          if (seen.size() == 1) {
            channel.basicNack(tag, false, true);
          } else {
            channel.basicAck(tag, false);
          }
        };
    DirectMessageListenerContainer container = direct(queue, listener);
    container.setAcknowledgeMode(AcknowledgeMode.MANUAL);
    container.setPrefetchCount(1);
    started(container);
    Await.until("ten messages and one again", () -> seen.size() == 11);
    container.stop();
    assertEquals(0, ready(queue));
    assertEquals(List.of("0", "0", "1"), seen.subList(0, 3));
  }

  @Test
  void aMessageThatFailsEveryTimeBecomesADeadLetter() throws Exception {
    String grave = queue();
    String queue = queue(Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", grave));
    AtomicInteger attempts = new AtomicInteger();
    DirectMessageListenerContainer container =
        direct(
            queue,
            message -> {
              if (attempts.incrementAndGet() < 3) {
                throw new IllegalStateException("fails");
              }
              throw new AmqpRejectAndDontRequeueException("fails for good");
            });
    started(container);
    fill(queue, 1);
    Message dead = template.receive(grave);
    assertNotNull(dead);
    assertEquals(3, attempts.get());
    Map<String, ?> death = dead.getMessageProperties().getXDeathHeader().getFirst();
    assertEquals("rejected", death.get("reason"));
    assertEquals(queue, death.get("queue"));
    assertEquals(1L, death.get("count"));
  }

  @Test
  void aRetryAfterAWhileGoesThroughAWaitingQueue() throws Exception {
    String back = freshName("back");
    String waiting =
        queue(
            Map.of(
                "x-dead-letter-exchange",
                "",
                "x-dead-letter-routing-key",
                back,
                "x-message-ttl",
                100));
    admin.declareQueue(
        new Queue(
            back,
            false,
            false,
            false,
            Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", waiting)));
    List<Long> retries = new CopyOnWriteArrayList<>();
    DirectMessageListenerContainer container =
        direct(
            back,
            message -> {
              List<Map<String, ?>> deaths = message.getMessageProperties().getXDeathHeader();
              retries.add(deaths == null ? 0L : (Long) deaths.getFirst().get("count"));
              if (retries.size() < 3) {
                throw new AmqpRejectAndDontRequeueException("later");
              }
            });
    started(container);
    fill(back, 1);
    Await.until("three attempts", () -> retries.size() == 3);
    container.stop();
    assertEquals(List.of(0L, 1L, 2L), retries);
    admin.deleteQueue(back);
  }

  @Test
  void anExclusiveConsumerAndOneThatWaitsForItTakeTurns() throws Exception {
    String queue = queue();
    List<String> seen = new CopyOnWriteArrayList<>();
    SimpleMessageListenerContainer first = simple(queue, m -> seen.add("first " + text(m)));
    first.setExclusive(true);
    SimpleMessageListenerContainer second = simple(queue, m -> seen.add("second " + text(m)));
    second.setRecoveryInterval(100);
    started(first);
    Await.until("the first to consume", () -> admin.getQueueInfo(queue).getConsumerCount() == 1);
    started(second);
    fill(queue, 1);
    Await.until("the first's message", () -> seen.equals(List.of("first 0")));
    first.stop();
    fill(queue, 1);
    Await.until("the second's message", () -> seen.equals(List.of("first 0", "second 0")));
  }

  @Test
  void aContainerHearsThatItsQueueIsGoneAndWaitsForIt() throws Exception {
    String queue = queue();
    List<String> seen = new CopyOnWriteArrayList<>();
    SimpleMessageListenerContainer container = simple(queue, m -> seen.add(text(m)));
    container.setMissingQueuesFatal(false);
    container.setRecoveryInterval(100);
    container.setFailedDeclarationRetryInterval(100);
    started(container);
    fill(queue, 1);
    Await.until("the first", () -> seen.size() == 1);
    admin.deleteQueue(queue);
    admin.declareQueue(new Queue(queue));
    fill(queue, 1);
    Await.until("the second", () -> seen.size() == 2);
    assertTrue(container.isRunning());
  }
}
