package holdfast.testkit.broker;

import holdfast.core.Arguments;
import holdfast.core.Client;
import holdfast.core.Command;
import holdfast.core.Event;
import holdfast.core.Message;
import holdfast.testkit.broker.BrokerTopology.BindingM;
import holdfast.testkit.broker.BrokerTopology.ExchangeM;
import holdfast.testkit.broker.BrokerTopology.Fact;
import holdfast.testkit.broker.BrokerTopology.QueueM;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// What clients and the world may do next, by the dice. A session that changes queues, exchanges
/// and bindings waits for each answer before it asks again, so the model knows when a change was
/// made; publishers and consumers do not wait.
final class BrokerSteps {
  static final List<String> EXCHANGES = List.of("direct", "fanout", "topic", "other");
  private static final List<String> QUEUES =
      List.of("d1", "d2", "d3", "d4", "n1", "n2", "a1", "e1");

  /// A client with its sessions.
  private final class Peer {
    final BrokerHarness.Line line = harness.new Line();
    final Client client;
    final Talk admin;
    final List<Talk> publishers = new ArrayList<>();
    final List<Talk> consumers = new ArrayList<>();
    private int ids;

    Peer(String name) {
      client = driver.shard.newClient(name, driver.host, line);
      admin = model.open(client, ++ids, this, false);
      for (int i = 0; i < 2; i++) {
        newPublisher();
        consumers.add(model.open(client, ++ids, this, false));
      }
    }

    void newPublisher() {
      boolean confirms = dice.nextInt(4) > 0;
      Talk talk = model.open(client, ++ids, this, confirms);
      publishers.add(talk);
      if (confirms) {
        driver.submit(new Command.SelectConfirms(talk.session, true));
      }
    }

    void newConsumer() {
      consumers.add(model.open(client, ++ids, this, false));
    }
  }

  private final BrokerHarness harness;
  private final BrokerModel model;
  private final BrokerTopology topology;
  private final ShardDriver driver;
  private final SplittableRandom dice;
  private final List<Peer> peers = new ArrayList<>();
  private int tags;

  BrokerSteps(BrokerHarness harness) {
    this.harness = harness;
    this.model = harness.model;
    this.topology = model.topology;
    this.driver = harness.driver;
    this.dice = harness.dice;
    for (int i = 0; i < 3; i++) {
      peers.add(new Peer("p" + i));
    }
  }

  private <T> T one(List<T> of) {
    return of.get(dice.nextInt(of.size()));
  }

  void any() {
    Peer peer = one(peers);
    int roll = dice.nextInt(100);
    if (roll < 38) {
      publish(peer);
    } else if (roll < 50) {
      settle(one(peer.consumers));
    } else if (roll < 54) {
      consume(one(peer.consumers));
    } else if (roll < 58) {
      get(one(peer.consumers));
    } else if (roll < 60) {
      leave(peer);
    } else if (roll < 67) {
      administer(peer.admin);
    } else if (roll < 68) {
      purge(peer.admin);
    } else if (roll < 70) {
      reading(peer);
    } else {
      world(roll);
    }
  }

  /// Gate, disk and background do their part, in pieces.
  private void world(int roll) {
    if (roll < 83) {
      for (int i = dice.nextInt(12); i > 0; i--) {
        driver.step();
      }
    } else if (roll < 87) {
      driver.run();
    } else if (roll < 94) {
      driver.write();
    } else if (roll < 96) {
      driver.store.tend();
    } else {
      // What was read is there some time after it was asked for.
      for (int i = dice.nextInt(4); i > 0; i--) {
        driver.background();
      }
    }
  }

  // --- publishing ---

  private void publish(Peer peer) {
    Talk talk = one(peer.publishers);
    if (talk.closing) {
      return;
    }
    ExchangeM exchange = dice.nextInt(3) == 0 ? topology.exchange(one(EXCHANGES)) : null;
    boolean persistent = dice.nextInt(4) > 0;
    boolean large = talk.confirms && dice.nextInt(25) == 0;
    int size =
        large ? 2100 + dice.nextInt(12_000) : 8 + dice.nextInt(dice.nextInt(6) == 0 ? 1500 : 90);
    String key = exchange == null ? one(QUEUES) : one(BrokerTopology.KEYS);
    Message message =
        model.message(talk, exchange == null ? "" : exchange.name, key, persistent, size);
    if (exchange != null && !isAtRest()) {
      // Whether the exchange is still there when the gate takes it must be known.
      driver.run();
    }
    driver.submit(new Command.Publish(talk.session, message, dice.nextBoolean()));
    if (harness.plant == BrokerHarness.Plant.EARLY_CONFIRM && talk.confirms) {
      driver.run();
      if (!talk.unconfirmed.isEmpty()) {
        model.event(new Event.Confirmed(talk.session, talk.lastTag, true));
      }
    }
  }

