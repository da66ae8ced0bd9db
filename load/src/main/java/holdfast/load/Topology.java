package holdfast.load;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Which queues there are, how a message gets into each, and who publishes to and consumes from
/// which. Immutable.
///
/// Queues are numbered; the slow consumers' queue, if there are any, is the last of those that
/// producers share, and the queue of the large bodies stands apart.
record Topology(LoadPlan plan) {
  private LoadPlan.Queues queues() {
    return plan.queues();
  }

  boolean hasSlow() {
    return plan.beside().slowConsumers() > 0;
  }

  boolean hasLarge() {
    return plan.beside().largeBytes() > 0;
  }

  boolean isFanout() {
    return queues().routing() == LoadPlan.Routing.FANOUT;
  }

  /// Those that the producers share.
  int sharedCount() {
    return queues().count() + (hasSlow() ? 1 : 0);
  }

  boolean isSlow(int queue) {
    return queue == queues().count() && hasSlow();
  }

  String name(int queue) {
    return isSlow(queue) ? queues().prefix() + ".slow" : queues().prefix() + "." + queue;
  }

  String largeName() {
    return queues().prefix() + ".large";
  }

  List<String> allNames() {
    List<String> names =
        new ArrayList<>(IntStream.range(0, sharedCount()).mapToObj(this::name).toList());
    if (hasLarge()) {
      names.add(largeName());
    }
    return names;
  }

  /// The exchange that the small messages go to; empty for the default one.
  String exchange() {
    return switch (queues().routing()) {
      case DEFAULT -> "";
      case FANOUT -> queues().prefix() + ".fanout";
      case TOPIC -> queues().prefix() + ".topic";
    };
  }

  String exchangeType() {
    return isFanout() ? "fanout" : "topic";
  }

  /// What a message for a queue is published with.
  String key(int queue) {
    return switch (queues().routing()) {
      case DEFAULT -> name(queue);
      case FANOUT -> "";
      case TOPIC -> "k" + queue + ".load.event";
    };
  }

  /// The bindings that match nothing which is published: every second begins as a key does, the
  /// others with a wildcard.
  String strayKey(int binding) {
    int queue = binding % sharedCount();
    return binding % 2 == 0
        ? "k" + queue + ".other" + binding + ".event"
        : "*.other" + binding + ".*";
  }

  /// The queues that a producer publishes to in turn: one alone when there are not more queues than
  /// producers. A fanout exchange stands for all of them.
  int[] targets(int producer) {
    if (isFanout()) {
      return new int[] {0};
    }
    return share(producer, plan.producing().producers(), sharedCount());
  }

  /// How many queues a message to that target reaches whose consumers are not slow ones.
  int copies(int target) {
    return isFanout() ? queues().count() : isSlow(target) ? 0 : 1;
  }

  /// The queues of one consumer: one alone when there are not more queues than consumers.
  int[] queuesOf(int consumer) {
    return share(consumer, plan.consuming().consumers(), queues().count());
  }

  private static int[] share(int who, int of, int queues) {
    if (queues <= of) {
      return new int[] {who % queues};
    }
    return IntStream.range(0, queues).filter(queue -> queue % of == who).toArray();
  }

  /// Consumers that share a queue share a loop, where they check it together.
  int loopOfConsumer(int consumer) {
    return queuesOf(consumer)[0];
  }

  /// Whether a queue has one consumer, so that its messages must come in order.
  boolean isOrdered() {
    return plan.consuming().consumers() <= queues().count();
  }

  /// Producers of one queue in a row: the place of one of them among those.
  int rankAtQueue(int producer) {
    return isFanout() || !plan.isProducing() ? producer : producer / sharedCount();
  }
}
