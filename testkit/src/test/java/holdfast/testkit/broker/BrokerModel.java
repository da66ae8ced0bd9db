package holdfast.testkit.broker;

import holdfast.core.Client;
import holdfast.core.Command;
import holdfast.core.Event;
import holdfast.core.Message;
import holdfast.core.Session;
import holdfast.testkit.broker.BrokerTopology.Msg;
import holdfast.testkit.broker.BrokerTopology.Place;
import holdfast.testkit.broker.BrokerTopology.QueueM;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What clients were promised and told, kept as plainly as can be: the broker is held against it
/// with every event, and after every crash.
final class BrokerModel {
  BrokerTopology topology = new BrokerTopology();
  final Map<Integer, Msg> messages = new HashMap<>();
  final Map<Session, Talk> talks = new IdentityHashMap<>();
  final Map<Object, Integer> lastUnflagged = new HashMap<>();
  ShardDriver driver;

  /// Whether any message's way is not known exactly in this life.
  boolean vague;

  /// Everything that the gate took before this is on disk.
  private long durableUpTo;

  private int nextId;

  // --- counts, to see that the runs do what they are meant to ---
  long deliveries;
  long confirms;
  long recoveredPlaces;
  long forgottenSettlements;
  long refusedLosses;

  static void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new AssertionError(otherwise);
    }
  }

  static int idOf(byte[] body) {
    String text = new String(body, 0, Math.min(12, body.length), StandardCharsets.US_ASCII);
    return Integer.parseInt(text.substring(0, text.indexOf(' ')));
  }

  /// The driver of a new life.
  void begins(ShardDriver next) {
    driver = next;
    talks.clear();
    lastUnflagged.clear();
    vague = false;
    durableUpTo = 0;
    messages.values().forEach(m -> m.acceptedAt = 0);
    driver.onAccept = this::accepted;
  }

  Talk open(Client client, int id, Object of, boolean confirms) {
    Talk talk = new Talk(client.newSession(id), of, confirms);
    talks.put(talk.session, talk);
    return talk;
  }

  // --- publishing ---

  Message message(Talk talk, String exchange, String key, boolean persistent, int size) {
    int id = ++nextId;
    StringBuilder text = new StringBuilder(id + " ");
    while (text.length() < size) {
      text.append(id * 31 % 1000).append('.');
    }
    byte[] body = text.toString().getBytes(StandardCharsets.US_ASCII);
    Message message =
        new Message(exchange, key, TextHeaders.FORMAT, new byte[0], body, persistent, 1);
    boolean large = persistent && driver.store.isLarge(body.length);
    messages.put(id, new Msg(id, talk, persistent, large, body, message.footprint()));
    return message;
  }

  /// The gate takes a command now.
  private void accepted(Command command) {
    Talk talk = talks.get(command.session());
    if (talk == null) {
      return;
    }
    switch (command) {
      case Command.Publish publish -> {
        Msg msg = messages.get(idOf(publish.message().body()));
        msg.acceptedAt = driver.clock;
        talk.published.add(msg);
        if (talk.hasLargeUnderWay()) {
          msg.exact = false; // it is routed when that one is through, and the journal's place too
        }
        if (talk.confirms) {
          talk.unconfirmed.put(++talk.lastTag, msg);
        }
        for (QueueM queue :
            topology.route(publish.message().exchange(), publish.message().routingKey())) {
          place(msg, queue);
        }
      }
      case Command.Settle settle -> settled(talk, settle);
      case Command.SettleRow row -> {
        for (long tag = row.firstTag(); tag <= row.lastTag(); tag++) {
          settled(talk, new Command.Settle(row.session(), tag, false, Command.Outcome.ACCEPTED));
        }
      }
      case Command.Recover recover -> giveBackAll(talk);
      case Command.CloseSession close -> {
        giveBackAll(talk);
        List.copyOf(talk.takers.keySet()).forEach(tag -> remove(talk, tag));
      }
      case Command.Cancel cancel -> remove(talk, cancel.consumerTag());
      case Command.Get get -> {
        QueueM queue = topology.queue(get.queue());
        if (queue != null) {
          queue.offered = true;
        }
      }
      default -> {
        // The steps that submitted it have told the topology.
      }
    }
  }

  private static Place place(Msg msg, QueueM queue) {
    Place place = new Place(msg, queue);
    msg.places.add(place);
    queue.places.put(msg.id, place);
    return place;
  }

  private void giveBackAll(Talk talk) {
    talk.unsettled.values().forEach(BrokerModel::giveBack);
    talk.unsettled.values().forEach(p -> p.taker = null);
    talk.unsettled.clear();
    talk.takers.values().forEach(t -> t.held = 0);
  }

  private static void giveBack(Place place) {
    place.out = false;
    place.flagged = true;
  }

  private void settled(Talk talk, Command.Settle settle) {
    var which =
        settle.multiple()
            ? talk.unsettled.headMap(settle.deliveryTag(), true)
            : talk.unsettled.subMap(settle.deliveryTag(), true, settle.deliveryTag(), true);
    for (Place place : which.values()) {
      if (place.taker != null) {
        place.taker.held--;
        place.taker = null;
      }
      if (settle.outcome() == Command.Outcome.RETURNED) {
        giveBack(place);
      } else {
        place.out = false;
        place.settled = true;
        place.settledAt = talk.asked.isEmpty() ? driver.clock : Place.UNKNOWN;
      }
    }
    which.clear();
  }

  /// A consumer goes, and with the last one a queue that was to end with it.
  private void remove(Talk talk, String tag) {
    Taker taker = talk.takers.remove(tag);
    if (taker != null && --taker.queue.consumers == 0 && taker.queue.autoDelete) {
      taker.queue.change(false, driver.clock);
      routesChange();
    }
  }

  /// What is on its way in parts may be routed before or after this.
  void routesChange() {
    for (Talk talk : talks.values()) {
      if (talk.hasLargeUnderWay()) {
        vague = true;
        talk.unconfirmed.values().forEach(m -> m.exact = false);
      }
    }
  }

  // --- events ---

  void event(Event event) {
    switch (event) {
      case Event.Delivered d -> delivered(d);
      case Event.Got g -> got(g);
      case Event.GotNothing g -> gotNothing(talks.get(g.session()));
      case Event.Confirmed c -> confirmed(talks.get(c.session()), c);
      case Event.QueueDeclared q -> answered(q.session(), null);
      case Event.Removed r -> answered(r.session(), r.cause());
      case Event.Consuming c -> answered(c.session(), null);
      case Event.Done d -> answered(d.session(), d.cause());
      case Event.ConsumerCancelled c -> {
        Taker taker = talks.get(c.session()).takers.remove(c.consumerTag());
        require(taker != null && !taker.queue.now, c.consumerTag() + " was cancelled for nothing");
      }
      case Event.SessionClosed c -> sessionClosed(c);
      case Event.Failed f -> {
        boolean gone = f.cause() instanceof Command.Get get && topology.queue(get.queue()) == null;
        require(gone, "nothing may fail here: " + f.cause() + ": " + f.error());
        answered(f.session(), f.cause());
      }
      case Event.Returned r ->
          require(
              messages.get(idOf(r.message().body())).places.isEmpty() || vague,
              "a message that has a queue was returned");
      case Event.Refused r -> require(false, "no queue here refuses anything");
      case Event.ClientClosed c -> {}
      case Event.ForcedOut f -> require(false, "nobody has to go: " + f.reason());
      case Event.Blocked b -> {}
      case Event.Unblocked b -> {}
      case Event.Taken t -> {}
    }
  }

  private void sessionClosed(Event.SessionClosed closed) {
    Talk talk = talks.remove(closed.session());
    for (Msg msg : talk.published) {
      msg.confirmed = true; // who closes in order may rely on what it published
    }
    talk.asked.poll();
  }

  /// An answer came: what was asked is on disk.
  private void answered(Session session, Command cause) {
    Command first = talks.get(session).asked.poll();
    require(first != null, "an answer that nobody waits for");
    require(cause == null || cause == first, "answers out of order");
    switch (first) {
      case Command.DeclareQueue c -> {
        QueueM queue = topology.queues.get(c.name());
        queue.certain |= queue.now; // else it has deleted itself meanwhile
      }
      case Command.DeleteQueue c -> topology.queues.remove(c.name());
      case Command.DeclareExchange c -> topology.exchanges.get(c.name()).certain = true;
      case Command.DeleteExchange c -> topology.exchanges.remove(c.name());
      case Command.Bind c -> {
        BrokerTopology.BindingM binding =
            topology.binding(
                topology.exchanges.get(c.source()), topology.queues.get(c.destination()), c.key());
        if (binding != null && c.unbind()) {
          topology.bindings.remove(binding);
        } else if (binding != null) {
          binding.certain = true;
        }
      }
      default -> {
        // Nothing that could be lost.
      }
    }
  }

  private void confirmed(Talk talk, Event.Confirmed confirm) {
    var which =
        confirm.multiple()
            ? talk.unconfirmed.headMap(confirm.tag(), true)
            : talk.unconfirmed.subMap(confirm.tag(), true, confirm.tag(), true);
    require(confirm.tag() <= talk.lastTag, "a confirm for what was never published");
    for (Msg msg : which.values()) {
      msg.confirmed = true;
      confirms++;
      boolean logged = msg.places.stream().anyMatch(Place::isLogged);
      if (logged && msg.exact && !msg.large) {
        durableUpTo = Math.max(durableUpTo, msg.acceptedAt);
      }
    }
    which.clear();
    topology.durableUpTo(durableUpTo);
  }

  private Place found(QueueM queue, Message message) {
    Msg msg = messages.get(idOf(message.body()));
    require(msg != null && java.util.Arrays.equals(msg.body, message.body()), "a phantom");
    Place place = queue.places.get(msg.id);
    if (place == null && !msg.exact) {
      return place(msg, queue);
    }
    require(place != null, "message " + msg.id + " came from " + queue.name + ", where it was not");
    return place;
  }

  private void handedOut(Place place, boolean redelivered) {
    Msg msg = place.message;
    String what = "message " + msg.id + " of " + place.queue.name;
    require(!place.out, what + " is delivered while somebody has it");
    require(!place.settled, what + " is delivered after it was settled");
    require(
        redelivered == place.flagged,
        what + (redelivered ? " is flagged and was never out" : " was out and is not flagged"));
    if (!redelivered) {
      List<Object> order = List.of(msg.publisher, place.queue);
      Integer before = lastUnflagged.put(order, msg.id);
      require(before == null || before < msg.id, what + " comes after " + before);
    }
    place.delivered = true;
    deliveries++;
  }

  private void delivered(Event.Delivered d) {
    Talk talk = talks.get(d.session());
    Taker taker = talk.takers.get(d.consumerTag());
    require(taker != null, d.consumerTag() + " consumes no more");
    Place place = found(taker.queue, d.message());
    handedOut(place, d.redelivered());
    if (taker.autoSettle) {
      place.settled = true;
      place.settledAt = driver.clock;
    } else {
      place.out = true;
      require(talk.unsettled.put(d.deliveryTag(), place) == null, "a tag is used twice");
      place.taker = taker;
      taker.held++;
      require(
          taker.prefetch == 0 || taker.held <= taker.prefetch,
          d.consumerTag() + " holds " + taker.held + " with a prefetch of " + taker.prefetch);
    }
  }

  private void got(Event.Got g) {
    Talk talk = talks.get(g.session());
    Command.Get get = (Command.Get) talk.asked.poll();
    Place place = found(topology.queues.get(get.queue()), g.message());
    handedOut(place, g.redelivered());
    if (get.autoSettle()) {
      place.settled = true;
      place.settledAt = driver.clock;
    } else {
      place.out = true;
      talk.unsettled.put(g.deliveryTag(), place);
    }
  }

  private void gotNothing(Talk talk) {
    Command.Get get = (Command.Get) talk.asked.poll();
    QueueM queue = topology.queues.get(get.queue());
    for (Place place : queue.places.values()) {
      require(
          place.delivered || place.settled || !place.message.confirmed || !place.message.exact,
          "queue " + queue.name + " is said to be empty and holds message " + place.message.id);
    }
  }

  // --- at rest, and after a crash ---

  /// With everything written, what the broker counts is what the model counts.
  void requireSameCounts() {
    if (vague) {
      return;
    }
    Map<String, Event.QueueInfo> infos = new HashMap<>();
    driver.inspect().queues().forEach(info -> infos.put(info.name(), info));
    for (QueueM queue : topology.queues.values()) {
      Event.QueueInfo info = infos.remove(queue.name);
      require((info != null) == queue.now, "queue " + queue.name + " is there: " + (info != null));
      if (info != null) {
        long out = queue.places.values().stream().filter(p -> p.out).count();
        long ready = queue.places.values().stream().filter(p -> !p.out && !p.settled).count();
        require(info.ready() == ready, queue.name + " has " + info.ready() + ", not " + ready);
        require(info.unsettled() == out, queue.name + ": " + info.unsettled() + " out, not " + out);
      }
    }
    require(infos.isEmpty(), "queues that nobody declared: " + infos.keySet());
    requireMemoryWithin();
  }

  /// What is on disk need not be in memory, and if it is then once or once for each of its queues.
  /// What is not, and what is out, must be.
  private void requireMemoryWithin() {
    long least = 0;
    long most = 0;
    for (Msg msg : messages.values()) {
      List<Place> held = msg.places.stream().filter(Place::isHeld).toList();
      long onlyHere = held.stream().filter(p -> !p.isLogged()).count();
      long out = held.stream().filter(p -> p.isLogged() && p.out).count();
      least += (onlyHere == 0 ? 0 : msg.footprint) + 72 * (onlyHere + out);
      most += (msg.footprint + 72) * held.size();
    }
    long used = driver.memory.used();
    require(
        least <= used && used <= most,
        "the messages held take " + least + " to " + most + " bytes, and " + used + " are counted");
  }

  /// After a stop in order everything that the gate took is on disk.
  void stopped() {
    durableUpTo = Long.MAX_VALUE - 1;
    topology.durableUpTo(durableUpTo);
    for (Msg msg : messages.values()) {
      msg.confirmed |= msg.acceptedAt > 0 && msg.exact && !msg.large;
    }
  }

  /// Holds what was found against what was promised, and goes on from there.
  void recovered(BrokerLook found) {
    topology.recovered(found);
    requireWholeAndInOrder(found);
    for (QueueM queue : topology.queues.values()) {
      recovered(queue, found.queues.get(queue.name));
    }
    messages.values().forEach(m -> m.places.removeIf(p -> !isThere(p)));
    messages.values().removeIf(m -> m.places.isEmpty());
  }

  private boolean isThere(Place place) {
    return topology.queues.get(place.queue.name) == place.queue
        && place.queue.places.get(place.message.id) == place;
  }

  private void recovered(QueueM queue, List<BrokerLook.Found> content) {
    Map<Integer, Place> before = new LinkedHashMap<>(queue.places);
    Map<Object, Integer> last = new HashMap<>();
    queue.places.clear();
    queue.consumers = 0;
    for (BrokerLook.Found entry : content) {
      int id = idOf(entry.body());
      Msg msg = messages.get(id);
      String what = "message " + id + " in " + queue.name;
      require(msg != null && java.util.Arrays.equals(msg.body, entry.body()), what + ": a phantom");
      Place place = before.remove(id);
      require(place != null || !msg.exact && !queue.places.containsKey(id), what + ": a phantom");
      place = place == null ? place(msg, queue) : place;
      require(msg.persistent, what + " is transient and came back");
      require(!place.settled || place.settledAt >= durableUpTo, what + " was settled for good");
      require(!place.delivered || entry.redelivered(), what + " was out and is not flagged");
      require(queue.offered || !entry.redelivered(), what + " is flagged and nobody ever asked");
      Integer earlier = last.put(msg.publisher, id);
      require(earlier == null || earlier < id, what + " stands behind " + earlier);
      forgottenSettlements += place.settled ? 1 : 0;
      recoveredPlaces++;
      msg.confirmed = true;
      place.flagged = entry.redelivered();
      place.out = false;
      place.settled = false;
      place.settledAt = Place.UNKNOWN;
      queue.places.put(id, place);
    }
    for (Place gone : before.values()) {
      Msg msg = gone.message;
      boolean promised = msg.persistent && (msg.confirmed && msg.exact || gone.delivered);
      String why = msg.confirmed ? "was confirmed" : "was delivered";
      require(
          !promised || gone.settled,
          "message " + msg.id + " in " + queue.name + " " + why + " and is lost");
      refusedLosses += gone.settled ? 0 : 1;
    }
  }

  /// A message is in all its queues or in none; and of one publisher's messages those that are
  /// there come before those that are not.
  private void requireWholeAndInOrder(BrokerLook found) {
    Map<QueueM, java.util.Set<Integer>> present = new HashMap<>();
    for (QueueM queue : topology.queues.values()) {
      java.util.Set<Integer> ids = new java.util.HashSet<>();
      found.queues.get(queue.name).forEach(f -> ids.add(idOf(f.body())));
      present.put(queue, ids);
    }
    Map<Object, Integer> firstMissing = new HashMap<>();
    for (Msg msg : new TreeMap<>(messages).values()) {
      List<Place> kept =
          msg.places.stream()
              .filter(p -> p.isLogged() && !p.settled && present.containsKey(p.queue))
              .toList();
      if (!msg.exact || !msg.persistent || kept.isEmpty()) {
        continue;
      }
      long there = kept.stream().filter(p -> present.get(p.queue).contains(msg.id)).count();
      require(
          there == 0 || there == kept.size(),
          "message " + msg.id + " is in " + there + " of " + kept.size() + " queues");
      Integer missing = firstMissing.get(msg.publisher);
      require(
          there == 0 || missing == null,
          "message " + msg.id + " is there and " + missing + ", published before, is not");
      if (there == 0) {
        firstMissing.putIfAbsent(msg.publisher, msg.id);
      }
    }
  }
}