  private boolean isAtRest() {
    return peers.stream().allMatch(p -> p.admin.isIdle());
  }

  // --- consuming ---

  private void consume(Talk talk) {
    QueueM queue = topology.queue(one(QUEUES));
    if (queue == null || talk.closing || talk.takers.size() > 3 || !mayUse(talk, queue)) {
      return;
    }
    driver.run();
    if (!talk.isIdle() || !queue.now) {
      return;
    }
    String tag = "c" + ++tags;
    boolean autoSettle = dice.nextInt(4) == 0;
    int prefetch = dice.nextInt(3) == 0 ? 0 : 1 + dice.nextInt(8);
    talk.takers.put(tag, new Taker(queue, autoSettle, prefetch));
    queue.consumers++;
    queue.offered = true;
    ask(talk, new Command.SetPrefetch(talk.session, prefetch, false));
    ask(
        talk,
        new Command.Consume(
            talk.session, queue.name, tag, "", autoSettle, false, Arguments.NONE, false));
    driver.run();
  }

  private static boolean mayUse(Talk talk, QueueM queue) {
    return queue.owner == null || queue.owner == talk.client;
  }

  private void ask(Talk talk, Command command) {
    talk.asked.add(command);
    driver.submit(command);
  }

  private void get(Talk talk) {
    QueueM queue = topology.queue(one(QUEUES));
    if (queue == null || talk.closing || !mayUse(talk, queue)) {
      return;
    }
    ask(talk, new Command.Get(talk.session, queue.name, dice.nextInt(4) == 0));
    if (dice.nextBoolean()) {
      driver.run();
    }
  }

  private void settle(Talk talk) {
    driver.run(); // what was submitted before has changed what is unsettled
    if (talk.unsettled.isEmpty() || talk.closing) {
      return;
    }
    Long tag = one(List.copyOf(talk.unsettled.keySet()));
    int roll = dice.nextInt(20);
    Command.Outcome outcome =
        roll < 14
            ? Command.Outcome.ACCEPTED
            : roll < 15 ? Command.Outcome.REJECTED : Command.Outcome.RETURNED;
    // While a get is under way the session's settlements wait behind it.
    if (roll == 19 && talk.isIdle()) {
      ask(talk, new Command.Recover(talk.session, false));
    } else if (roll < 6) {
      long last = tag;
      while (talk.unsettled.containsKey(last + 1) && dice.nextInt(8) > 0) {
        last++;
      }
      driver.submit(new Command.SettleRow(talk.session, tag, last));
    } else {
      driver.submit(new Command.Settle(talk.session, tag, dice.nextInt(3) == 0, outcome));
    }
    driver.run();
  }

  /// Consumers are cancelled, sessions closed.
  private void leave(Peer peer) {
    driver.run();
    if (dice.nextInt(4) == 0) {
      Talk talk = one(peer.publishers);
      if (!talk.hasLargeUnderWay() && talk.isIdle()) {
        peer.publishers.remove(talk);
        peer.newPublisher();
        close(talk);
      }
      return;
    }
    Talk talk = one(peer.consumers);
    if (!talk.isIdle()) {
      return;
    }
    if (dice.nextBoolean() && !talk.takers.isEmpty()) {
      String tag = talk.takers.keySet().iterator().next();
      ask(talk, new Command.Cancel(talk.session, tag, false));
    } else {
      peer.consumers.remove(talk);
      peer.newConsumer();
      close(talk);
    }
    driver.run();
  }

  private void close(Talk talk) {
    talk.closing = true;
    ask(talk, new Command.CloseSession(talk.session));
  }

  private void reading(Peer peer) {
    peer.line.reads = !peer.line.reads;
    if (peer.line.reads) {
      driver.submit(new Command.Resume(peer.client.control()));
    }
  }

  // --- queues, exchanges, bindings ---

  private void administer(Talk admin) {
    driver.run();
    if (!admin.isIdle()) {
      return;
    }
    switch (dice.nextInt(12)) {
      case 0, 1, 2, 3 -> declareQueue(admin, one(QUEUES));
      case 4 -> deleteQueue(admin, topology.queue(one(QUEUES)));
      case 5, 6, 7 -> declareExchange(admin, one(EXCHANGES));
      case 8 -> deleteExchange(admin, topology.exchange(one(EXCHANGES)));
      default -> bind(admin, topology.exchange(one(EXCHANGES)), topology.queue(one(QUEUES)));
    }
    driver.run();
  }

