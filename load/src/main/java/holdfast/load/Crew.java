package holdfast.load;

import holdfast.amqp091.codec.BasicProperties;
import holdfast.amqp091.codec.ExchangeMethod;
import holdfast.amqp091.codec.Method;
import holdfast.amqp091.codec.QueueMethod;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;

/// The connections of a run and what each is there for: opens them, makes and removes the queues,
/// starts and stops everybody. Called by the thread that conducts the run.
final class Crew {
  /// Connections that are opened at the same time.
  private static final int WAVE = 100;

  private static final long OPEN_SECONDS = 30;
  private static final long REQUEST_SECONDS = 120;
  private static final long CLOSE_SECONDS = 5;

  private final LoadPlan plan;
  private final Topology topology;
  private final Connections connections;
  private final Waits waits;
  private final int run;
  private final List<Link> links = new ArrayList<>();
  private final Map<LoadLoop, List<Producer>> producers = new LinkedHashMap<>();
  private final Map<LoadLoop, List<holdfast.load.Consumer>> consumers = new LinkedHashMap<>();
  private final Map<Integer, QueueArrivals> arrivals = new HashMap<>();

  private boolean isDeclared;

  /// @param run tells this run's messages from those of another
  Crew(LoadPlan plan, Topology topology, Connections connections, Waits waits, int run) {
    this.plan = plan;
    this.topology = topology;
    this.connections = connections;
    this.waits = waits;
    this.run = run;
  }

  // -- queues --

  void declare() throws InterruptedException, Waits.Failed {
    if (!plan.queues().declare()) {
      return;
    }
    isDeclared = true;
    List<Method> requests = new ArrayList<>();
    if (plan.isProducing()) {
      requests.addAll(removals());
    }
    for (String name : topology.allNames()) {
      requests.add(
          new QueueMethod.Declare(
              name,
              false,
              plan.queues().durable(),
              false,
              false,
              false,
              plan.queues().arguments()));
    }
    String exchange = topology.exchange();
    if (!exchange.isEmpty()) {
      requests.add(
          new ExchangeMethod.Declare(
              exchange,
              topology.exchangeType(),
              false,
              plan.queues().durable(),
              false,
              false,
              false,
              Map.of()));
      for (int queue = 0; queue < topology.sharedCount(); queue++) {
        requests.add(bind(queue, topology.key(queue)));
      }
      for (int binding = 0; binding < plan.queues().bindings(); binding++) {
        requests.add(bind(binding % topology.sharedCount(), topology.strayKey(binding)));
      }
    }
    request(requests, "declaring the queues");
  }

  void remove() throws InterruptedException, Waits.Failed {
    if (isDeclared && !plan.queues().keep() && !waits.failures().isUnreachable()) {
      request(removals(), "removing the queues");
    }
  }

  private QueueMethod bind(int queue, String key) {
    return new QueueMethod.Bind(topology.name(queue), topology.exchange(), key, false, Map.of());
  }

  private List<Method> removals() {
    List<Method> requests = new ArrayList<>();
    if (!topology.exchange().isEmpty()) {
      requests.add(new ExchangeMethod.Delete(topology.exchange(), false, false));
    }
    for (String name : topology.allNames()) {
      requests.add(new QueueMethod.Delete(name, false, false, false));
    }
    return requests;
  }

  private void request(List<Method> requests, String what)
      throws InterruptedException, Waits.Failed {
    List<Control> made = new ArrayList<>();
    Link link =
        open(
            connections.loop(0),
            it -> {
              Control control = new Control(it);
              made.add(control);
              return control;
            });
    waits.one(made.getFirst().request(requests), REQUEST_SECONDS, what);
    link.close();
    waits.one(link.closed(), CLOSE_SECONDS, "closing a connection");
  }

  private Link open(LoadLoop loop, Function<Link, Role> role)
      throws InterruptedException, Waits.Failed {
    CompletableFuture<Link> opened = connections.open(loop, role);
    waits.one(opened, OPEN_SECONDS, "connecting");
    return opened.join();
  }

