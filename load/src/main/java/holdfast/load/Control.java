package holdfast.load;

import holdfast.amqp091.codec.Method;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;

/// Declares and deletes: sends requests that each have one answer, some of them ahead. Belongs to
/// the loop of its connection, but for [#request].
final class Control implements Role {
  private static final int AHEAD_MAX = 200;

  private final Link link;
  private final Deque<Method> waiting = new ArrayDeque<>();
  private int unanswered;
  private CompletableFuture<Void> done = new CompletableFuture<>();

  Control(Link link) {
    this.link = link;
  }

  @Override
  public void opened() {
    link.becomesReady();
  }

  /// Done when every request has been answered. One call at a time, from any thread.
  CompletableFuture<Void> request(Collection<? extends Method> requests) {
    CompletableFuture<Void> answered = new CompletableFuture<>();
    link.loop()
        .executor()
        .execute(() -> {
          waiting.addAll(requests);
          done = answered;
          send();
        });
    return answered;
  }

  private void send() {
    while (unanswered < AHEAD_MAX && !waiting.isEmpty()) {
      link.send(Link.CHANNEL, waiting.removeFirst());
      unanswered++;
    }
    if (unanswered == 0) {
      done.complete(null);
    }
  }

  @Override
  public void method(Method answer) {
    unanswered--;
    if (unanswered < AHEAD_MAX / 2) {
      send();
    }
  }
}
