package holdfast.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import holdfast.broker.Holdfast;
import holdfast.broker.MessageConsumer;
import holdfast.broker.MessageProducer;
import holdfast.broker.MessageQueue;
import holdfast.broker.QueueKind;
import holdfast.broker.ReceivedMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// Work shared by several workers, each task done at least once: a worker that breaks down in the
/// middle of a task costs a second try, never the task.
///
/// ```
/// ./mvnw -q package -DskipTests
/// java -p server/target/dist/lib:examples/target/classes \
///     -m holdfast.examples/holdfast.examples.TaskQueue
/// ```
public final class TaskQueue {
  private static final int TASKS = 12;
  private static final int WORKERS = 3;
  private static final Duration TIMEOUT = Duration.ofMillis(200);

  private final MessageQueue tasks;

  /// What is done. At least once means now and then twice: a set takes that calmly, a counter would
  /// not.
  private final Set<String> done = ConcurrentHashMap.newKeySet();

  private TaskQueue(MessageQueue tasks) {
    this.tasks = tasks;
  }

  /// @param args the directory of the data; a new one if there is none
  public static void main(String[] args) throws IOException {
    Path directory = args.length > 0 ? Path.of(args[0]) : Files.createTempDirectory("task-queue-");
    System.out.println("data in " + directory);
    try (Holdfast holdfast = Holdfast.open(directory)) {
      TaskQueue example = new TaskQueue(holdfast.queue("tasks", QueueKind.DURABLE));
      example.hand();
      // Leaving this block waits for the workers.
      try (ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor()) {
        for (int i = 1; i <= WORKERS; i++) {
          String name = "worker " + i;
          workers.submit(() -> example.work(name));
        }
      }
      System.out.println(example.done.size() + " tasks are done");
    }
  }

  private void hand() {
    try (MessageProducer producer = tasks.producer()) {
      List<CompletableFuture<Void>> sends = new ArrayList<>();
      for (int i = 1; i <= TASKS; i++) {
        sends.add(producer.send(("task " + i).getBytes(UTF_8)));
      }
      // All of them are on disk after this, with a write or two.
      sends.forEach(CompletableFuture::join);
    }
  }

  private void work(String worker) {
    while (done.size() < TASKS) {
      // What a consumer holds when it is closed goes back to its place in the queue, and so it does
      // if the whole process ends: nothing has to be put away on the way out.
      try (MessageConsumer consumer = tasks.consumer(1)) {
        workUntilBreakdown(worker, consumer);
      } catch (IllegalStateException breakdown) {
        System.out.println(worker + " broke down: " + breakdown.getMessage());
      }
    }
  }

  private void workUntilBreakdown(String worker, MessageConsumer consumer) {
    while (done.size() < TASKS) {
      ReceivedMessage message = consumer.receive(TIMEOUT);
      if (message == null) {
        continue; // the others hold what is left, and may yet break down
      }
      String task = new String(message.body(), UTF_8);
      // Every fourth task breaks its worker the first time.
      if (number(task) % 4 == 0 && !message.redelivered()) {
        throw new IllegalStateException("in the middle of " + task);
      }
      System.out.println(worker + " did " + task + (message.redelivered() ? ", second try" : ""));
      // First the effect, then the ack: the other way round a breakdown between them loses a task.
      done.add(task);
      message.ack();
    }
  }

  private static int number(String task) {
    return Integer.parseInt(task.substring("task ".length()));
  }
}