  // -- connections --

  /// Consumers come first: nothing that is published has to wait for them.
  void connect() throws InterruptedException, Waits.Failed {
    List<CompletableFuture<Link>> wave = new ArrayList<>();
    for (int i = 0; i < plan.consuming().consumers(); i++) {
      int consumer = i;
      LoadLoop loop = connections.loop(topology.loopOfConsumer(i));
      add(wave, loop, link -> addConsumer(link, consumer));
    }
    for (int i = 0; i < plan.beside().slowConsumers(); i++) {
      add(wave, connections.loop(i), this::addSlowConsumer);
    }
    if (topology.hasLarge()) {
      add(wave, connections.ownLoop(0), this::addLargeConsumer);
    }
    land(wave);
    for (int i = 0; i < plan.producing().producers(); i++) {
      int producer = i;
      add(wave, connections.loop(i), link -> addProducer(link, producer));
    }
    if (topology.hasLarge()) {
      add(wave, connections.ownLoop(0), this::addLargeProducer);
    }
    for (int i = 0; i < plan.beside().idleConnections(); i++) {
      add(wave, connections.loop(i), Idle::new);
    }
    land(wave);
  }

  private void add(List<CompletableFuture<Link>> wave, LoadLoop loop, Function<Link, Role> role)
      throws InterruptedException, Waits.Failed {
    wave.add(connections.open(loop, role));
    if (wave.size() == WAVE) {
      land(wave);
    }
  }

  private void land(List<CompletableFuture<Link>> wave) throws InterruptedException, Waits.Failed {
    waits.all(wave, OPEN_SECONDS, "connecting");
    wave.forEach(each -> links.add(each.join()));
    wave.clear();
  }

  private Role addConsumer(Link link, int consumer) {
    int[] queues = topology.queuesOf(consumer);
    return keep(
        link,
        new holdfast.load.Consumer.Task(
            link.loop().tally().small,
            IntStream.of(queues).mapToObj(topology::name).toArray(String[]::new),
            IntStream.of(queues).mapToObj(this::arrivalsOf).toArray(QueueArrivals[]::new),
            plan.consuming().autoAck(),
            plan.consuming().ackEvery(),
            plan.consuming().alternately(),
            plan.consuming().prefetch(),
            consumeArguments(),
            0));
  }

  private Role addSlowConsumer(Link link) {
    return keep(
        link,
        new holdfast.load.Consumer.Task(
            link.loop().tally().slow,
            new String[] {topology.name(plan.queues().count())},
            new QueueArrivals[0],
            plan.consuming().autoAck(),
            1,
            false,
            plan.consuming().prefetch(),
            consumeArguments(),
            Math.max(1, plan.beside().slowDelayMs())));
  }

  private Role addLargeConsumer(Link link) {
    return keep(
        link,
        new holdfast.load.Consumer.Task(
            link.loop().tally().large,
            new String[] {topology.largeName()},
            new QueueArrivals[] {new QueueArrivals(topology, run, true)},
            plan.consuming().autoAck(),
            1,
            false,
            plan.consuming().prefetch(),
            consumeArguments(),
            0));
  }

  private Role keep(Link link, holdfast.load.Consumer.Task task) {
    holdfast.load.Consumer consumer = new holdfast.load.Consumer(link, task);
    synchronized (consumers) {
      consumers.computeIfAbsent(link.loop(), loop -> new ArrayList<>()).add(consumer);
    }
    return consumer;
  }

  private Map<String, Object> consumeArguments() {
    return plan.queues().isStream() ? Map.of("x-stream-offset", "first") : Map.of();
  }

  private QueueArrivals arrivalsOf(int queue) {
    synchronized (arrivals) {
      int expected = plan.isProducing() ? run : -1;
      return arrivals.computeIfAbsent(
          queue, it -> new QueueArrivals(topology, expected, topology.isOrdered()));
    }
  }

