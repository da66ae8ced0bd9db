package holdfast.server.torture;

import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/// The durable queues and exchanges that live through all rounds, and where a publish leads.
final class Topology {
  static final String NEWS = "torture.news";
  static final String DEFINITIONS = "torture.definitions";
  static final String VOLATILE = "torture.volatile";

  static final List<String> WORK = List.of("torture.work.0", "torture.work.1");
  static final String BACKLOG = "torture.backlog";
  static final String TRANSACTED = "torture.tx";
  private static final String NEWS_ALL = "torture.news.all";
  private static final String NEWS_LOCAL = "torture.news.local";

  static final List<String> QUEUES =
      List.of(WORK.get(0), WORK.get(1), BACKLOG, TRANSACTED, NEWS_ALL, NEWS_LOCAL);

  /// A publish and the queues that must get it: none, and it must come back.
  record Route(String exchange, String key, List<String> queues) {
    static Route toQueue(String queue) {
      return new Route("", queue, List.of(queue));
    }
  }

  private static final List<Route> NEWS_ROUTES =
      List.of(
          new Route(NEWS, "news.world.local", List.of(NEWS_ALL, NEWS_LOCAL)),
          new Route(NEWS, "news.world", List.of(NEWS_ALL)),
          new Route(NEWS, "weather", List.of()));

  private Topology() {}

  static void declare(Channel channel) throws IOException {
    for (String queue : QUEUES) {
      channel.queueDeclare(queue, true, false, false, null);
    }
    channel.exchangeDeclare(NEWS, BuiltinExchangeType.TOPIC, true);
    channel.queueBind(NEWS_ALL, NEWS, "news.#");
    channel.queueBind(NEWS_LOCAL, NEWS, "news.*.local");
    channel.exchangeDeclare(DEFINITIONS, BuiltinExchangeType.DIRECT, true);
  }

  static Map<String, QueueModel> models(Verdict verdict, long ackDurableNanos) {
    Map<String, QueueModel> models = new LinkedHashMap<>();
    for (String queue : QUEUES) {
      models.put(queue, new QueueModel(queue, verdict, ackDurableNanos));
    }
    return models;
  }

  static Route work(RandomGenerator random) {
    return Route.toQueue(WORK.get(random.nextInt(WORK.size())));
  }

  static Route backlog(RandomGenerator random) {
    return Route.toQueue(BACKLOG);
  }

  static Route news(RandomGenerator random) {
    return NEWS_ROUTES.get(random.nextInt(NEWS_ROUTES.size()));
  }

  static Route any(RandomGenerator random) {
    return switch (random.nextInt(4)) {
      case 0 -> backlog(random);
      case 1 -> news(random);
      default -> work(random);
    };
  }
}