  private static boolean isBusy(Fact fact) {
    return fact != null && !fact.certain;
  }

  private void declareQueue(Talk admin, String name) {
    if (topology.queues.containsKey(name)) {
      return; // there, or not gone for good
    }
    boolean exclusive = name.startsWith("e");
    QueueM queue =
        new QueueM(
            name,
            !name.startsWith("n"),
            exclusive,
            name.startsWith("a"),
            exclusive ? admin.client : null);
    queue.changedAt = driver.clock;
    topology.queues.put(name, queue);
    ask(
        admin,
        new Command.DeclareQueue(
            admin.session,
            name,
            "",
            false,
            !name.startsWith("n"),
            exclusive,
            queue.autoDelete,
            Arguments.NONE,
            false));
    model.routesChange();
  }

  private void deleteQueue(Talk admin, QueueM queue) {
    if (queue == null || isBusy(queue) || !mayUse(admin, queue) || hasBusyBinding(queue)) {
      return;
    }
    // A get that is under way would find no queue, which is an error.
    for (Talk talk : model.talks.values()) {
      if (talk.asked.stream().anyMatch(c -> c instanceof Command.Get)) {
        return;
      }
    }
    model.routesChange();
    queue.change(false, driver.clock);
    ask(admin, new Command.DeleteQueue(admin.session, queue.name, false, false, false));
  }

  private boolean hasBusyBinding(Fact end) {
    return topology.bindings.stream().anyMatch(b -> (b.from == end || b.to == end) && isBusy(b));
  }

  private void declareExchange(Talk admin, String name) {
    if (topology.exchanges.containsKey(name)) {
      return;
    }
    String type = name.equals("other") ? "direct" : name;
    ExchangeM exchange = new ExchangeM(name, type, !name.equals("other"));
    exchange.changedAt = driver.clock;
    topology.exchanges.put(name, exchange);
    ask(
        admin,
        new Command.DeclareExchange(
            admin.session,
            name,
            type,
            false,
            exchange.durable,
            false,
            false,
            Arguments.NONE,
            false));
  }

  private void deleteExchange(Talk admin, ExchangeM exchange) {
    if (exchange == null || isBusy(exchange) || hasBusyBinding(exchange)) {
      return;
    }
    model.routesChange();
    exchange.change(false, driver.clock);
    ask(admin, new Command.DeleteExchange(admin.session, exchange.name, false, false));
  }

  /// One binding between an exchange and a queue at a time: what comes through tells which.
  private void bind(Talk admin, ExchangeM exchange, QueueM queue) {
    if (exchange == null || queue == null || !mayUse(admin, queue)) {
      return;
    }
    BindingM there =
        topology.bindings.stream()
            .filter(b -> b.from == exchange && b.to == queue)
            .findFirst()
            .orElse(null);
    if (isBusy(there) || isBusy(exchange) || isBusy(queue)) {
      return;
    }
    model.routesChange();
    String key = there != null ? there.key : keyFor(exchange);
    if (there != null) {
      there.change(false, driver.clock);
    } else {
      BindingM made = new BindingM(exchange, queue, key);
      made.changedAt = driver.clock;
      topology.bindings.add(made);
    }
    ask(
        admin,
        new Command.Bind(
            admin.session,
            there != null,
            true,
            exchange.name,
            queue.name,
            key,
            Arguments.NONE,
            false));
  }

  private String keyFor(ExchangeM exchange) {
    return switch (exchange.type) {
      case "direct" -> one(BrokerTopology.KEYS);
      case "fanout" -> "";
      default -> one(BrokerTopology.PATTERNS);
    };
  }

  /// With everything else at rest, for then the model knows what it removes.
  private void purge(Talk admin) {
    driver.finish();
    QueueM queue = topology.queue(one(QUEUES));
    if (queue == null || !admin.isIdle() || !mayUse(admin, queue)) {
      return;
    }
    List<BrokerTopology.Place> ready =
        queue.places.values().stream().filter(p -> !p.out && !p.settled).toList();
    ready.forEach(p -> p.settled = true); // from here on each may be there or not
    ask(admin, new Command.PurgeQueue(admin.session, queue.name, false));
    driver.finish();
    if (driver.failure != null) {
      return; // nobody knows
    }
    BrokerModel.require(admin.isIdle(), "a purge was not answered");
    ready.forEach(p -> p.settledAt = 0);
    model.requireSameCounts();
  }
}
