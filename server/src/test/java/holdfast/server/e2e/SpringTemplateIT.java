package holdfast.server.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.springframework.amqp.core.BindingBuilder;
import org.springframework.amqp.core.DirectExchange;
import org.springframework.amqp.core.ExchangeBuilder;
import org.springframework.amqp.core.FanoutExchange;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageBuilder;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.core.QueueBuilder;
import org.springframework.amqp.core.TopicExchange;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory.ConfirmType;
import org.springframework.amqp.rabbit.connection.CorrelationData;
import org.springframework.amqp.rabbit.core.RabbitAdmin;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer;
import org.springframework.amqp.rabbit.listener.adapter.MessageListenerAdapter;
import org.springframework.amqp.rabbit.transaction.RabbitTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/// Spring AMQP's template and administration.
class SpringTemplateIT extends SpringCase {
  private static Message message(String body) {
    return MessageBuilder.withBody(body.getBytes(StandardCharsets.UTF_8)).build();
  }

  private RabbitTemplate confirming() {
    RabbitTemplate confirming = new RabbitTemplate(connections(ConfirmType.CORRELATED));
    confirming.setMandatory(true);
    return confirming;
  }

  @Test
  void whatIsSentIsReceivedWithItsProperties() {
    String queue = queue();
    Message sent =
        MessageBuilder.withBody("body".getBytes(StandardCharsets.UTF_8))
            .setContentType("text/plain")
            .setHeader("kind", "order")
            .setPriority(3)
            .setMessageId("m-1")
            .build();
    template.send(queue, sent);
    Message got = template.receive(queue);
    assertNotNull(got);
    assertEquals("body", new String(got.getBody(), StandardCharsets.UTF_8));
    assertEquals("order", got.getMessageProperties().getHeader("kind"));
    assertEquals("m-1", got.getMessageProperties().getMessageId());
    assertNull(template.receive(queue, 500));
  }

  @Test
  void aConfirmComesForWhatWasTaken() throws Exception {
    CorrelationData correlation = new CorrelationData("1");
    confirming().convertAndSend("", queue(), "a", correlation);
    assertTrue(correlation.getFuture().get(15, TimeUnit.SECONDS).ack());
    assertNull(correlation.getReturned());
  }

  @Test
  void anUnroutableMessageIsReturnedAndConfirmed() throws Exception {
    CorrelationData correlation = new CorrelationData("1");
    confirming().convertAndSend("", freshName("nowhere"), "a", correlation);
    assertTrue(correlation.getFuture().get(15, TimeUnit.SECONDS).ack());
    assertEquals(312, correlation.getReturned().getReplyCode());
  }

  @Test
  void aFullQueuesRefusalIsANegativeConfirm() throws Exception {
    String queue = queue(Map.of("x-max-length", 1, "x-overflow", "reject-publish"));
    RabbitTemplate confirming = confirming();
    CorrelationData first = new CorrelationData("1");
    confirming.convertAndSend("", queue, "a", first);
    assertTrue(first.getFuture().get(15, TimeUnit.SECONDS).ack());
    CorrelationData second = new CorrelationData("2");
    confirming.convertAndSend("", queue, "b", second);
    assertFalse(second.getFuture().get(15, TimeUnit.SECONDS).ack());
  }

  @Test
  void simpleConfirmsAreWaitedFor() {
    String queue = queue();
    RabbitTemplate simple = new RabbitTemplate(connections(ConfirmType.SIMPLE));
    Boolean all =
        simple.invoke(operations -> {
          for (int number = 0; number < 100; number++) {
            operations.convertAndSend("", queue, "" + number);
          }
          return operations.waitForConfirms(15_000);
        });
    assertEquals(true, all);
    assertEquals(100, ready(queue));
  }

  private void serve(String requests) {
    SimpleMessageListenerContainer server = new SimpleMessageListenerContainer(connections);
    server.setQueueNames(requests);
    server.setMessageListener(new MessageListenerAdapter(new Echo()));
    started(server);
  }

  /// What answers requests; Spring finds the method by its name.
  public static final class Echo {
    public String handleMessage(String question) {
      return "re: " + question;
    }
  }

  @Test
  void aReplyComesDirectly() {
    String requests = queue();
    serve(requests);
    assertEquals("re: a", template.convertSendAndReceive("", requests, (Object) "a"));
    assertEquals("re: b", template.convertSendAndReceive("", requests, (Object) "b"));
  }

  @Test
  void aReplyComesToATemporaryQueue() {
    String requests = queue();
    serve(requests);
    template.setUseTemporaryReplyQueues(true);
    assertEquals("re: a", template.convertSendAndReceive("", requests, (Object) "a"));
  }