  private Role addProducer(Link link, int producer) {
    int[] targets = topology.targets(producer);
    int count = plan.producing().producers();
    double intervalNs =
        plan.producing().perSecond() > 0 ? 1e9 * count / plan.producing().perSecond() : 0;
    long all = plan.span().count();
    long share = all == 0 ? Long.MAX_VALUE : all / count + (producer < all % count ? 1 : 0);
    return keep(
        link,
        new Producer.Task(
            link.loop().tally().small,
            HotFrames.stamp(run, producer),
            IntStream.of(targets).mapToObj(topology::key).toArray(String[]::new),
            IntStream.of(targets).map(topology::copies).toArray(),
            topology.exchange(),
            plan.messages().mandatory(),
            properties(),
            plan.messages().bodyBytes(),
            plan.producing().unconfirmed(),
            share,
            intervalNs * producer / count,
            intervalNs,
            0));
  }

  /// One body after the other: the next goes when the one before it is confirmed, and when it is
  /// its turn.
  private Role addLargeProducer(Link link) {
    return keep(
        link,
        new Producer.Task(
            link.loop().tally().large,
            HotFrames.stamp(run, 0),
            new String[] {topology.largeName()},
            new int[] {1},
            "",
            false,
            properties(),
            plan.beside().largeBytes(),
            1,
            Long.MAX_VALUE,
            0,
            0,
            plan.beside().largeEvery()));
  }

  private Role keep(Link link, Producer.Task task) {
    Producer producer = new Producer(link, task);
    synchronized (producers) {
      producers.computeIfAbsent(link.loop(), loop -> new ArrayList<>()).add(producer);
    }
    return producer;
  }

  private BasicProperties properties() {
    LoadPlan.Messages messages = plan.messages();
    Map<String, Object> headers = new LinkedHashMap<>();
    for (int i = 0; i < messages.headers(); i++) {
      headers.put("header-" + i, "value-" + i);
    }
    return BasicProperties.EMPTY.toBuilder()
        .headers(headers.isEmpty() ? null : headers)
        .deliveryMode(messages.persistent() ? 2 : 1)
        .expiration(messages.expirationMs() > 0 ? Long.toString(messages.expirationMs()) : null)
        .build();
  }

  // -- at work --

  void start() throws InterruptedException, Waits.Failed {
    long startNs = System.nanoTime();
    onLoops(loop -> {
      List<Producer> here = producers.getOrDefault(loop, List.of());
      here.forEach(producer -> producer.start(startNs));
      loop.pace(here.stream().filter(Producer::isPaced).toList());
    });
  }

  void stopProducers() throws InterruptedException, Waits.Failed {
    onLoops(loop -> {
      loop.unpace();
      producers.getOrDefault(loop, List.of()).forEach(Producer::stop);
    });
  }

  void measuring(boolean isMeasuring) throws InterruptedException, Waits.Failed {
    onLoops(loop -> loop.isMeasuring(isMeasuring));
  }

  /// Acknowledges what waits for its group to become full.
  void settleRests() throws InterruptedException, Waits.Failed {
    onLoops(loop ->
        consumers.getOrDefault(loop, List.of()).forEach(holdfast.load.Consumer::settleRest));
  }

  /// Messages missing between others, in all queues.
  long gaps() {
    synchronized (arrivals) {
      return arrivals.values().stream().mapToLong(QueueArrivals::gaps).sum();
    }
  }

  private void onLoops(Consumer<LoadLoop> work) throws InterruptedException, Waits.Failed {
    List<CompletableFuture<Void>> done = new ArrayList<>();
    for (LoadLoop loop : connections.loops()) {
      done.add(CompletableFuture.runAsync(() -> work.accept(loop), loop.executor()));
    }
    waits.all(done, OPEN_SECONDS, "an event loop's answer");
  }

  void close() throws InterruptedException {
    links.forEach(Link::close);
    CompletableFuture<?>[] closed =
        links.stream().map(Link::closed).toArray(CompletableFuture[]::new);
    if (!Waits.isDone(CompletableFuture.allOf(closed), CLOSE_SECONDS)) {
      links.forEach(link -> link.channel().close());
    }
  }
}
