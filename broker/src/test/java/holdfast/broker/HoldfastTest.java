package holdfast.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import holdfast.core.Command;
import holdfast.core.Limits;
import holdfast.core.Session;
import holdfast.store.DirectoryLockedException;
import holdfast.store.StoreOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The broker inside a program, as its user sees it.
@Timeout(60)
final class HoldfastTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  /// Long enough for a message that should not come.
  private static final Duration NEVER = Duration.ofMillis(100);

  @TempDir private Path directory;

  private BrokerOptions options(long memoryBytesHigh) {
    return new BrokerOptions(
        directory,
        new StoreOptions(2 << 20, 4 << 20, 1 << 20, 64 << 10, 75, 1),
        Limits.standard(memoryBytesHigh),
        List.of(),
        List.of("/"));
  }

  private Holdfast open() throws Exception {
    return Holdfast.open(options(1L << 30));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private static String text(ReceivedMessage message) {
    assertThat(message).as("a message").isNotNull();
    return new String(message.body(), UTF_8);
  }

  private static void send(MessageQueue queue, String... texts) {
    try (MessageProducer producer = queue.producer()) {
      for (String text : texts) {
        producer.send(bytes(text)).join();
      }
    }
  }

  @Test
  void whatIsSentIsReceivedInOrder() throws Exception {
    try (Holdfast holdfast = open()) {
      for (QueueKind kind : QueueKind.values()) {
        MessageQueue queue = holdfast.queue(kind.name(), kind);
        send(queue, "one", "two", "three");
        assertThat(queue.messageCount()).isEqualTo(3);
        try (MessageConsumer consumer = queue.consumer()) {
          for (String expected : List.of("one", "two", "three")) {
            ReceivedMessage message = consumer.receive(SOON);
            assertThat(text(message)).isEqualTo(expected);
            assertThat(message.redelivered()).isFalse();
            message.ack();
          }
          assertThat(consumer.receive(NEVER)).isNull();
        }
        assertThat(queue.messageCount()).isZero();
      }
    }
  }

  @Test
  void whatWasNotAcknowledgedComesAgainMarkedAfterARestartAndTheRestIsGone() throws Exception {
    for (int run = 0; run < 5; run++) {
      try (Holdfast holdfast = open()) {
        MessageQueue queue = holdfast.queue("q", QueueKind.DURABLE);
        send(queue, "one", "two", "three");
        try (MessageConsumer consumer = queue.consumer(2)) {
          consumer.receive(SOON).ack();
          consumer.receive(SOON);
          consumer.receive(SOON).ack();
        }
      }
      try (Holdfast holdfast = open()) {
        MessageQueue queue = holdfast.queue("q", QueueKind.DURABLE);
        try (MessageConsumer consumer = queue.consumer()) {
          ReceivedMessage message = consumer.receive(SOON);
          assertThat(text(message)).isEqualTo("two");
          assertThat(message.redelivered()).isTrue();
          assertThat(consumer.receive(NEVER)).isNull();
          message.ack();
        }
      }
    }
  }

  @Test
  void aThreadThatIsInterruptedClosesAllTheSameAndStaysInterrupted() throws Exception {
    for (int run = 0; run < 5; run++) {
      Holdfast holdfast = open();
      MessageQueue queue = holdfast.queue("q", QueueKind.DURABLE);
      send(queue, "one", "two", "three");
      try (MessageConsumer consumer = queue.consumer()) {
        for (int i = 0; i < 3; i++) {
          consumer.receive(SOON).ack();
        }
      }
      Thread.currentThread().interrupt();
      holdfast.close();
      assertThat(Thread.interrupted()).isTrue();
      assertThat(holdfast.failure()).hasMessage("the broker was closed");
      try (Holdfast again = open()) {
        assertThat(again.queue("q", QueueKind.DURABLE).messageCount()).isZero();
      }
    }
  }

  @Test
  void aNonDurableQueueIsGoneAfterARestart() throws Exception {
    try (Holdfast holdfast = open()) {
      send(holdfast.queue("q", QueueKind.NON_DURABLE), "one");
    }
    try (Holdfast holdfast = open()) {
      // It may even come back as one of the other kind: nothing is left of it.
      assertThat(holdfast.queue("q", QueueKind.DURABLE).messageCount()).isZero();
    }
  }

  @Test
  void aHundredThousandMessagesOfManyThreadsAreAccountedForExactly() throws Exception {
    int producers = 4;
    int each = 25_000;
    AtomicIntegerArray received = new AtomicIntegerArray(producers * each);
    AtomicInteger left = new AtomicInteger(producers * each);
    ConcurrentLinkedQueue<Throwable> errors = new ConcurrentLinkedQueue<>();
    try (Holdfast holdfast = open()) {
      MessageQueue queue = holdfast.queue("q", QueueKind.DURABLE);
      List<Thread> threads = new ArrayList<>();
      for (int p = 0; p < producers; p++) {
        int first = p * each;
        threads.add(
            thread(
                errors,
                () -> {
                  try (MessageProducer producer = queue.producer()) {
                    List<CompletableFuture<Void>> sends = new ArrayList<>();
                    for (int i = first; i < first + each; i++) {
                      sends.add(producer.send(bytes(String.valueOf(i))));
                    }
                    sends.forEach(CompletableFuture::join);
                  }
                }));
      }
      for (int c = 0; c < 4; c++) {
        threads.add(
            thread(
                errors,
                () -> {
                  try (MessageConsumer consumer = queue.consumer()) {
                    while (left.get() > 0 && errors.isEmpty()) {
                      ReceivedMessage message = consumer.receive(NEVER);
                      if (message != null) {
                        received.incrementAndGet(Integer.parseInt(text(message)));
                        message.ack();
                        left.decrementAndGet();
                      }
                    }
                  }
                }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(errors).isEmpty();
      assertThat(queue.messageCount()).isZero();
    }
    for (int i = 0; i < received.length(); i++) {
      assertThat(received.get(i)).as("times that message %d came", i).isEqualTo(1);
    }
    try (Holdfast holdfast = open()) {
      assertThat(holdfast.queue("q", QueueKind.DURABLE).messageCount()).isZero();
    }
  }

  private static Thread thread(ConcurrentLinkedQueue<Throwable> errors, Runnable work) {
    return Thread.ofPlatform()
        .start(() -> {
          try {
            work.run();
          } catch (RuntimeException | Error e) {
            errors.add(e);
          }
        });
  }

  @Test
  void everySendUnderWayCompletesOneWayOrTheOtherWhenTheBrokerCloses() throws Exception {
    for (int run = 0; run < 5; run++) {
      ConcurrentLinkedQueue<CompletableFuture<Void>> sends = new ConcurrentLinkedQueue<>();
      ConcurrentLinkedQueue<Throwable> errors = new ConcurrentLinkedQueue<>();
      List<Thread> threads = new ArrayList<>();
      Holdfast holdfast = open();
      MessageQueue queue = holdfast.queue("q" + run, QueueKind.DURABLE);
      for (int t = 0; t < 3; t++) {
        threads.add(
            thread(
                errors,
                () -> {
                  MessageProducer producer = queue.producer();
                  while (sends.size() < 50_000) {
                    sends.add(producer.send(new byte[200]));
                  }
                }));
      }
      Await.until("sends under way", () -> sends.size() > 1_000);
      holdfast.close();
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(errors).allSatisfy(e -> assertThat(e).isInstanceOf(MessagingException.class));
      long safe = 0;
      for (CompletableFuture<Void> send : sends) {
        assertThat(send.isDone()).isTrue();
        safe += send.isCompletedExceptionally() ? 0 : 1;
      }
      try (Holdfast again = open()) {
        MessageQueue left = again.queue("q" + run, QueueKind.DURABLE);
        assertThat(left.messageCount()).isBetween(safe, (long) sends.size());
        left.delete();
      }
    }
  }

  @Test
  void aProducerWhoseQueueIsDeletedIsToldAndSoIsAConsumer() throws Exception {
    try (Holdfast holdfast = open()) {
      MessageQueue queue = holdfast.queue("q", QueueKind.DURABLE);
      try (MessageProducer producer = queue.producer();
          MessageConsumer consumer = queue.consumer()) {
        producer.send(bytes("one")).join();
        consumer.receive(SOON);
        producer.send(bytes("two")).join();
        queue.delete();
        assertThatThrownBy(() -> producer.send(bytes("three")).join())
            .isInstanceOf(CompletionException.class)
            .cause()
            .isInstanceOf(MessagingException.class)
            .hasMessageContaining("'q'");
        consumer.receive(SOON); // it was on its way before
        for (int i = 0; i < 2; i++) {
          assertThatThrownBy(() -> consumer.receive(SOON))
              .isInstanceOf(MessagingException.class)
              .hasMessageContaining("deleted");
        }
      }
    }
  }

  @Test
  void aDirectoryServesOneBrokerAtATime() throws Exception {
    Holdfast holdfast = open();
    assertThatThrownBy(this::open)
        .isInstanceOf(DirectoryLockedException.class)
        .hasMessageContaining(directory.toString());
    send(holdfast.queue("q", QueueKind.DURABLE), "one");
    holdfast.close();
    holdfast.close();
    try (Holdfast again = open()) {
      assertThat(again.queue("q", QueueKind.DURABLE).messageCount()).isEqualTo(1);
    }
  }

  @Test
  void aProducerBlocksAtTheMemoryLimitAndGoesOnWhenMessagesAreConsumed() throws Exception {
    try (Holdfast holdfast = Holdfast.open(options(1 << 20))) {
      // What is on disk is let go of, so a durable queue would hold its producer for a moment only.
      MessageQueue queue = holdfast.queue("q", QueueKind.NON_DURABLE);
      AtomicInteger sent = new AtomicInteger();
      int all = 3_000;
      ConcurrentLinkedQueue<Throwable> errors = new ConcurrentLinkedQueue<>();
      Thread producing = thread(errors, () -> sendAll(queue, all, sent));
      awaitBlocked(holdfast, producing);
      assertThat(sent.get()).isLessThan(all);
      assertThat(holdfast.broker().memory().used()).isLessThan(2 << 20);
      try (MessageConsumer consumer = queue.consumer()) {
        for (int i = 0; i < all; i++) {
          consumer.receive(SOON).ack();
        }
      }
      producing.join();
      assertThat(errors).isEmpty();
    }
  }

  private static void sendAll(MessageQueue queue, int count, AtomicInteger sent) {
    try (MessageProducer producer = queue.producer()) {
      sendSome(producer, count, sent);
    }
  }

  private static void sendSome(MessageProducer producer, int count, AtomicInteger sent) {
    while (sent.get() < count) {
      producer.send(new byte[1_000]);
      sent.incrementAndGet();
    }
  }

  private static void fill(MessageQueue queue, AtomicBoolean stop) {
    MessageProducer producer = queue.producer();
    while (!stop.get()) {
      producer.send(new byte[10]);
    }
  }

  private static void awaitBlocked(Holdfast holdfast, Thread producing) {
    Await.until(
        "a blocked producer",
        () ->
            holdfast.broker().blockedReason() != null
                && producing.getState() == Thread.State.TIMED_WAITING);
  }

  @Test
  void aProducerGoesOnWhenWhatFilledTheMemoryIsDeletedAndNothingElseHappens() throws Exception {
    try (Holdfast holdfast = Holdfast.open(options(8 << 20))) {
      MessageQueue filled = holdfast.queue("filled", QueueKind.NON_DURABLE);
      MessageQueue other = holdfast.queue("other", QueueKind.NON_DURABLE);
      ConcurrentLinkedQueue<Throwable> errors = new ConcurrentLinkedQueue<>();
      AtomicBoolean stop = new AtomicBoolean();
      AtomicInteger sent = new AtomicInteger();
      MessageProducer blocked = other.producer();
      Thread filling = thread(errors, () -> fill(filled, stop));
      awaitBlocked(holdfast, filling);
      Thread producing = thread(errors, () -> sendSome(blocked, 10, sent));
      stop.set(true);
      // The deletion is the last command: what it frees in later steps no command follows.
      Session session = holdfast.openSession(new MessageQueue.Answer());
      holdfast.submit(new Command.DeleteQueue(session, "filled", false, false, true));
      producing.join(SOON.toMillis());
      assertThat(sent).hasValue(10);
      filling.join();
      assertThat(errors).isEmpty();
    }
  }

  @Test
  void aQueueOfAnotherKindIsRefusedByName() throws Exception {
    try (Holdfast holdfast = open()) {
      holdfast.queue("q", QueueKind.DURABLE);
      holdfast.queue("q", QueueKind.DURABLE);
      assertThatThrownBy(() -> holdfast.queue("q", QueueKind.NON_DURABLE))
          .isInstanceOf(MessagingException.class)
          .hasMessageContaining("'q'")
          .hasMessageContaining("durable");
    }
  }

  @Test
  void aMessageGivenBackReturnsToItsPlaceAndARejectedOneDoesNot() throws Exception {
    try (Holdfast holdfast = open()) {
      MessageQueue queue = holdfast.queue("q", QueueKind.DURABLE);
      send(queue, "one", "two", "three");
      try (MessageConsumer consumer = queue.consumer(1)) {
        ReceivedMessage one = consumer.receive(SOON);
        assertThat(text(one)).isEqualTo("one");
        one.giveBack();
        ReceivedMessage again = consumer.receive(SOON);
        assertThat(text(again)).isEqualTo("one");
        assertThat(again.redelivered()).isTrue();
        again.reject();
        assertThat(text(consumer.receive(SOON))).isEqualTo("two");
      }
      assertThat(queue.messageCount()).isEqualTo(2);
      try (MessageConsumer consumer = queue.consumer(2)) {
        ReceivedMessage two = consumer.receive(SOON);
        assertThat(text(two)).isEqualTo("two");
        assertThat(two.redelivered()).isTrue();
        assertThat(text(consumer.receive(SOON))).isEqualTo("three");
      }
    }
  }

  @Test
  void aClosedBrokerSaysSo() throws Exception {
    Holdfast holdfast = open();
    MessageQueue queue = holdfast.queue("q", QueueKind.DURABLE);
    MessageProducer producer = queue.producer();
    MessageConsumer consumer = queue.consumer();
    holdfast.close();
    assertThat(holdfast.failure()).isNotNull();
    assertThatThrownBy(() -> producer.send(bytes("late"))).isInstanceOf(MessagingException.class);
    assertThatThrownBy(() -> consumer.receive(SOON)).isInstanceOf(MessagingException.class);
    assertThatThrownBy(queue::messageCount).isInstanceOf(MessagingException.class);
    producer.close();
    consumer.close();
  }

  @Test
  void aMessageOfManyMegabytesSurvives() throws Exception {
    byte[] large = new byte[5 << 20];
    java.util.Arrays.fill(large, (byte) 7);
    try (Holdfast holdfast = open();
        MessageProducer producer = holdfast.queue("q", QueueKind.DURABLE).producer()) {
      producer.send(large).get(20, TimeUnit.SECONDS);
    }
    try (Holdfast holdfast = open();
        MessageConsumer consumer = holdfast.queue("q", QueueKind.DURABLE).consumer()) {
      assertThat(consumer.receive(SOON).body()).isEqualTo(large);
    }
  }
}