  @Test
  void aReplyComesToAFixedReplyQueue() {
    String requests = queue();
    String replies = queue();
    serve(requests);
    template.setReplyAddress(replies);
    SimpleMessageListenerContainer replying = new SimpleMessageListenerContainer(connections);
    replying.setQueueNames(replies);
    replying.setMessageListener(template);
    started(replying);
    assertEquals("re: a", template.convertSendAndReceive("", requests, (Object) "a"));
  }

  @Test
  void aTransactionSendsAllOrNothing() {
    String queue = queue();
    template.setChannelTransacted(true);
    TransactionTemplate transaction =
        new TransactionTemplate(new RabbitTransactionManager(connections));
    transaction.executeWithoutResult(status -> {
      template.convertAndSend("", queue, "gone");
      status.setRollbackOnly();
    });
    transaction.executeWithoutResult(_ -> {
      template.convertAndSend("", queue, "one");
      template.convertAndSend("", queue, "two");
    });
    assertEquals("one", template.receiveAndConvert(queue));
    assertEquals("two", template.receiveAndConvert(queue));
    assertEquals(0, ready(queue));
  }

  @Test
  void aMessageReceivedInARolledBackTransactionComesAgain() {
    String queue = queue();
    template.convertAndSend("", queue, "a");
    RabbitTemplate transacted = new RabbitTemplate(connections);
    transacted.setChannelTransacted(true);
    transacted.setReceiveTimeout(15_000);
    TransactionTemplate transaction =
        new TransactionTemplate(new RabbitTransactionManager(connections));
    assertThrows(
        IllegalStateException.class,
        () ->
            transaction.executeWithoutResult(_ -> {
              assertEquals("a", transacted.receiveAndConvert(queue));
              throw new IllegalStateException("the work failed");
            }));
    Message again = template.receive(queue);
    assertNotNull(again);
    assertTrue(again.getMessageProperties().isRedelivered());
  }

  @Test
  void theAdministrationDeclaresBindsTellsAndDeletes() {
    TopicExchange source = new TopicExchange(removed(freshName("topic")));
    FanoutExchange target =
        ExchangeBuilder.fanoutExchange(removed(freshName("fanout"))).internal().build();
    admin.declareExchange(source);
    admin.declareExchange(target);
    Queue queue = QueueBuilder.durable(freshName("queue")).build();
    admin.declareQueue(queue);
    admin.declareBinding(BindingBuilder.bind(target).to(source).with("a.#"));
    admin.declareBinding(BindingBuilder.bind(queue).to(target));
    template.convertAndSend(source.getName(), "a.b", "through");
    assertEquals("through", template.receiveAndConvert(queue.getName()));
    Properties found = admin.getQueueProperties(queue.getName());
    assertEquals("0", found.get(RabbitAdmin.QUEUE_MESSAGE_COUNT).toString());
    template.convertAndSend(source.getName(), "a.b", "purged");
    template.setReceiveTimeout(0);
    assertEquals(0, admin.getQueueInfo(queue.getName()).getConsumerCount());
    admin.purgeQueue(queue.getName());
    assertTrue(admin.deleteQueue(queue.getName()));
    assertNull(admin.getQueueProperties(queue.getName()));
  }

  @Test
  void theAdministrationDeclaresEveryKindOfQueue() {
    Queue plain =
        QueueBuilder.durable(freshName("queue"))
            .ttl(60_000)
            .expires(120_000)
            .maxLength(10L)
            .maxLengthBytes(10_000)
            .overflow(QueueBuilder.Overflow.rejectPublish)
            .deadLetterExchange("")
            .deadLetterRoutingKey("nobody")
            .maxPriority(5)
            .lazy()
            .build();
    Queue quorum = QueueBuilder.durable(freshName("quorum")).quorum().deliveryLimit(3).build();
    Queue single = QueueBuilder.durable(freshName("single")).singleActiveConsumer().build();
    Queue stream = QueueBuilder.durable(freshName("stream")).stream().build();
    for (Queue queue : new Queue[] {plain, quorum, single, stream}) {
      assertEquals(queue.getName(), admin.declareQueue(queue));
      assertTrue(admin.deleteQueue(queue.getName()));
    }
  }

  @Test
  void anAlternateExchangeIsDeclaredAndUsed() {
    FanoutExchange rest = new FanoutExchange(removed(freshName("rest")));
    DirectExchange first =
        ExchangeBuilder.directExchange(removed(freshName("first")))
            .alternate(rest.getName())
            .build();
    admin.declareExchange(rest);
    admin.declareExchange(first);
    String queue = queue();
    admin.declareBinding(BindingBuilder.bind(new Queue(queue)).to(rest));
    template.send(first.getName(), "nobody", message("a"));
    assertNotNull(template.receive(queue));
  }
}
