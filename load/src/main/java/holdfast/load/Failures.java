package holdfast.load;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;

/// What ended the run before its time. Any thread may add to it; the first one wakes who waits.
final class Failures {
  private static final int KEPT_MAX = 20;

  private final Queue<String> texts = new ConcurrentLinkedQueue<>();
  private final CompletableFuture<Void> first = new CompletableFuture<>();

  private volatile boolean isUnreachable;

  /// There is no broker at the address.
  void addUnreachable(String text) {
    isUnreachable = true;
    add(text);
  }

  boolean isUnreachable() {
    return isUnreachable;
  }

  /// What has been said already is not said again.
  void add(String text) {
    if (texts.size() < KEPT_MAX && !texts.contains(text)) {
      texts.add(text);
    }
    first.complete(null);
  }

  /// Done when there is one.
  CompletableFuture<Void> first() {
    return first;
  }

  List<String> texts() {
    return List.copyOf(texts);
  }
}
